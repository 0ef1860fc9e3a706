/** What comes to the media socket: RTP and RTCP, from anybody who can send a datagram. */
import {
  CHANNEL_HEADER_BYTES,
  inChannel,
  looksLikeChannelData,
  readChannel,
  readChannelLength,
} from '../../infra/path/channel-data.ts';
import { CounterBlock } from '../../infra/path/counters.ts';
import { ACTION, decide, destinationsOf, MAX_DATAGRAM_BYTES, Verdict } from '../../infra/path/decision/decision.ts';
import { PathState } from '../../infra/path/state.ts';
import { readArrivalReports, writeArrivalReport } from '../../infra/rtcp/arrival-report.ts';
import { packetsOf } from '../../infra/rtcp/compound.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { shiftFeedback } from '../../infra/rtcp/feedback-shift.ts';
import { readForwardReports, writeForwardReports } from '../../infra/rtcp/forward-report.ts';
import { MOST_ASKED, readNacks, writeNack } from '../../infra/rtcp/nack.ts';
import { readReportBlocks, readSenderReports, withoutBlocks, writeReport } from '../../infra/rtcp/reception-report.ts';
import { freshCname, readCnames, writeDescription, writeGoodbye } from '../../infra/rtcp/source-description.ts';
import { readStoppedReport, writeStoppedReport } from '../../infra/rtcp/stopped-report.ts';
import {
  MOST_DIGESTED,
  readDigestAsks,
  readStreamDigests,
  writeDigestAsk,
  writeStreamDigest,
} from '../../infra/rtcp/stream-digest.ts';
import { LOOPBACK, routeOf, rtcpPacket, rtpPacket, stunMessage } from '../path/rig.ts';
import type { Target } from './play.ts';

const SSRC = 0x1234_5678;
const UPSTREAM = { host: LOOPBACK, port: 5000 };
const RECEIVER = { host: LOOPBACK, port: 5001 };
/** Of reports and requests in a datagram. */
const MOST = 31;
const BLOCK = {
  ssrc: SSRC,
  fractionLost: 3,
  packetsLost: 4,
  highestSequence: 70_000,
  jitter: 90,
  lastReport: 5,
  delaySinceLastReport: 7,
};
const SENT = { unixMs: 1_700_000_000_123, rtpTimestamp: 90_000, packets: 100, bytes: 120_000 };

const DIGEST = {
  ...{ streamSsrc: SSRC, number: 3, writtenMs: 1234, highest: 70_000 },
  packets: [{ sequence: 4464, digest: 99 }],
};

function checkDecision(bytes: Uint8Array): void {
  const state = new PathState();
  state.setTable({
    routes: [routeOf(SSRC, UPSTREAM, [RECEIVER], { limitBps: 1_000_000 })],
    sinks: [{ ssrc: SSRC, from: [UPSTREAM] }],
  });
  const counters = new CounterBlock();
  const verdict = new Verdict();
  const from = state.compiled.addresses.find(UPSTREAM.host, UPSTREAM.port);
  const action = decide(state.compiled, counters, verdict, bytes, bytes.length, from, 0);
  if (counters.read('receivedPackets') !== 1) throw new Error('it was not counted');
  if (action === ACTION.STUN && bytes.length !== 20 + Buffer.from(bytes).readUInt16BE(2))
    throw new Error('a length that STUN does not tell, and let through');
  if ((action & (ACTION.FORWARD | ACTION.DELIVER)) === 0) return;
  if (bytes.length < 12 || bytes.length > MAX_DATAGRAM_BYTES || verdict.stream === null)
    throw new Error('no RTP, and let through');
  destinationsOf(verdict.stream, bytes);
}

function checkChannelData(bytes: Uint8Array): void {
  if (!looksLikeChannelData(bytes)) return;
  const length = readChannelLength(bytes, bytes.length);
  if (length < 0) return;
  if (length > bytes.length - CHANNEL_HEADER_BYTES) throw new Error('more than there is');
  const held = bytes.subarray(CHANNEL_HEADER_BYTES, CHANNEL_HEADER_BYTES + length);
  const again = inChannel(held, readChannel(bytes));
  if (Buffer.compare(again, bytes.subarray(0, again.length)) !== 0)
    throw new Error('told again it is another datagram');
}

