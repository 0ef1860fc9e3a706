/**
 * What becomes of one datagram: the whole of the packet path's rules, with no socket and no clock. Both paths and
 * the simulator call it. It allocates nothing.
 */
import {
  hasWholeHeader,
  isRtcp,
  RTCP_MIN_BYTES,
  RTP_HEADER_BYTES,
  readSequence,
  readSsrcKey,
  readVersion,
} from '../../rtp/header.ts';
import { type CounterBlock, DROP } from '../counters.ts';
import { isStun } from '../first-byte.ts';
import { type Destinations, NO_DESTINATIONS, SLICE_COUNT, type StreamEntry, type Streams } from '../table/table.ts';
import type { Reporters } from './reporters.ts';
import { STALE } from './sequence-window.ts';

/**
 * The longest datagram taken: an Ethernet frame's payload. A longer one was put together from fragments, each of
 * which can be lost, and a relay would send every fragment again.
 */
export const MAX_DATAGRAM_BYTES = 1500;

const RTP_VERSION = 2;

/** Bits of what {@link decide} returns. 0: the datagram is dropped, and the counters know why. */
export const ACTION = {
  /** Send it to those receivers of {@link Verdict.stream} that {@link destinationsOf} names. */
  FORWARD: 1,
  /** Hand it to the local sink, as {@link Verdict.extendedSequence}. */
  DELIVER: 2,
  /** Hand it to whoever reads RTCP; nothing else is set. */
  RTCP: 4,
  /** Hand it to whoever reads STUN, with the address it came from, which the table need not name; nothing else is set. */
  STUN: 8,
} as const;

/** Where {@link decide} writes what it found. Use one for all packets; it holds what the last one left. */
export class Verdict {
  stream: StreamEntry | null = null;
  extendedSequence = 0;
}

/**
 * Decides on a datagram that was received, and counts it.
 *
 * @param packet may be longer than the datagram, as a slot of a receive buffer is
 * @param length of the datagram in bytes; may exceed `packet` if that cut it off beyond {@link MAX_DATAGRAM_BYTES}
 * @param from the sender's id in the table's address book, or `UNKNOWN_ADDRESS`
 * @param nowMs on the path's monotonic clock
 * @returns bits of {@link ACTION}
 */
export function decide(
  table: { readonly streams: Streams; readonly reporters: Reporters },
  counters: CounterBlock,
  verdict: Verdict,
  packet: Uint8Array,
  length: number,
  from: number,
  nowMs: number,
): number {
  counters.received(length);
  const fault = faultOf(packet, length);
  if (fault === IS_RTCP) return table.reporters.has(from) ? ACTION.RTCP : dropped(counters, DROP.unknownAddress);
  if (fault === IS_STUN) {
    if (!table.reporters.has(from)) counters.strangersCheck();
    return table.reporters.takesCheck(from, nowMs) ? ACTION.STUN : dropped(counters, DROP.stunFlood);
  }
  if (fault !== 0) return dropped(counters, fault);
  const stream = table.streams.get(readSsrcKey(packet));
  if (stream === undefined) return dropped(counters, DROP.unknownSsrc);
  return decideStream(stream, counters, verdict, packet, length, from, nowMs);
}

/**
 * Decides on an RTP packet of our own, before it is sent.
 *
 * @param nowMs on the path's monotonic clock
 * @returns the stream to send it along, or null (and counts why) if it is no RTP packet, has no route of our own, or is beyond its limit
 */
export function decideOwn(
  table: { readonly streams: Streams },
  counters: CounterBlock,
  packet: Uint8Array,
  nowMs: number,
): StreamEntry | null {
  const fault = faultOf(packet, packet.length);
  const stream = fault === 0 ? table.streams.get(readSsrcKey(packet)) : undefined;
  if (!stream?.own) {
    counters.drop(fault > 0 ? fault : DROP.unknownSsrc);
    return null;
  }
  if (isWithinLimit(stream, 8 * packet.length, nowMs)) return stream;
  counters.drop(DROP.aboveRate);
  return null;
}

/**
 * The clear legs that a packet with a whole header goes to, or null (and counts why) if there are none, or it is beyond their limit.
 *
 * @param stream of the packet's SSRC; undefined: it has none
 */
