/** One go at an allocation: which server is asked for what, and what follows from its answer. */

import type { Endpoint } from '../path/contract.ts';
import { isIpv6Host } from '../path/table/addresses.ts';
import type { StunError } from '../stun/message.ts';
import type { Answer, Request } from './exchange.ts';

/** The addresses of one server in canonical form: IPv4, IPv6, or both. */
export type ServerEndpoints = readonly [Endpoint, ...Endpoint[]];

/** UDP, the only protocol behind a server that is of use here (RFC 8656 section 18.8). */
const UDP = 17;
/** What is asked for, in seconds: how long a server keeps what a process that has died left there. */
export const LIFETIME_S = 600;

/** IPv4 comes by itself (RFC 8656 section 7.1). */
const BOTH = { additionalFamily: 'ipv6', draftAdditionalFamily: 'ipv6' } as const;
const ONLY_IPV6 = { requestedFamily: 'ipv6' } as const;

const TRY_ALTERNATE = 300;
const MISMATCH = 437;
const FAMILY_NOT_SUPPORTED = 440;

/** What stands for our socket at the server. */
export interface Relayed {
  /** What others send to: an IPv4 and an IPv6 address, or one of them. */
  readonly addresses: readonly [Endpoint, ...Endpoint[]];
  /** Where the server sees our socket. */
  readonly mapped: Endpoint | undefined;
  readonly lifetimeS: number;
}

export type Step =
  | ({ readonly kind: 'allocated' } & Relayed)
  /** Ask {@link Attempt.server} for {@link Attempt.request} now; it is another server than before where `elsewhere`. */
  | { readonly kind: 'again' | 'elsewhere' }
  /** Give back first what the server has of our address. */
  | { readonly kind: 'clear' }
  /** Null: nobody has answered. */
  | { readonly kind: 'failed'; readonly error: StunError | null };

export class Attempt {
  readonly #others: Endpoint[];
  #server: Endpoint;
  #isRedirected = false;
  #hasCleared = false;
  #onlyIpv6 = false;

  constructor([first, ...others]: ServerEndpoints) {
    this.#server = first;
    this.#others = others;
  }

  get server(): Endpoint {
    return this.#server;
  }

  /** An address of each family if the server has them: members of either can then be reached, whatever ours is. */
  get request(): Request {
    return {
      method: 'allocate',
      requestedTransport: UDP,
      lifetimeS: LIFETIME_S,
      ...(this.#onlyIpv6 ? ONLY_IPV6 : BOTH),
    };
  }

  after(answer: Answer): Step {
    if (answer.kind === 'success') {
      const { relayedAddresses: [first, ...rest] = [], mappedAddress: mapped, lifetimeS = LIFETIME_S } = answer.message;
      if (first === undefined) return { kind: 'failed', error: { code: 0, reason: 'it names no address' } };
      return { kind: 'allocated', addresses: [first, ...rest], mapped, lifetimeS };
    }
    const { error, alternateServer } = answer;
    if (error === null && this.#advance()) return { kind: 'elsewhere' };
    if (error?.code === TRY_ALTERNATE && this.#redirect(alternateServer)) return { kind: 'elsewhere' };
    if (error?.code === FAMILY_NOT_SUPPORTED && !this.#onlyIpv6) {
      this.#onlyIpv6 = true;
      return { kind: 'again' };
    }
    if (error?.code === MISMATCH && !this.#hasCleared) {
      this.#hasCleared = true;
      return { kind: 'clear' };
    }
    return { kind: 'failed', error };
  }

  /** This one is silent: another of its addresses may not be. */
  #advance(): boolean {
    const next = this.#others.shift();
    if (next !== undefined) this.#server = next;
    return next !== undefined;
  }

  /** Once, or two servers could send us to and fro for ever; and within the family that our socket has sent to (RFC 8489 section 10). */
  #redirect(to: Endpoint | undefined): boolean {
    if (to === undefined || this.#isRedirected || isIpv6Host(to.host) !== isIpv6Host(this.#server.host)) return false;
    this.#isRedirected = true;
    this.#server = to;
    return true;
  }
}

/** Whether the server says that what we have there is gone. */
export function isMismatch(answer: Answer): boolean {
  return answer.kind === 'failed' && answer.error?.code === MISMATCH;
}
