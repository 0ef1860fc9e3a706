/**
 * Who besides the senders of streams may reach the program: the table's reporters by RTCP, and anybody by STUN, which is how two peers
 * meet. So the latter is rationed here, before anything is handed over.
 */

/**
 * How many STUN messages are taken a second, and at once. A pair that looks for its path checks each address 20 times a second: a room
 * of ten that meets anew comes to a few hundred. To read and to refuse so many takes the program about 1 % of a core.
 */
export const CHECKS_PER_SECOND = 1000;
export const CHECKS_AT_ONCE = 200;

/**
 * How many RTP packets of one address are acknowledged a second, and at once: above 200 Mbit/s in full packets. Whoever floods fills
 * no more of the log than that, and nobody else's packets go without.
 */
const ACKNOWLEDGED_PER_SECOND = 20_000;
const ACKNOWLEDGED_AT_ONCE = 2000;

/** What one address may ask of us. */
class Reporter {
  readonly checks = new Allowance(CHECKS_PER_SECOND, CHECKS_AT_ONCE);
  readonly arrivals = new Allowance(ACKNOWLEDGED_PER_SECOND, ACKNOWLEDGED_AT_ONCE);
}

export class Reporters {
  /** Each known address has its own, or one member could keep those of all others out. */
  #known: ReadonlyMap<number, Reporter> = new Map();
  /** All others have one together: whoever writes an address into a datagram can have as many as it likes. */
  readonly #strangers = new Reporter();

  /** By address id. */
  get ids(): number[] {
    return [...this.#known.keys()];
  }

  /** Whether RTCP is taken from this address. */
  has(address: number): boolean {
    return this.#known.has(address);
  }

  /** Whether a STUN message from this address is taken now, which counts it. Allocates nothing. */
  takesCheck(address: number, nowMs: number): boolean {
    return (this.#known.get(address) ?? this.#strangers).checks.take(nowMs);
  }

  /** Whether an RTP packet from this address is acknowledged, which counts it. Allocates nothing. */
  takesArrival(address: number, nowMs: number): boolean {
    return this.#known.get(address)?.arrivals.take(nowMs) ?? false;
  }

  /** @param anew whether ids stand for other addresses than before */
  replace(ids: readonly number[], anew: boolean): void {
    const before = this.#known;
    this.#known = new Map(ids.map((id) => [id, (anew ? undefined : before.get(id)) ?? new Reporter()]));
  }
}

/** A token bucket of messages; it starts full. */
class Allowance {
  readonly #perSecond: number;
  readonly #atOnce: number;
  #left: number;
  #filledAtMs = 0;

  constructor(perSecond: number, atOnce: number) {
    this.#perSecond = perSecond;
    this.#atOnce = atOnce;
    this.#left = atOnce;
  }

  take(nowMs: number): boolean {
    const filled = (Math.max(0, nowMs - this.#filledAtMs) * this.#perSecond) / 1000;
    this.#filledAtMs = nowMs;
    this.#left = Math.min(this.#atOnce, this.#left + filled);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
