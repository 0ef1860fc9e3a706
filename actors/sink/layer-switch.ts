/**
 * Which layer of a group is shown, of which one comes at a time: a change of the layer should look like a change of the encoder's
 * mind. What comes of the old layer while the new one runs is left out.
 */
import { readSsrc } from '../../infra/rtp/header.ts';
import type { ShownStream } from './shown-stream.ts';

/** A layer that was silent for this long, in ms, has been left: longer than a frame, so that two do not alternate. */
const TAKEOVER_SILENCE_MS = 250;

export class LayerSwitch {
  readonly #shown: ShownStream;
  /** By SSRC, when a layer was heard last, in ms. */
  readonly #heardMs = new Map<number, number>();

  constructor(shown: ShownStream) {
    this.#shown = shown;
  }

  /** Forgets all layers but these. */
  keepOnly(ssrcs: ReadonlySet<number>): void {
    for (const ssrc of this.#heardMs.keys()) if (!ssrcs.has(ssrc)) this.#heardMs.delete(ssrc);
  }

  /** A copy of the packet with its place in the one stream; undefined for what is left out. */
  take(packet: Uint8Array, nowMs: number): Uint8Array | undefined {
    const ssrc = readSsrc(packet);
    const heardMs = this.#heardMs.get(ssrc) ?? Number.NEGATIVE_INFINITY;
    this.#heardMs.set(ssrc, nowMs);
    const runs = ssrc === this.#shown.shift?.source;
    // A layer that begins is the one that we were moved to.
    const begins = nowMs - heardMs >= TAKEOVER_SILENCE_MS;
    if (!runs && !begins && this.#shown.silentMs(nowMs) < TAKEOVER_SILENCE_MS) return undefined;
    return this.#shown.take(packet, nowMs);
  }
}
