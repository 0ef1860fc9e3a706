/** RTCP that a peer sends, put together: what it sent, what it got, and who it is (RFC 3550 sections 6.1 and 6.4). */
import type { SsrcCounters } from '../../../infra/path/contract.ts';
import { type ReportBlock, writeReport } from '../../../infra/rtcp/reception-report.ts';
import { writeDescription } from '../../../infra/rtcp/source-description.ts';
import type { Measured } from './received-streams.ts';

/** How much of an own stream has been sent. */
export interface SentSoFar {
  readonly ssrc: number;
  readonly packets: number;
  /** Of payload. */
  readonly bytes: number;
  /** RTP time at the moment of the report. */
  readonly rtpTimestamp: number;
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
export function reportBlock(ssrc: number, counters: SsrcCounters, before: Reception, measured: Measured): ReportBlock {
  const now = receptionOf(counters);
  return {
    ssrc,
    fractionLost: Math.min(255, Math.round(lossBetween(before, now) * 256)),
    packetsLost: Math.min(0x7f_ffff, Math.max(0, now.expected - now.received)),
    highestSequence: counters.highestSequence,
    ...measured,
  };
}

/** Who a peer is to receivers of RTCP: under which SSRC it speaks, and one name for all of its streams. */
export interface RtcpIdentity {
  readonly ssrc: number;
  readonly cname: string;
}

/**
 * One datagram: a sender report of each own stream that has begun, what has come in the first of them, or of a peer that has sent
 * nothing in a receiver report; and who they are from.
 */
export function reportDatagram(
  { ssrc, cname }: RtcpIdentity,
  sent: readonly SentSoFar[],
  blocks: readonly ReportBlock[],
  unixMs: number,
): Uint8Array {
  const reports = sent.map((stream, index) =>
    writeReport(stream.ssrc, { ...stream, unixMs }, index === 0 ? blocks : []),
  );
  const speaks = sent.length === 0 ? [ssrc] : sent.map((stream) => stream.ssrc);
  return Buffer.concat([
    ...(reports.length === 0 ? [writeReport(ssrc, null, blocks)] : reports),
    writeDescription(speaks, cname),
  ]);
}

/** A datagram for feedback or a goodbye, which never travel alone (RFC 3550 section 6.1, RFC 4585 section 3.1). */
export function compoundOf({ ssrc, cname }: RtcpIdentity, packet: Uint8Array): Uint8Array {
  return Buffer.concat([writeReport(ssrc, null, []), writeDescription([ssrc], cname), packet]);
}
