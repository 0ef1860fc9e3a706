/**
 * How fast packets may leave: no more than the uplink takes, so that no router on the way has to hold what an encoder hands over at
 * once (RFC 8085 section 3.1.3; a leaky bucket in the form of GCRA, ITU-T I.371). The memory may be shared: both threads that send
 * spend of one uplink. Where both write at the same moment one packet's cost may be lost, which is less than a pacer's slack.
 */

/**
 * So much may leave ahead of its turn, in ms at the pace: small frames go at once, and a timer that is some ms late loses no
 * throughput.
 */
const PACE_SLACK_MS = 5;

const RATE = 0;
const FREE_AT = 1;

const PACE_BYTES = 8 * 2;

export class Pace {
  readonly memory: SharedArrayBuffer;
  readonly #state: Float64Array;

  /** @param memory zeroed for a pace without a limit */
  constructor(memory = new SharedArrayBuffer(PACE_BYTES)) {
    this.memory = memory;
    this.#state = new Float64Array(memory);
  }

  /** bit/s of UDP payload; 0: no limit. */
  get rateBps(): number {
    return this.#state[RATE] ?? 0;
  }

  set rateBps(bps: number) {
    this.#state[RATE] = bps;
  }

  /** What has left counts, whether there was room for it or not. */
  spend(bytes: number, nowMs: number): void {
    const rateBps = this.rateBps;
    if (rateBps > 0) this.#state[FREE_AT] = Math.max(this.#freeAtMs, nowMs) + (8000 * bytes) / rateBps;
  }

  /** How long until something may leave, in ms; 0 or less: now. */
  waitMs(nowMs: number): number {
    return this.rateBps > 0 ? this.#freeAtMs - PACE_SLACK_MS - nowMs : 0;
  }

  get #freeAtMs(): number {
    return this.#state[FREE_AT] ?? 0;
  }
}
