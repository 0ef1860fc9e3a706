/**
 * When a receiver asks for a key frame by itself: where the pictures of a stream begin, or begin again, nothing can be shown until
 * one comes. Driven by the packets alone.
 */
import { showsKeyFrame, tellsKeyFrames } from '../../../infra/codec/key-frame.ts';

/** A request or its key frame may be lost: it is said again after this long, which is a long round trip and an encoder's delay. In ms. */
const AGAIN_MS = 1000;
/** A gap this long has swallowed more than can be sent again, in ms. No less than {@link AGAIN_MS}: after a gap it is time to ask. */
export const GAP_MS = 1000;
/** What has sent none by then does not do so on request. */
const MOST_REQUESTS = 3;

interface Watched {
  readonly codec: string;
  lastMs: number;
  /** How often may still be asked; 0: nothing is wanted. */
  left: number;
  nextMs: number;
}

export class PictureStarts {
  readonly #streams = new Map<number, Watched>();

  /** Watches these from now on, by SSRC, each with its codec's name; forgets all others. */
  follow(codecs: ReadonlyMap<number, string>): void {
    for (const ssrc of this.#streams.keys()) if (!codecs.has(ssrc)) this.#streams.delete(ssrc);
    for (const [ssrc, codec] of codecs) {
      if (this.#streams.get(ssrc)?.codec === codec) continue;
      this.#streams.set(ssrc, { codec, lastMs: Number.NEGATIVE_INFINITY, left: 0, nextMs: 0 });
    }
  }

  /**
   * A packet with a whole header has come. Cheap enough to be called for every packet.
   *
   * @returns whether to ask for a key frame now
   */
  arrived(ssrc: number, packet: Uint8Array, nowMs: number): boolean {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined) return false;
    const silentMs = nowMs - stream.lastMs;
    stream.lastMs = nowMs;
    if (silentMs >= GAP_MS) {
      // Where nobody can tell whether it came, once must do.
      stream.left = tellsKeyFrames(stream.codec) ? MOST_REQUESTS : 1;
    }
    if (stream.left === 0) return false;
    if (showsKeyFrame(stream.codec, packet)) {
      stream.left = 0;
      return false;
    }
    if (nowMs < stream.nextMs) return false;
    stream.left--;
    stream.nextMs = nowMs + AGAIN_MS;
    return true;
  }
}
