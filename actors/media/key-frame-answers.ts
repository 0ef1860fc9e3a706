/** Whether what feeds our streams sends a key frame when it is asked, as far as packets show. Said once for each stream. */
import type { Codec } from '../../infra/rtp/codec.ts';
import { showsKeyFrame, tellsKeyFrames } from '../../infra/rtp/key-frame.ts';
import type { StreamName } from '../../machines/messages.ts';

/** An encoder that heeds requests answers within a frame or two; this allows for a slow one, in ms. */
export const ANSWER_WITHIN_MS = 4000;

export class KeyFrameAnswers {
  /** By own stream. */
  readonly #codecs: ReadonlyMap<StreamName, Codec>;
  /** Since when a key frame is waited for. */
  readonly #askedMs = new Map<StreamName, number>();
  readonly #known = new Set<StreamName>();

  /** @param codecs of the own streams */
  constructor(codecs: ReadonlyMap<StreamName, Codec>) {
    this.#codecs = codecs;
  }

  /** The source has been asked. */
  asked(stream: StreamName, nowMs: number): void {
    const codec = this.#codecs.get(stream)?.name;
    if (codec === undefined || !tellsKeyFrames(codec)) return;
    if (!this.#askedMs.has(stream)) this.#askedMs.set(stream, nowMs);
  }

  /**
   * A packet of the stream is sent. Cheap enough to be called for every packet.
   *
   * @returns whether it is the key frame that was waited for
   */
  sent(stream: StreamName, packet: Uint8Array): boolean {
    if (!this.#askedMs.has(stream) || !showsKeyFrame(this.#codecs.get(stream)?.name ?? '', packet)) return false;
    this.#askedMs.delete(stream);
    return true;
  }

  /** Nobody feeds the stream, or somebody else: nothing is known of that one. */
  restarted(stream: StreamName): void {
    this.#askedMs.delete(stream);
    this.#known.delete(stream);
  }

  /** The streams that have not answered in time. Each is named once. */
  overdue(nowMs: number): StreamName[] {
    const overdue = [...this.#askedMs].filter(([, askedMs]) => nowMs - askedMs >= ANSWER_WITHIN_MS);
    return overdue.flatMap(([stream]) => {
      this.#askedMs.delete(stream);
      if (this.#known.has(stream)) return [];
      this.#known.add(stream);
      return [stream];
    });
  }

  /** When {@link overdue} may name a stream next, in ms; infinity: none is waited for. */
  get nextMs(): number {
    return Math.min(...this.#askedMs.values()) + ANSWER_WITHIN_MS;
  }
}
