import test from 'ava';
import { RtcpPacketConverter, RtcpRrPacket, RtcpSrPacket } from 'werift-rtp';
import { readSenderReport, receiverReport, reportBlock, senderReport } from '../../actors/reports.ts';
import { readForwardReport, writeForwardReport } from '../../infra/rtp/forward-report.ts';

const RECEIVED = {
  firstSequence: 100,
  highestSequence: 299,
  deliveredPackets: 150,
  deliveredBytes: 1,
  duplicatePackets: 0,
  byUpstream: new Map(),
};

test('a sender report reads back as whose it is and how much was sent', (t) => {
  const sent = { packets: 7, bytes: 8400, timestamp: 1000, atMs: 0 };
  const block = reportBlock(5, RECEIVED, { expected: 0, received: 0 });
  t.deepEqual(readSenderReport(senderReport(9, 90_000, sent, 500, [block])), { ssrc: 9, packets: 7 });
  t.is(readSenderReport(receiverReport(9, [block])), undefined);
  t.is(readSenderReport(new Uint8Array(8)), undefined);
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

test('a forward report reads back, with and without a packet; other packets are none', (t) => {
  for (const newest of [undefined, 0, 65_535]) {
    const report = { forwarderSsrc: 0xffff_ffff, sourceSsrc: 1, newest };
    t.deepEqual(readForwardReport(writeForwardReport(new Uint8Array(40), report)), report);
  }
  t.is(readForwardReport(new Uint8Array(20)), undefined);
  t.is(readForwardReport(new Uint8Array(0)), undefined);
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
