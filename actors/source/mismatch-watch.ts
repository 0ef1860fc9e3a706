/** Notices that a program sends nothing but other payload types than the one that was declared. */

/** In ms: telephone events or noise may come before the sound does. */
const PATIENCE_MS = 2000;

export class MismatchWatch {
  #tookAny = false;
  #sinceMs: number | null = null;
  #told = false;

  /** A packet of the declared payload type has come. */
  took(): void {
    this.#tookAny = true;
  }

  /**
   * A packet of another payload type has come.
   *
   * @returns `beside`: the stream runs beside it. `instead`: it is all that comes; said once. Undefined: nothing is to be said
   */
  rejected(nowMs: number): 'beside' | 'instead' | undefined {
    if (this.#tookAny) return 'beside';
    this.#sinceMs ??= nowMs;
    if (this.#told || nowMs - this.#sinceMs < PATIENCE_MS) return undefined;
    this.#told = true;
    return 'instead';
  }
}
