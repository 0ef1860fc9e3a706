/** What reached whom: the sinks of one process, and what each pair of source and receiver got within a window of time. */

import { readSequence, readSsrc } from '../../infra/rtp/header.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';
import type { MediaPacket, MediaSource } from './source.ts';

/** Packets sent within a window, by slice. */
export class SliceCounts {
  readonly counts = new Float64Array(SLICE_COUNT);
  total = 0;

  add(packet: MediaPacket): void {
    const slice = readSequence(packet.bytes) % SLICE_COUNT;
    this.counts[slice] = (this.counts[slice] ?? 0) + 1;
    this.total += 1;
  }
}

/** The time whose packets count, in ms. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function isWithin({ fromMs, untilMs }: Window, { sentAtMs }: MediaPacket): boolean {
  return sentAtMs >= fromMs && sentAtMs < untilMs;
}

/** One receiver's sinks: distinct packets of each source. */
export class Sinks {
  readonly #window: Window;
  /** Of every source that is played: which packets have come, one byte each. */
  readonly #seen = new Map<MediaSource, { readonly ssrc: number; packets: Uint8Array }>();
  readonly #received = new Map<MediaSource, SliceCounts>();
  readonly firstAtMs = new Map<MediaSource, number>();

  constructor(window: Window) {
    this.#window = window;
  }

  /** Returns false if this packet has been taken before. */
  take(packet: MediaPacket, nowMs: number): boolean {
    const seen = this.#seenOf(packet);
    if (seen[packet.index] === 1) return false;
    seen[packet.index] = 1;
    if (!this.firstAtMs.has(packet.source)) this.firstAtMs.set(packet.source, nowMs);
    if (isWithin(this.#window, packet)) this.receivedOf(packet.source).add(packet);
    return true;
  }

  /** Only these SSRCs are played from now on: the sinks of all others are closed. */
  playOnly(ssrcs: ReadonlySet<number>): void {
    for (const [source, { ssrc }] of this.#seen) if (!ssrcs.has(ssrc)) this.#seen.delete(source);
  }

  receivedOf(source: MediaSource): SliceCounts {
    const counts = this.#received.get(source) ?? new SliceCounts();
    this.#received.set(source, counts);
    return counts;
  }

  #seenOf({ source, index, bytes }: MediaPacket): Uint8Array {
    const seen = this.#seen.get(source) ?? { ssrc: readSsrc(bytes), packets: new Uint8Array(FIRST_SEEN) };
    this.#seen.set(source, seen);
    if (index >= seen.packets.length) {
      const larger = new Uint8Array(Math.max(index + 1, seen.packets.length * 2));
      larger.set(seen.packets);
      seen.packets = larger;
    }
    return seen.packets;
  }
}

/** Half a minute at 30 packets a second; grows as needed. */
const FIRST_SEEN = 1024;

/** Nothing came of so many packets of a slice: at 4 % loss over two hops one slice in ten million looks so by chance. */
const BROKEN_PACKETS = 5;
/** More of a source is lost than any preset's links lose. */
const BROKEN_SHARE = 0.3;

/** Whether what was sent came through, but for what links lose at random. */
export function isDelivered(sent: SliceCounts, received: SliceCounts): boolean {
  if (received.total < sent.total * (1 - BROKEN_SHARE)) return false;
  return sent.counts.every((count, slice) => count < BROKEN_PACKETS || (received.counts[slice] ?? 0) > 0);
}
