/** How a person or a program asks this process to end: once politely, and once more at once. */

/** In ms. */
const SAME_KEY_PRESS_MS = 200;
/** As shells tell of a process that a signal has ended: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type LeaveSignal = keyof typeof EXIT_CODES;

/**
 * The first Ctrl-C, SIGTERM or SIGHUP aborts {@link asked}; a second Ctrl-C or SIGTERM ends the process. One Ctrl-C reaches us from
 * the terminal and again from each launcher above us (`npx`, `tsx`), within {@link SAME_KEY_PRESS_MS}: that is one.
 */
export class Leaving {
  readonly #asked = new AbortController();
  #first: { readonly signal: LeaveSignal; readonly atMs: number } | undefined;
  #hungUp = false;

  constructor() {
    process.on('SIGINT', () => this.#take('SIGINT'));
    process.on('SIGTERM', () => this.#take('SIGTERM'));
    // The terminal has been closed, which shells and the kernel say once each: no sign of impatience.
    process.on('SIGHUP', () => {
      this.#hungUp = true;
      if (this.#first === undefined) this.#take('SIGHUP');
    });
  }

  /** Is aborted once, by the first signal. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** There is no terminal any more. */
  get hungUp(): boolean {
    return this.#hungUp;
  }

  /** With which code a process ends that did nothing before it was asked to; undefined: it was not asked. */
  get exitCode(): number | undefined {
    return this.#first && EXIT_CODES[this.#first.signal];
  }

  #take(signal: LeaveSignal): void {
    const atMs = performance.now();
    if (this.#first === undefined) {
      this.#first = { signal, atMs };
      this.#asked.abort();
    } else if (atMs - this.#first.atMs > SAME_KEY_PRESS_MS) process.exit(EXIT_CODES[signal]);
  }
}
