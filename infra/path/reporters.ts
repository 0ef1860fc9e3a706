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

export class Reporters {
  /** Each known address has its own, or one member could keep those of all others out. */
  #known: ReadonlyMap<number, CheckAllowance> = new Map();
  /** All others have one together: whoever writes an address into a datagram can have as many as it likes. */
  readonly #strangers = new CheckAllowance();

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
    return (this.#known.get(address) ?? this.#strangers).take(nowMs);
  }

  /** @param anew whether ids stand for other addresses than before */
  replace(ids: readonly number[], anew: boolean): void {
    const before = this.#known;
    this.#known = new Map(ids.map((id) => [id, (anew ? undefined : before.get(id)) ?? new CheckAllowance()]));
  }
}

/** A token bucket of messages; it starts full. */
class CheckAllowance {
  #left = CHECKS_AT_ONCE;
  #filledAtMs = 0;

  take(nowMs: number): boolean {
    const filled = (Math.max(0, nowMs - this.#filledAtMs) * CHECKS_PER_SECOND) / 1000;
    this.#filledAtMs = nowMs;
    this.#left = Math.min(CHECKS_AT_ONCE, this.#left + filled);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
