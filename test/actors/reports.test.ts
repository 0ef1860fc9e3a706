import test from 'ava';
import { RtcpPacketConverter, RtcpRrPacket, RtcpSrPacket } from 'werift-rtp';
import { readSenderReports, receiverReport, reportBlock, senderReport } from '../../actors/reports.ts';
import { readForwardReports, writeForwardReports } from '../../infra/rtp/forward-report.ts';

const RECEIVED = {
  firstSequence: 100,
  highestSequence: 299,
  deliveredPackets: 150,
  deliveredBytes: 1,
  duplicatePackets: 0,
  byUpstream: new Map(),
};

const SENT = { packets: 7, bytes: 8400, timestamp: 1000, atMs: 0 };

test('the sender reports of a datagram read back as whose each is and how much was sent', (t) => {
  const block = reportBlock(5, RECEIVED, { expected: 0, received: 0 });
  const first = senderReport(9, 90_000, SENT, 500, [block]);
  const second = senderReport(10, 48_000, { ...SENT, packets: 3 }, 500, []);
  const other = receiverReport(11, [block]);
  t.deepEqual(
    readSenderReports(Buffer.concat([first, other, second])).map(({ bytes, ...rest }) => ({
      ...rest,
      length: bytes.length,
    })),
    [
      { ssrc: 9, packets: 7, length: 52 },
      { ssrc: 10, packets: 3, length: 28 },
    ],
  );
  t.deepEqual(readSenderReports(other), []);
  t.deepEqual(readSenderReports(new Uint8Array(8)), []);
});

test('what is malformed ends a datagram, and no more reports are read than a peer has streams', (t) => {
  const report = senderReport(9, 90_000, SENT, 500, []);
  const longer = Uint8Array.from(report);
  longer[3] = 7;
  const version1 = Uint8Array.from(report);
  version1[0] = 0x40;
  t.is(readSenderReports(Buffer.concat([report, longer])).length, 1);
  t.is(readSenderReports(Buffer.concat([report, version1, report])).length, 1);
  t.is(readSenderReports(report.subarray(0, 27)).length, 0);
  t.is(readSenderReports(Buffer.concat(Array(20).fill(report))).length, 8);
});

test('RTP time goes on with the wall clock after the newest packet', (t) => {
  const report = senderReport(9, 90_000, { packets: 1, bytes: 1, timestamp: 0xffff_ffff, atMs: 1000 }, 1500, []);
  const view = new DataView(report.buffer);
  t.is(view.getUint32(16), 44_999);
  t.is(view.getUint32(8), 2_208_988_801);
  t.is(view.getUint32(12), 2 ** 31);
});

test('a report block tells the share lost since the last one, and all that is missing', (t) => {
  t.like(reportBlock(5, RECEIVED, { expected: 0, received: 0 }), { fractionLost: 64, packetsLost: 50 });
  t.like(reportBlock(5, RECEIVED, { expected: 100, received: 100 }), { fractionLost: 128, packetsLost: 50 });
  t.like(reportBlock(5, RECEIVED, { expected: 200, received: 150 }), { fractionLost: 0 });
});

test('forward reports of several streams read back from one datagram, with and without a packet; other packets are none', (t) => {
  const reports = [undefined, 0, 65_535].map((newest, index) => ({
    forwarderSsrc: 0xffff_ffff,
    streamSsrc: index,
    newest,
  }));
  t.deepEqual(readForwardReports(writeForwardReports(reports)), reports);
  t.deepEqual(readForwardReports(Buffer.concat([receiverReport(9, []), writeForwardReports(reports)])), reports);
  t.deepEqual(readForwardReports(senderReport(9, 90_000, SENT, 500, [])), []);
  t.deepEqual(readForwardReports(new Uint8Array(20)), []);
  t.deepEqual(readForwardReports(new Uint8Array(0)), []);
});

test('werift-rtp reads reports as they were meant', (t) => {
  const block = reportBlock(0xffff_fffe, RECEIVED, { expected: 0, received: 0 });
  const sent = { packets: 7, bytes: 8400, timestamp: 1000, atMs: 0 };
  const [sender] = RtcpPacketConverter.deSerialize(Buffer.from(senderReport(9, 90_000, sent, 500, [block, block])));
  const [receiver] = RtcpPacketConverter.deSerialize(Buffer.from(receiverReport(9, [block])));
  if (!(sender instanceof RtcpSrPacket) || !(receiver instanceof RtcpRrPacket)) return t.fail();
  const read = {
    ssrc: 0xffff_fffe,
    fractionLost: 64,
    packetsLost: 50,
    highestSequence: 299,
    jitter: 0,
    lsr: 0,
    dlsr: 0,
  };
  t.is(sender.ssrc, 9);
  t.like(sender.senderInfo, { rtpTimestamp: 46_000, packetCount: 7, octetCount: 8400 });
  t.like(sender.reports, [read, read]);
  t.is(receiver.ssrc, 9);
  return t.like(receiver.reports, [read]);
});
