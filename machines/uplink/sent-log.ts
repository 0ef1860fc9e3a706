/** What has been sent and not yet told of, so that a receiver can be believed only about what it was really sent. */
import type { PeerId } from '../messages.ts';
import type { Sent } from './contract.ts';

/** On one leg: 2 s of 20 Mbit/s in full packets, and more than that of anything slower. What is older is forgotten untold. */
const MOST_IN_FLIGHT = 4096;

export interface InFlight {
  readonly bytes: number;
  readonly sentAtMs: number;
  /** Bytes that had left with it and before it: over all legs, and over its own. */
  readonly upTo: number;
  readonly ownUpTo: number;
  readonly resent: boolean;
  fate: 'unknown' | 'lost' | 'arrived';
}

/** Of one leg. */
export class SentLog {
  readonly leg: PeerId;
  /** By stream and number, the oldest first. */
  readonly #packets = new Map<number, InFlight>();
  #ownBytes = 0;
  #lastSentAtMs: number | undefined;

  constructor(leg: PeerId) {
    this.leg = leg;
  }

  get lastSentAtMs(): number | undefined {
    return this.#lastSentAtMs;
  }

  /** @param upTo bytes that have left over all legs, with this packet */
  add({ ssrc, seq, bytes, sentAtMs, resent }: Sent, upTo: number): void {
    const key = keyOf(ssrc, seq);
    this.#ownBytes += bytes;
    this.#lastSentAtMs = sentAtMs;
    // Only the latest of one number is told of, and which of the two that is nobody knows: a relay that has sent a packet again may be
    // handed it once more. None is of a round of 65,536 ago: so many are not in flight.
    const isAgain = this.#packets.delete(key);
    const own = { bytes, sentAtMs, upTo, ownUpTo: this.#ownBytes };
    this.#packets.set(key, { ...own, resent: resent || isAgain, fate: 'unknown' });
    if (this.#packets.size <= MOST_IN_FLIGHT) return;
    for (const oldest of this.#packets.keys()) {
      this.#packets.delete(oldest);
      return;
    }
  }

  find(ssrc: number, seq: number): InFlight | undefined {
    return this.#packets.get(keyOf(ssrc, seq));
  }
}

function keyOf(ssrc: number, seq: number): number {
  return ssrc * 0x10000 + seq;
}
