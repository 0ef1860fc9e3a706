/** Mixes voices in G.711 into one, 20 ms at a time. Pure: whoever sends it calls for each frame when it is due. */
import { decodeG711, encodeG711, type Law } from '../../../infra/codec/g711.ts';

/** Samples in 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160;
/** A voice begins when so many samples are there: 40 ms, for packets that come unevenly. */
const START_SAMPLES = 2 * FRAME_SAMPLES;
/** What is more than this, 200 ms, is late for good: the oldest of it is left out. */
const MOST_SAMPLES = 10 * FRAME_SAMPLES;
/** How fast a loudness follows: half of it is of the last 100 ms or so. */
const FOLLOW = 0.15;
/** Mean of the squares, in full scale 32768: below this nobody speaks. */
export const SPEAKING = 200 ** 2;

interface Voice {
  readonly samples: number[];
  plays: boolean;
  loudness: number;
}

export class Mixer {
  readonly #voices = new Map<number, Voice>();

  /** Mixes these alone from now on. */
  keepOnly(ssrcs: ReadonlySet<number>): void {
    for (const ssrc of this.#voices.keys()) if (!ssrcs.has(ssrc)) this.#voices.delete(ssrc);
  }

  take(ssrc: number, law: Law, payload: Uint8Array): void {
    const voice = this.#voices.get(ssrc) ?? { samples: [], plays: false, loudness: 0 };
    this.#voices.set(ssrc, voice);
    voice.samples.push(...decodeG711(law, payload));
    if (voice.samples.length > MOST_SAMPLES) voice.samples.splice(0, voice.samples.length - START_SAMPLES);
    if (voice.samples.length >= START_SAMPLES) voice.plays = true;
  }

  /** The next 20 ms of all, in this law. */
  frame(law: Law): Uint8Array {
    const mixed = new Int32Array(FRAME_SAMPLES);
    for (const voice of this.#voices.values()) {
      const samples = voice.plays ? voice.samples.splice(0, FRAME_SAMPLES) : [];
      if (samples.length < FRAME_SAMPLES) voice.plays = false;
      let squares = 0;
      for (const [at, sample] of samples.entries()) {
        mixed[at] = (mixed[at] ?? 0) + sample;
        squares += sample * sample;
      }
      voice.loudness += FOLLOW * (squares / FRAME_SAMPLES - voice.loudness);
    }
    return encodeG711(
      law,
      Int16Array.from(mixed, (sample) => Math.max(-32_768, Math.min(32_767, sample))),
    );
  }

  /** How loud each voice is of late: the mean of its squares. */
  loudness(): ReadonlyMap<number, number> {
    return new Map([...this.#voices].map(([ssrc, { loudness }]) => [ssrc, loudness]));
  }
}
