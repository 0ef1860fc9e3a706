/** RTCP that a peer sends to every other member once a second: what it sent, and what it got (RFC 3550 section 6.4). */
import type { SsrcCounters } from '../infra/path/contract.ts';
import { packetsOf } from '../infra/rtp/compound.ts';
import { type ReportBlock, writeReport } from '../infra/rtp/reception-report.ts';
import { MAX_STREAMS } from '../machines/messages.ts';

/** The newest packet of an own stream, and how many there have been. */
export interface SentSoFar {
  packets: number;
  bytes: number;
  /** RTP timestamp of the newest packet, and when it was sent (ms since the Unix epoch). */
  timestamp: number;
  atMs: number;
}

/** How much of a stream was expected and came, up to the last report. */
export interface Reception {
  readonly expected: number;
  readonly received: number;
}

/** The state of reception now, from the path's counters. */
export function receptionOf(counters: SsrcCounters): Reception {
  return { expected: counters.highestSequence - counters.firstSequence + 1, received: counters.deliveredPackets };
}

/** The share of packets lost between two states, 0..1. */
function lossBetween(before: Reception, after: Reception): number {
  const expected = after.expected - before.expected;
  return expected <= 0 ? 0 : Math.min(1, Math.max(0, 1 - (after.received - before.received) / expected));
}

/** A report block (RFC 3550 section 6.4.1) on a stream. */
export function reportBlock(ssrc: number, counters: SsrcCounters, before: Reception): ReportBlock {
  const now = receptionOf(counters);
  return {
    ssrc,
    fractionLost: Math.min(255, Math.round(lossBetween(before, now) * 256)),
    packetsLost: Math.min(0x7f_ffff, Math.max(0, now.expected - now.received)),
    highestSequence: counters.highestSequence,
  };
}

/** A receiver report: from a peer that sends nothing. */
export function receiverReport(ssrc: number, blocks: readonly ReportBlock[]): Uint8Array {
  return writeReport(ssrc, null, blocks);
}

/** A sender report: wall clock against RTP time, how much was sent, and the blocks of a receiver report. */
export function senderReport(
  ssrc: number,
  clockRate: number,
  sent: Readonly<SentSoFar>,
  nowMs: number,
  blocks: readonly ReportBlock[],
): Uint8Array {
  const elapsed = Math.round(((nowMs - sent.atMs) * clockRate) / 1000);
  const { packets, bytes, timestamp } = sent;
  return writeReport(ssrc, { unixMs: nowMs, rtpTimestamp: timestamp + elapsed, packets, bytes }, blocks);
}

/** RTCP packet type of a sender report, and where it ends without report blocks (RFC 3550 section 6.4.1). */
const SENDER_REPORT = 200;
const SENDER_INFO_END = 28;
const PACKET_COUNT_AT = 20;

/** A sender report as it came: whose it is, how many packets it says were sent, and its bytes, which are a view. */
export interface ReceivedSenderReport {
  readonly ssrc: number;
  readonly packets: number;
  readonly bytes: Uint8Array;
}

/** The sender reports in a datagram, at most one of each stream that a peer can have. */
export function readSenderReports(datagram: Uint8Array): ReceivedSenderReport[] {
  const reports: ReceivedSenderReport[] = [];
  for (const bytes of packetsOf(datagram)) {
    if (bytes.length < SENDER_INFO_END || bytes[1] !== SENDER_REPORT) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    reports.push({ ssrc: view.getUint32(4), packets: view.getUint32(PACKET_COUNT_AT), bytes });
    if (reports.length === MAX_STREAMS) break;
  }
  return reports;
}
