/**
 * Where others see our socket: asks several servers and keeps asking (RFC 8489 section 7.2, usage of RFC 8445 section 5.1.1.2).
 *
 * Owns neither socket nor clock: each method takes what has happened and the time, and tells what to send and when to wake it.
 */

import type { Endpoint } from '../path/contract.ts';
import { endpointText } from '../path/table/addresses.ts';
import type { ReceivedStun, StunError } from './message.ts';
import { type Datagram, earliest, type Outgoing } from './outgoing.ts';
import { Transaction } from './transaction.ts';
import { writeStun } from './write.ts';

/** Routers forget a UDP mapping after 30 s without a packet (RFC 4787 section 4.3 asks for more, and is not obeyed). In ms. */
const ASK_AGAIN_MS = 25_000;

/** What one server has said. */
export type Reflexive =
  | { readonly kind: 'asking' }
  | { readonly kind: 'mapped'; readonly address: Endpoint }
  /** It did not answer the last request, or with an error: what it said before may no longer be true. */
  | { readonly kind: 'failed'; readonly error: StunError | null };

/** How a router chooses the outside address (RFC 4787 section 4.1). `dependent`: another one for each destination, "symmetric". */
export type Mapping = 'independent' | 'dependent';

export interface StunClientOptions {
  /** {@link freshTransactionId}, or in a test what it likes. */
  readonly transactionId: () => string;
}

interface Server {
  readonly endpoint: Endpoint;
  reflexive: Reflexive;
  /** Null: the last request has been answered or given up. */
  request: { readonly id: string; readonly transaction: Transaction } | null;
  askAgainAtMs: number;
}

export class StunClient {
  readonly #transactionId: () => string;
  readonly #servers = new Map<string, Server>();

  constructor({ transactionId }: StunClientOptions) {
    this.#transactionId = transactionId;
  }

  /** Servers by `host:port`, and what each has said. */
  get reflexives(): ReadonlyMap<string, Reflexive> {
    return new Map([...this.#servers].map(([text, { reflexive }]) => [text, reflexive]));
  }

  /**
   * Asks these from now on and no others. What a server that stays has said stands.
   *
   * @param endpoints in canonical form, and no more than the caller wants to send to
   */
  setServers(endpoints: readonly Endpoint[], nowMs: number): Outgoing {
    const wanted = new Map(endpoints.map((endpoint) => [endpointText(endpoint), endpoint]));
    for (const text of this.#servers.keys()) if (!wanted.has(text)) this.#servers.delete(text);
    for (const [text, endpoint] of wanted) {
      if (this.#servers.has(text)) continue;
      this.#servers.set(text, { endpoint, reflexive: { kind: 'asking' }, request: null, askAgainAtMs: nowMs });
    }
    return this.wake(nowMs);
  }

  /** Asks all of them anew, now: the network has changed, or may have. What they have said before no longer counts. */
  askAnew(nowMs: number): Outgoing {
    for (const server of this.#servers.values()) {
      server.reflexive = { kind: 'asking' };
      server.request = null;
      server.askAgainAtMs = nowMs;
    }
    return this.wake(nowMs);
  }

  /**
   * A STUN message has come. Only an answer to a request under way, from the server that was asked, is believed.
   *
   * @returns undefined where it is not for this client
   */
  take(message: ReceivedStun, from: Endpoint, nowMs: number): Outgoing | undefined {
    const server = this.#servers.get(endpointText(from));
    if (server?.request?.id !== message.transactionId || message.method !== 'binding') return undefined;
    const reflexive = reflexiveOf(message);
    if (reflexive === undefined) return undefined;
    server.reflexive = reflexive;
    server.request = null;
    server.askAgainAtMs = nowMs + ASK_AGAIN_MS;
    return this.wake(nowMs);
  }

  wake(nowMs: number): Outgoing {
    const datagrams = [...this.#servers.values()].flatMap((server) => this.#datagramsTo(server, nowMs));
    const times = [...this.#servers.values()].map(
      ({ request, askAgainAtMs }) => request?.transaction.nextAtMs ?? askAgainAtMs,
    );
    return { datagrams, wakeAtMs: earliest(...times) };
  }

  #datagramsTo(server: Server, nowMs: number): readonly Datagram[] {
    if (server.request === null && nowMs >= server.askAgainAtMs) {
      const id = this.#transactionId();
      const bytes = writeStun({ class: 'request', method: 'binding', transactionId: id });
      server.request = { id, transaction: new Transaction(bytes, nowMs) };
    }
    if (server.request === null) return [];
    const { transaction } = server.request;
    const next = transaction.poll(nowMs);
    if (next === 'send') return [{ to: server.endpoint, bytes: transaction.bytes }];
    if (next === 'failed') {
      server.reflexive = { kind: 'failed', error: null };
      server.request = null;
      server.askAgainAtMs = nowMs + ASK_AGAIN_MS;
    }
    return [];
  }
}

/**
 * How the router maps, as far as two servers or more have told: the idea of RFC 5780 section 4.3 without its attributes.
 *
 * @returns undefined where fewer than two have told an address of this family
 */
export function mappingOf(reflexives: Iterable<Reflexive>, family: 'ipv4' | 'ipv6'): Mapping | undefined {
  const addresses = [...reflexives].flatMap((reflexive) => {
    const isOurs = reflexive.kind === 'mapped' && reflexive.address.host.includes(':') === (family === 'ipv6');
    return isOurs ? [endpointText(reflexive.address)] : [];
  });
  if (addresses.length < 2) return undefined;
  return new Set(addresses).size === 1 ? 'independent' : 'dependent';
}

/** Undefined: no answer, or one that asks for what we do not understand (RFC 8489 section 6.3.3). */
function reflexiveOf({ class: kind, mappedAddress, error, notUnderstood }: ReceivedStun): Reflexive | undefined {
  if (notUnderstood.length > 0) return undefined;
  if (kind === 'success' && mappedAddress !== undefined) return { kind: 'mapped', address: mappedAddress };
  return kind === 'error' && error !== undefined ? { kind: 'failed', error } : undefined;
}