function checkReports(bytes: Uint8Array): void {
  let read = 0;
  for (const packet of packetsOf(bytes)) {
    read += packet.length;
    if (packet.length < 4) throw new Error('a packet shorter than its header');
  }
  if (read > bytes.length) throw new Error('more was read than there is');
  for (const report of readForwardReports(bytes)) {
    const [again] = readForwardReports(writeForwardReports([report]));
    if (JSON.stringify(again) !== JSON.stringify(report)) throw new Error('told again it is another report');
  }
  const stopped = readStoppedReport(bytes, MOST);
  if (JSON.stringify(readStoppedReport(writeStoppedReport(1, stopped), MOST)) !== JSON.stringify(stopped))
    throw new Error('told again it is another report');
  for (const report of readArrivalReports(bytes)) {
    const told = report.streams.reduce((sum, { arrivals }) => sum + arrivals.length, 0);
    if (2 * told > bytes.length) throw new Error(`${told} packets in ${bytes.length} bytes`);
    const [again] = readArrivalReports(writeArrivalReport(report));
    if (JSON.stringify(again) !== JSON.stringify(report)) throw new Error('told again it is another report');
  }
  const reports = readSenderReports(bytes, MOST);
  const blocks = readReportBlocks(bytes, MOST);
  const requests = readKeyFrameRequests(bytes, MOST);
  if (Math.max(reports.length, blocks.length, requests.length) > MOST) throw new Error('more than may be');
  for (const told of [...reports, ...blocks, ...requests]) {
    for (const value of Object.values(told)) {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('no number');
    }
  }
  for (const cname of readCnames(bytes).values()) if (cname.length > 255) throw new Error('longer than a CNAME is');
  for (const packet of packetsOf(bytes)) if (packet.length >= 28) withoutBlocks(packet);
  for (const { sequences } of readNacks(bytes)) {
    if (sequences.length > MOST_ASKED) throw new Error(`${sequences.length} packets asked for at once`);
    if (sequences.some((sequence) => !Number.isInteger(sequence) || sequence < 0 || sequence > 0xffff))
      throw new Error('no sequence numbers');
  }
  for (const told of readStreamDigests(bytes)) {
    if (told.packets.length > MOST_DIGESTED) throw new Error(`${told.packets.length} packets told of at once`);
    const sender = Buffer.from(told.packet).readUInt32BE(4);
    const again = writeStreamDigest(told, sender, () => told.signature);
    if (Buffer.compare(again, told.packet) !== 0) throw new Error('told again it is another digest');
  }
  for (const ask of readDigestAsks(bytes)) {
    const [again] = readDigestAsks(writeDigestAsk(ask, 1));
    if (JSON.stringify(again) !== JSON.stringify(ask)) throw new Error('told again it is another question');
  }
  shiftFeedback(Uint8Array.from(bytes), { source: SSRC, shown: 9, sequence: 65_000 });
}

export const PACKET_TARGETS: readonly Target[] = [
  {
    name: 'rtp',
    corpus: [
      rtpPacket({ ssrc: SSRC, sequence: 1 }),
      rtpPacket({ ssrc: SSRC, sequence: 65_535, payload: 1200 }),
      // A contributing source, and a header extension of one word (RFC 3550 section 5.3.1).
      Buffer.from('91600001000003e812345678000000010bede000010000ff00ff00ff', 'hex'),
      rtcpPacket(SSRC),
      stunMessage(),
      stunMessage(0, 528),
    ],
    check: checkDecision,
  },
  {
    name: 'channel-data',
    corpus: [
      inChannel(rtpPacket({ ssrc: SSRC, sequence: 1 }), 0x4000),
      inChannel(stunMessage(), 0x4fff),
      inChannel(new Uint8Array(0), 0x4001),
    ],
    check: checkChannelData,
  },
  {
    name: 'rtcp',
    corpus: [
      rtcpPacket(SSRC),
      writeReport(SSRC, SENT, [BLOCK]),
      writeReport(SSRC, null, [BLOCK, BLOCK]),
      writeForwardReports([
        { forwarderSsrc: 1, streamSsrc: SSRC, newest: 7 },
        { forwarderSsrc: 1, streamSsrc: 2, newest: undefined },
      ]),
      writeStoppedReport(1, [{ ssrc: SSRC, newest: 65_535, quietMs: 80 }]),
      Buffer.concat([writeReport(SSRC, SENT, [BLOCK]), writeDescription([SSRC], freshCname()), writeGoodbye([SSRC])]),
      writePictureLoss(1, SSRC),
      writeDigestAsk({ streamSsrc: SSRC, after: 7 }, 1),
      writeStreamDigest(DIGEST, 1, () => Buffer.alloc(64, 5)),
      writeNack({ senderSsrc: 1, mediaSsrc: SSRC, sequences: [65_530, 65_535, 3, 40] }),
      writeArrivalReport({
        senderSsrc: 1,
        shortNtp: 2,
        streams: [
          { ssrc: SSRC, first: 65_534, arrivals: [40, 'missing', 20] },
          { ssrc: 3, first: 0, arrivals: ['came'] },
        ],
      }),
      // A full intra request of two streams (RFC 5104 section 4.3.1).
      Buffer.from('84ce0006000000010000000012345678010000001234567902000000', 'hex'),
    ],
    check: checkReports,
  },
];
