/**
 * Which slices of others' sources do not come though they are sent: a relay takes them and forwards nothing. What is sent is
 * known from the owner's RTCP sender reports (RFC 3550 section 6.4.1, sender's packet count), so that a source that pauses
 * raises no alarm. The transport feeds it; no clock of its own, no I/O.
 */
import type { PeerId, StreamName } from '../messages.ts';
import type { TransportEvent } from '../ports.ts';
import { ALL_SLICES, SLICE_COUNT } from '../slices.ts';

/** So many packets of a slice in a row must be missing: at 4 % loss over two hops one slice in fifteen thousand looks so by chance. */
const MISSING_IN_A_ROW = 3;
/** And so many over all slices that do not come. */
const EVIDENCE_PACKETS = 8;

/** A member's stream, as far as it should come. */
export interface ExpectedStream {
  readonly owner: PeerId;
  readonly stream: StreamName;
  readonly ssrc: number;
}

interface WatchedStream extends ExpectedStream {
  /** The owner's packet count at its last report; undefined before the first. */
  sentPackets: number | undefined;
  /** Slices of which something has come since then. */
  arrived: number;
  /** By slice: packets sent since the last one came. */
  readonly missing: number[];
}

export class SliceWatch {
  readonly #streams = new Map<number, WatchedStream>();

  /** The streams that should come from now on; of those watched already it keeps what it knows. */
  watch(expected: readonly ExpectedStream[]): void {
    const wanted = new Map(expected.map((stream) => [stream.ssrc, stream]));
    for (const [ssrc, { owner, stream }] of this.#streams) {
      const still = wanted.get(ssrc);
      if (still?.owner !== owner || still.stream !== stream) this.#streams.delete(ssrc);
    }
    for (const [ssrc, stream] of wanted) {
      if (this.#streams.has(ssrc)) continue;
      const missing = new Array<number>(SLICE_COUNT).fill(0);
      this.#streams.set(ssrc, { ...stream, sentPackets: undefined, arrived: 0, missing });
    }
  }

  /** A packet of this stream has come, whichever way. Cheap enough to be called for every packet. */
  arrived(ssrc: number, sequence: number): void {
    const stream = this.#streams.get(ssrc);
    if (stream !== undefined) stream.arrived |= 1 << (sequence & (SLICE_COUNT - 1));
  }

  /** A sender report of this stream's owner: so many packets has it sent, ever. An alarm is repeated while it holds. */
  reported(ssrc: number, sentPackets: number): TransportEvent[] {
    const source = this.#streams.get(ssrc);
    if (source === undefined) return [];
    const before = source.sentPackets;
    if (before === undefined || sentPackets < before) {
      source.sentPackets = sentPackets;
      source.arrived = 0;
      source.missing.fill(0);
      return [];
    }
    const perSlice = (sentPackets - before) / SLICE_COUNT;
    let slices = 0;
    let evidence = 0;
    for (let slice = 0; slice < SLICE_COUNT; slice++) {
      const came = (source.arrived >>> slice) & 1;
      const packets = came ? 0 : (source.missing[slice] ?? 0) + perSlice;
      source.missing[slice] = packets;
      if (packets < MISSING_IN_A_ROW) continue;
      slices |= 1 << slice;
      evidence += packets;
    }
    source.sentPackets = sentPackets;
    source.arrived = 0;
    if (evidence < EVIDENCE_PACKETS) return [];
    const { owner, stream } = source;
    return [{ type: 'slices.missing', owner, stream, slices: slices & ALL_SLICES }];
  }
}
