/** Reports as bytes: what is written reads back, here and elsewhere, and what is malformed ends a datagram. */
import test from 'ava';
import fc from 'fast-check';
import { RtcpPacketConverter, RtcpRrPacket, RtcpSrPacket } from 'werift-rtp';
import { ntpWords, shortNtp, unixMsOf } from '../../infra/rtcp/ntp.ts';
import {
  type ReportBlock,
  readReportBlocks,
  readSenderReports,
  withoutBlocks,
  writeReport,
} from '../../infra/rtcp/reception-report.ts';

const BLOCK: ReportBlock = {
  ...{ ssrc: 0xffff_fffe, fractionLost: 64, packetsLost: 50, highestSequence: 70_000 },
  ...{ jitter: 1234, lastReport: 0xdead_beef, delaySinceLastReport: 65_536 },
};
const SENT = { unixMs: 1500, rtpTimestamp: 46_000, packets: 7, bytes: 8400 };
const MANY = 8;

test('werift-rtp reads reports as they were meant', (t) => {
  const [sender] = RtcpPacketConverter.deSerialize(Buffer.from(writeReport(9, SENT, [BLOCK, BLOCK])));
  const [receiver] = RtcpPacketConverter.deSerialize(Buffer.from(writeReport(9, null, [BLOCK])));
  if (!(sender instanceof RtcpSrPacket) || !(receiver instanceof RtcpRrPacket)) return t.fail();
  const { lastReport: lsr, delaySinceLastReport: dlsr, ...same } = BLOCK;
  t.is(sender.ssrc, 9);
  t.like(sender.senderInfo, { rtpTimestamp: 46_000, packetCount: 7, octetCount: 8400 });
  t.like(sender.reports, [
    { ...same, lsr, dlsr },
    { ...same, lsr, dlsr },
  ]);
  return t.like(receiver.reports, [{ ...same, lsr, dlsr }]);
});

test('sender reports and blocks read back, also fewer packets lost than none', (t) => {
  const copies = { ...BLOCK, packetsLost: -3 };
  const datagram = Buffer.concat([
    writeReport(9, SENT, [BLOCK]),
    writeReport(11, null, [copies]),
    writeReport(10, SENT, []),
  ]);
  t.like(readSenderReports(datagram, MANY), [
    { ssrc: 9, ...SENT },
    { ssrc: 10, ...SENT },
  ]);
  t.deepEqual(readReportBlocks(datagram, MANY), [BLOCK, copies]);
  t.is(readSenderReports(datagram, 1).length, 1);
  t.is(readReportBlocks(datagram, 1).length, 1);
});

test('what is malformed ends a datagram', (t) => {
  const report = writeReport(9, SENT, []);
  const longer = Uint8Array.from(report);
  longer[3] = 7;
  const version1 = Uint8Array.from(report);
  version1[0] = 0x40;
  t.is(readSenderReports(Buffer.concat([report, longer]), MANY).length, 1);
  t.is(readSenderReports(Buffer.concat([report, version1, report]), MANY).length, 1);
  t.is(readSenderReports(report.subarray(0, 27), MANY).length, 0);
  t.is(readSenderReports(new Uint8Array(8), MANY).length, 0);
});

test('blocks that a report says it has and has not are not read', (t) => {
  const report = writeReport(9, null, [BLOCK]);
  report[0] = 0x9f;
  t.deepEqual(readReportBlocks(report, MANY), [BLOCK]);
});

test('a report without its blocks is the same report', (t) => {
  t.deepEqual(withoutBlocks(writeReport(9, SENT, [BLOCK, BLOCK])), writeReport(9, SENT, []));
});

test('moments read back to the microsecond, and their short form is the middle of the long one', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2e12, noNaN: true }), (unixMs) => {
      const { seconds, fraction } = ntpWords(unixMs);
      return seconds < 2 ** 32 && fraction < 2 ** 32 && Math.abs(unixMsOf(seconds, fraction) - unixMs) < 0.001;
    }),
  );
  t.is(shortNtp(0x1234_5678, 0x9abc_def0), 0x5678_9abc);
  t.deepEqual(ntpWords(1500), { seconds: 2_208_988_801, fraction: 2 ** 31 });
});
