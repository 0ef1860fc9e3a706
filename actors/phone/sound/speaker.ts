/** Who speaks: the loudest, but nobody takes over from somebody who has only just begun. Pure: time is given. */

/** Whoever speaks stays for so long at least, in ms: a cough changes nothing. */
const STAYS_MS = 1500;
/** How much louder another has to be to take over. */
const LOUDER = 2;

export class SpeakerChoice {
  #ssrc: number | null = null;
  #sinceMs = Number.NEGATIVE_INFINITY;

  get ssrc(): number | null {
    return this.#ssrc;
  }

  /** @param least below this nobody speaks. @returns who speaks; null: nobody has yet */
  hear(loudness: ReadonlyMap<number, number>, least: number, nowMs: number): number | null {
    const current = this.#ssrc === null ? undefined : loudness.get(this.#ssrc);
    if (current === undefined) this.#ssrc = null;
    let [loudest, most] = [this.#ssrc, Math.max(least, LOUDER * (current ?? 0))];
    for (const [ssrc, loud] of loudness) if (ssrc !== this.#ssrc && loud > most) [loudest, most] = [ssrc, loud];
    if (loudest === this.#ssrc || (this.#ssrc !== null && nowMs - this.#sinceMs < STAYS_MS)) return this.#ssrc;
    this.#ssrc = loudest;
    this.#sinceMs = nowMs;
    return loudest;
  }
}
