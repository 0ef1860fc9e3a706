/** RTCP that a peer sends to every other member once a second: what it sent, and what it got (RFC 3550 section 6.4). */
import { RtcpReceiverInfo, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket } from 'werift-rtp';
import type { SsrcCounters } from '../infra/path/contract.ts';

/** Seconds from the NTP epoch (1900) to the Unix epoch (1970). */
const NTP_OFFSET_S = 2_208_988_800;

/** The newest packet of the own source, and how many there have been. */
export interface SentSoFar {
  readonly packets: number;
  readonly bytes: number;
  /** RTP timestamp of the newest packet, and when it was sent (ms since the Unix epoch). */
  readonly timestamp: number;
  readonly atMs: number;
}

/** How much of a source was expected and came, up to the last report. */
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

/** A report block (RFC 3550 section 6.4.1) on a source. */
export function reportBlock(ssrc: number, counters: SsrcCounters, before: Reception): RtcpReceiverInfo {
  const now = receptionOf(counters);
  return new RtcpReceiverInfo({
    ssrc,
    fractionLost: Math.min(255, Math.round(lossBetween(before, now) * 256)),
    packetsLost: Math.min(0x7f_ffff, Math.max(0, now.expected - now.received)),
    highestSequence: counters.highestSequence >>> 0,
    jitter: 0,
    lsr: 0,
    dlsr: 0,
  });
}

/** A receiver report: from a peer that sends nothing. */
export function receiverReport(ssrc: number, blocks: RtcpReceiverInfo[]): Buffer {
  return new RtcpRrPacket({ ssrc, reports: blocks }).serialize();
}

/** A sender report: wall clock against RTP time, how much was sent, and the blocks of a receiver report. */
export function senderReport(
  ssrc: number,
  clockRate: number,
  sent: SentSoFar,
  nowMs: number,
  blocks: RtcpReceiverInfo[],
): Buffer {
  const elapsed = Math.round(((nowMs - sent.atMs) * clockRate) / 1000);
  const senderInfo = new RtcpSenderInfo({
    ntpTimestamp: ntpOf(nowMs),
    rtpTimestamp: (sent.timestamp + elapsed) >>> 0,
    packetCount: sent.packets >>> 0,
    octetCount: sent.bytes >>> 0,
  });
  return new RtcpSrPacket({ ssrc, senderInfo, reports: blocks }).serialize();
}

/** 64-bit NTP time: seconds since 1900 and a binary fraction. */
function ntpOf(unixMs: number): bigint {
  const seconds = BigInt(Math.floor(unixMs / 1000) + NTP_OFFSET_S);
  const fraction = BigInt(Math.floor(((unixMs % 1000) / 1000) * 2 ** 32));
  return (seconds << 32n) | fraction;
}

/** RTCP packet type of a sender report, and where it ends without report blocks (RFC 3550 section 6.4.1). */
const SENDER_REPORT = 200;
const SENDER_INFO_END = 28;
const PACKET_COUNT_AT = 20;

/** Whose sender report this is and how many packets it says were sent; undefined where it is something else. */
export function readSenderReport(packet: Uint8Array): { readonly ssrc: number; readonly packets: number } | undefined {
  if (packet.length < SENDER_INFO_END || packet[1] !== SENDER_REPORT) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  return { ssrc: view.getUint32(4), packets: view.getUint32(PACKET_COUNT_AT) };
}