export function decideClear(
  stream: StreamEntry | undefined,
  counters: CounterBlock,
  packet: Uint8Array,
  nowMs: number,
): StreamEntry | null {
  const clear = stream?.clear ?? null;
  if (clear === null) return null;
  const receivers = destinationsOf(clear, packet).length;
  if (receivers === 0) return null;
  if (isWithinLimit(clear, 8 * packet.length * receivers, nowMs)) return clear;
  counters.drop(DROP.overLimit);
  return null;
}

/** Takes so many bits of what the stream's limit lets through, if they are there. */
function isWithinLimit({ limitBps, burstMs, state }: StreamEntry, bits: number, nowMs: number): boolean {
  return limitBps === Number.POSITIVE_INFINITY || state.bucket.take(bits, limitBps, burstMs, nowMs);
}

/** The receivers of an RTP packet of `stream`, by its sequence number's slice. */
export function destinationsOf(stream: StreamEntry, packet: Uint8Array): Destinations {
  return stream.destinationsBySlice[readSequence(packet) & (SLICE_COUNT - 1)] ?? NO_DESTINATIONS;
}

/** Not places in the counters. */
const IS_RTCP = -1;
const IS_STUN = -2;

/** Why the bytes are no RTP packet, as one of {@link DROP}; 0 if they are one; {@link IS_RTCP}, {@link IS_STUN}. */
function faultOf(packet: Uint8Array, length: number): number {
  if (length < RTCP_MIN_BYTES) return DROP.tooShort;
  if (length > MAX_DATAGRAM_BYTES) return DROP.tooLong;
  if (readVersion(packet) !== RTP_VERSION) return faultOfOther(packet, length);
  if (isRtcp(packet)) return IS_RTCP;
  if (length < RTP_HEADER_BYTES || !hasWholeHeader(packet, length)) return DROP.tooShort;
  return 0;
}

/** Asked last, so that RTP pays nothing for what shares its socket. ChannelData of TURN (first byte 64..79) is not taken. */
function faultOfOther(packet: Uint8Array, length: number): number {
  return isStun(packet, length) ? IS_STUN : DROP.badVersion;
}

function decideStream(
  stream: StreamEntry,
  counters: CounterBlock,
  verdict: Verdict,
  packet: Uint8Array,
  length: number,
  from: number,
  nowMs: number,
): number {
  const { inbound, state } = stream;
  for (let index = 0; index < inbound.length; index++) {
    const leg = inbound[index];
    if (leg === undefined || leg.address !== from) continue;
    leg.arrival.arrived(nowMs);
    const extended = state.window.place(readSequence(packet), nowMs);
    verdict.stream = stream;
    verdict.extendedSequence = extended;
    const forward = leg.forward ? decideForward(stream, counters, packet, length, nowMs) : 0;
    return leg.deliver ? forward | decideDelivery(stream, counters, extended, length) : forward;
  }
  return dropped(counters, DROP.unknownAddress);
}

/**
 * Copies are forwarded too: an upstream that sends a packet again answers a receiver that lost it, and only the
 * receiver knows whether it did.
 */
function decideForward(
  stream: StreamEntry,
  counters: CounterBlock,
  packet: Uint8Array,
  length: number,
  nowMs: number,
): number {
  const receivers = destinationsOf(stream, packet).length;
  if (receivers === 0) return 0;
  if (!isWithinLimit(stream, 8 * length * receivers, nowMs)) {
    stream.cache?.refuse(packet);
    return dropped(counters, DROP.overLimit);
  }
  stream.cache?.put(packet, length, nowMs);
  return ACTION.FORWARD;
}

/** A packet behind the window may have been delivered lately, so it counts as a copy. */
function decideDelivery(stream: StreamEntry, counters: CounterBlock, extended: number, length: number): number {
  if (extended !== STALE && stream.state.window.markDelivered(extended)) {
    stream.state.delivered(length);
    counters.delivered();
    return ACTION.DELIVER;
  }
  stream.state.duplicate();
  counters.duplicate();
  return 0;
}

function dropped(counters: CounterBlock, reason: number): number {
  counters.drop(reason);
  return 0;
}
