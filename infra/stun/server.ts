/**
 * Tells a stranger from where its request came, as a STUN server does (RFC 8489 section 6.3.1), so that a room needs no other.
 *
 * It is no amplifier: an answer is at most one address longer than the request, 24 bytes, and they are few.
 */
import type { Endpoint } from '../path/contract.ts';
import type { ReceivedStun } from './message.ts';
import { writeStun } from './write.ts';

/** So many at once, and so many a second. */
interface Limit {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * In a room of 50 whose members ask each other every 25 s each gets 2 requests a second. When all ask at once because the network has
 * changed, the burst answers them.
 */
const ALL: Limit = { burst: 50, perSecond: 20 };
/** Of these, what one host gets: several members may sit behind one router. */
const ONE_HOST: Limit = { burst: 10, perSecond: 5 };
/** Hosts remembered. After 2 s one may have its whole burst again, and in 2 s no more than 90 are answered. */
const MOST_HOSTS = 100;

export class StunServer {
  /** When, at the lasting rate, all answers so far would have been given (the generic cell rate algorithm, ITU-T I.371). In ms. */
  #paidUntilMs: number | undefined;
  /** The same for each host, in the order of their last answer. */
  readonly #hostPaidUntilMs = new Map<string, number>();

  /**
   * The answer to a plain binding request: one without user name and MAC.
   *
   * @returns undefined for anything else, and beyond 20 answers a second (bursts of 50) or 5 for one host (bursts of 10)
   */
  answer(message: ReceivedStun, from: Endpoint, nowMs: number): Uint8Array | undefined {
    const { class: kind, method, username, hasIntegrity, hasFingerprint, notUnderstood, transactionId } = message;
    if (kind !== 'request' || method !== 'binding' || username !== undefined || hasIntegrity) return undefined;
    if (!this.#mayAnswer(from.host, nowMs)) return undefined;
    const options = { fingerprint: hasFingerprint };
    if (notUnderstood.length === 0) {
      return writeStun({ class: 'success', method, transactionId, mappedAddress: from }, options);
    }
    // Each type that it names took twice as many bytes in the request, so that this is no longer either.
    const error = { code: 420, reason: '' };
    return writeStun({ class: 'error', method, transactionId, error, unknownAttributes: notUnderstood }, options);
  }

  #mayAnswer(host: string, nowMs: number): boolean {
    const paid = paidAfter(this.#paidUntilMs, ALL, nowMs);
    const hostPaid = paidAfter(this.#hostPaidUntilMs.get(host), ONE_HOST, nowMs);
    if (paid === undefined || hostPaid === undefined) return false;
    this.#paidUntilMs = paid;
    this.#hostPaidUntilMs.delete(host);
    this.#hostPaidUntilMs.set(host, hostPaid);
    const [longestSilent] = this.#hostPaidUntilMs.keys();
    if (this.#hostPaidUntilMs.size > MOST_HOSTS && longestSilent !== undefined)
      this.#hostPaidUntilMs.delete(longestSilent);
    return true;
  }
}

/** Until when is paid once one more answer is given; undefined: it may not be given. */
function paidAfter(paidUntilMs: number | undefined, { burst, perSecond }: Limit, nowMs: number): number | undefined {
  const costMs = 1000 / perSecond;
  const paid = Math.max(nowMs, paidUntilMs ?? nowMs) + costMs;
  return paid - nowMs > burst * costMs ? undefined : paid;
}
