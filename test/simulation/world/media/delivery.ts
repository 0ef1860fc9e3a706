/** What reached whom: the sinks of one process, and what each pair of stream and receiver got within a window of time. */

import { readSequence, readSsrc } from '../../../../infra/rtp/header.ts';
import { SLICE_COUNT } from '../../../../machines/slices.ts';
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

/** Half a minute at 30 packets a second; grows as needed. */
const FIRST_SEEN = 1024;

/** Which packets of one stream have come, by index; one byte each. */
export class Arrivals {
  #packets = new Uint8Array(FIRST_SEEN);

  has(index: number): boolean {
    return this.#packets[index] === 1;
  }

  add(index: number): void {
    if (index >= this.#packets.length) {
      const larger = new Uint8Array(Math.max(index + 1, this.#packets.length * 2));
      larger.set(this.#packets);
      this.#packets = larger;
    }
    this.#packets[index] = 1;
  }
}

/** One receiver's sinks: distinct packets of each source. */
export class Sinks {
  readonly #window: Window;
  /** Of every source that is played. */
  readonly #seen = new Map<MediaSource, { readonly ssrc: number; readonly packets: Arrivals }>();
  readonly #received = new Map<MediaSource, SliceCounts>();
  readonly firstAtMs = new Map<MediaSource, number>();

  constructor(window: Window) {
    this.#window = window;
  }

  /** Returns false if this packet has been taken before. */
  take(packet: MediaPacket, nowMs: number): boolean {
    const seen = this.#seenOf(packet);
    if (seen.has(packet.index)) return false;
    seen.add(packet.index);
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

  #seenOf({ source, bytes }: MediaPacket): Arrivals {
    const seen = this.#seen.get(source) ?? { ssrc: readSsrc(bytes), packets: new Arrivals() };
    this.#seen.set(source, seen);
    return seen.packets;
  }
}

/** Nothing came of so many packets of a slice: at 4 % loss over two hops one slice in ten million looks so by chance. */
const BROKEN_PACKETS = 5;
/** More of a source is lost than any preset's links lose. */
const BROKEN_SHARE = 0.3;

/** Whether what was sent came through, but for what links lose at random. */
export function cameThrough(sent: SliceCounts, received: SliceCounts): boolean {
  if (received.total < sent.total * (1 - BROKEN_SHARE)) return false;
  return sent.counts.every((count, slice) => count < BROKEN_PACKETS || (received.counts[slice] ?? 0) > 0);
}
