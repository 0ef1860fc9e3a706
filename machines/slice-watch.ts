/**
 * Which slices of others' sources do not come though they are sent: a relay takes them and forwards nothing. What is sent is
 * known from the owner's RTCP sender reports (RFC 3550 section 6.4.1, sender's packet count), so that a source that pauses
 * raises no alarm. The transport feeds it; no clock of its own, no I/O.
 */
import type { PeerId } from './messages.ts';
import type { TransportEvent } from './ports.ts';
import { ALL_SLICES, SLICE_COUNT } from './slices.ts';

/** So many packets of a slice in a row must be missing: at 4 % loss over two hops one slice in fifteen thousand looks so by chance. */
const MISSING_IN_A_ROW = 3;
/** And so many over all slices that do not come. */
const EVIDENCE_PACKETS = 8;

interface WatchedSource {
  /** The owner's packet count at its last report. */
  sentPackets: number;
  /** Slices of which something has come since then. */
  arrived: number;
  /** By slice: packets sent since the last one came. */
  readonly missing: number[];
}

export class SliceWatch {
  readonly #sources = new Map<number, WatchedSource>();

  /** The sources to watch from now on, by SSRC; those watched already keep what is known of them. */
  watch(ssrcs: readonly number[]): void {
    const wanted = new Set(ssrcs);
    for (const ssrc of this.#sources.keys()) if (!wanted.has(ssrc)) this.#sources.delete(ssrc);
  }

  /** A packet of this source has come, whichever way. Cheap enough to be called for every packet. */
  arrived(ssrc: number, sequence: number): void {
    const source = this.#sources.get(ssrc);
    if (source !== undefined) source.arrived |= 1 << (sequence & (SLICE_COUNT - 1));
  }

  /** A sender report of this source's owner: so many packets has it sent, ever. An alarm is repeated while it holds. */
  reported(owner: PeerId, ssrc: number, sentPackets: number): TransportEvent[] {
    const source = this.#sources.get(ssrc);
    if (source === undefined || sentPackets < source.sentPackets) {
      this.#sources.set(ssrc, { sentPackets, arrived: 0, missing: new Array(SLICE_COUNT).fill(0) });
      return [];
    }
    const perSlice = (sentPackets - source.sentPackets) / SLICE_COUNT;
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
    return evidence < EVIDENCE_PACKETS ? [] : [{ type: 'slices.missing', owner, ssrc, slices: slices & ALL_SLICES }];
  }
}
