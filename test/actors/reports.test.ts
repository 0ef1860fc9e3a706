import test from 'ava';
import { compoundOf, reportBlock, reportDatagram } from '../../actors/media/reports/reports.ts';
import { packetsOf } from '../../infra/rtcp/compound.ts';
import { writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { readForwardReports, writeForwardReports } from '../../infra/rtcp/forward-report.ts';
import { readReportBlocks, readSenderReports, writeReport } from '../../infra/rtcp/reception-report.ts';
import { readCnames } from '../../infra/rtcp/source-description.ts';

const RECEIVED = {
  firstSequence: 100,
  highestSequence: 299,
  deliveredPackets: 150,
  deliveredBytes: 1,
  duplicatePackets: 0,
  byUpstream: new Map(),
};
const MEASURED = { jitter: 7, lastReport: 8, delaySinceLastReport: 9 };
const NOTHING = { expected: 0, received: 0 };
const IDENTITY = { ssrc: 5, cname: 'name' };
const BLOCK = reportBlock(77, RECEIVED, NOTHING, MEASURED);
const sent = (ssrc: number) => ({ ssrc, packets: 7, bytes: 8400, rtpTimestamp: 1000 });

test('a report block tells the share lost since the last one, all that is missing, and what was measured', (t) => {
  const block = (before = NOTHING) => reportBlock(5, RECEIVED, before, MEASURED);
  t.like(block(), { fractionLost: 64, packetsLost: 50, ...MEASURED });
  t.like(block({ expected: 100, received: 100 }), { fractionLost: 128, packetsLost: 50 });
  t.like(block({ expected: 200, received: 150 }), { fractionLost: 0 });
});

test('of a peer that sends, one datagram reports on each stream, holds the blocks once, and gives all of them one name', (t) => {
  const datagram = reportDatagram(IDENTITY, [sent(9), sent(10)], [BLOCK], 1500);
  t.like(readSenderReports(datagram, 8), [
    { ...sent(9), unixMs: 1500 },
    { ...sent(10), unixMs: 1500 },
  ]);
  t.deepEqual(readReportBlocks(datagram, 8), [BLOCK]);
  t.deepEqual(
    [...readCnames(datagram)],
    [
      [9, 'name'],
      [10, 'name'],
    ],
  );
});

test('of a peer that has sent nothing it is a receiver report under its own SSRC', (t) => {
  const datagram = reportDatagram(IDENTITY, [], [BLOCK], 1500);
  t.deepEqual([...packetsOf(datagram)][0], Buffer.from(writeReport(5, null, [BLOCK])));
  t.deepEqual([...readCnames(datagram)], [[5, 'name']]);
});

test('feedback travels behind a report and a name', (t) => {
  const types = [...packetsOf(compoundOf(IDENTITY, writePictureLoss(5, 9)))].map((packet) => packet[1]);
  t.deepEqual(types, [201, 202, 206]);
});

test('forward reports of several streams read back from one datagram, with and without a packet; other packets are none', (t) => {
  const reports = [undefined, 0, 65_535].map((newest, index) => ({
    forwarderSsrc: 0xffff_ffff,
    streamSsrc: index,
    newest,
  }));
  t.deepEqual(readForwardReports(writeForwardReports(reports)), reports);
  t.deepEqual(readForwardReports(Buffer.concat([writeReport(9, null, []), writeForwardReports(reports)])), reports);
  t.deepEqual(readForwardReports(reportDatagram(IDENTITY, [sent(9)], [], 500)), []);
  t.deepEqual(readForwardReports(new Uint8Array(20)), []);
  t.deepEqual(readForwardReports(new Uint8Array(0)), []);
});
