/** Whether what feeds our streams sends a key frame when it is asked, as far as packets show. Said once for each stream. */
import type { Codec } from '../../../infra/codec/codec.ts';
import { showsKeyFrame, tellsKeyFrames } from '../../../infra/codec/key-frame.ts';
import type { StreamName } from '../../../machines/messages.ts';
import type { SourceAnswer } from '../../source/contract.ts';

/** An encoder that heeds requests answers within a frame or two; this allows for a slow one, in ms. */
export const ANSWER_WITHIN_MS = 4000;

interface Waiting {
  readonly how: Exclude<SourceAnswer, 'needless'>;
  readonly sinceMs: number;
}

export class KeyFrameAnswers {
  /** By own stream. */
  #codecs: ReadonlyMap<StreamName, Codec> = new Map();
  /** Where a key frame is waited for: since when, and whether its program could be asked. */
  readonly #waiting = new Map<StreamName, Waiting>();
  readonly #known = new Set<StreamName>();

  /** These are the own streams from now on; forgets all others. */
  follow(codecs: ReadonlyMap<StreamName, Codec>): void {
    this.#codecs = codecs;
    for (const stream of [...this.#waiting.keys(), ...this.#known]) if (!codecs.has(stream)) this.restarted(stream);
  }

  /** Somebody wants a key frame, for which the source has been asked, or could not be: it may send one by itself. */
  asked(stream: StreamName, how: Waiting['how'], nowMs: number): void {
    const codec = this.#codecs.get(stream)?.name;
    if (codec === undefined || !tellsKeyFrames(codec)) return;
    if (!this.#waiting.has(stream)) this.#waiting.set(stream, { how, sinceMs: nowMs });
  }

  /**
   * A packet of the stream is sent. Cheap enough to be called for every packet.
   *
   * @returns whether it is the key frame that was waited for
   */
  sent(stream: StreamName, packet: Uint8Array): boolean {
    if (!this.#waiting.has(stream) || !showsKeyFrame(this.#codecs.get(stream)?.name ?? '', packet)) return false;
    this.#waiting.delete(stream);
    return true;
  }

  /** Nobody feeds the stream, or somebody else: nothing is known of that one. */
  restarted(stream: StreamName): void {
    this.#waiting.delete(stream);
    this.#known.delete(stream);
  }

  /** The streams that have not answered in time. Each is named once. */
  overdue(nowMs: number): { readonly stream: StreamName; readonly how: Waiting['how'] }[] {
    const overdue = [...this.#waiting].filter(([, { sinceMs }]) => nowMs - sinceMs >= ANSWER_WITHIN_MS);
    return overdue.flatMap(([stream, { how }]) => {
      this.#waiting.delete(stream);
      if (this.#known.has(stream)) return [];
      this.#known.add(stream);
      return [{ stream, how }];
    });
  }

  /** When {@link overdue} may name a stream next, in ms; infinity: none is waited for. */
  get nextMs(): number {
    const since = [...this.#waiting.values()].map(({ sinceMs }) => sinceMs);
    return Math.min(...since) + ANSWER_WITHIN_MS;
  }
}
