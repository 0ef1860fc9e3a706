/** Who speaks, from levels of sound: on at once, off after a pause, so that a ring around a tile does not flicker. */

/** Of full scale. Quiet speech has .03, a room's noise after the browser's suppression under .01. */
const LOUD = 0.02;
/** Longer than the pauses between words. */
const PAUSE_MS = 700;

/** When each was last loud. */
export type Loudness = Map<string, number>;

/** @param level 0 to 1. @returns whether that one speaks */
export function hear(loudness: Loudness, who: string, level: number, now: number): boolean {
  if (level >= LOUD) loudness.set(who, now);
  const last = loudness.get(who);
  return last !== undefined && now - last < PAUSE_MS;
}

/** Clear speech of one's own, not a cough far away. */
const OWN_LOUD = 0.05;
/** So much of it within a moment that it is no knock on the table. */
const LONG_MS = 500;
const MOMENT_MS = 1_500;
/** How long the person is told. */
const TOLD_MS = 4_000;

/** Notices when somebody speaks while muted. */
export class MutedTalk {
  #loudMs = 0;
  #last = 0;
  #since = 0;
  #toldUntil = 0;

  /** @returns whether to say "you are muted" now */
  hear(level: number, muted: boolean, now: number): boolean {
    const passed = this.#last === 0 ? 0 : now - this.#last;
    this.#last = now;
    if (!muted) {
      this.#loudMs = 0;
      this.#toldUntil = 0;
      return false;
    }
    if (now - this.#since > MOMENT_MS) {
      this.#since = now;
      this.#loudMs = 0;
    }
    if (level >= OWN_LOUD) this.#loudMs += passed;
    if (this.#loudMs >= LONG_MS) this.#toldUntil = now + TOLD_MS;
    return now < this.#toldUntil;
  }
}
