/**
 * An address at a TURN server that stands for our socket (RFC 8656): asked for, kept, asked for again when it is lost, given back.
 *
 * Owns neither socket nor clock: each method takes what has happened and the time, and tells what to send and when to wake it.
 */
import { endpointText } from '../path/addresses.ts';
import type { Endpoint } from '../path/contract.ts';
import type { ReceivedStun } from '../stun/message.ts';
import { type Datagram, earliest, type Outgoing } from '../stun/outgoing.ts';
import { type Answer, type Credentials, type Ended, Exchange } from './exchange.ts';
import { type TurnFailure, turnFailure } from './failure.ts';
import { type Lease, Leases, requestOf, settle, type TurnPeer } from './leases.ts';

/** UDP, the only protocol behind a server that is of use here (RFC 8656 section 18.8). */
const UDP = 17;
/** What is asked for, in seconds: how long a server keeps what a process that has died left there. */
const LIFETIME_S = 600;
/** Much sooner than the allocation ends: the routers on the way keep their mapping, and a server that has died is noticed. In ms. */
const REFRESH_AFTER_MS = 25_000;
/** Where a server gives less time than that: after this share of it, but not in a loop. */
const REFRESH_AT = 0.5;
const LEAST_REFRESH_AFTER_MS = 1000;
/** After a failure it is tried again, each time later, and never given up. In ms. */
const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 60_000;
const NO_ALLOCATION = 437;

export type TurnState =
  /** Not asked for, or given back. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'allocating' }
  | {
      readonly kind: 'allocated';
      /** What others send to. */
      readonly relayed: Endpoint;
      /** Where the server sees our socket. */
      readonly mapped: Endpoint | undefined;
    }
  /** It is tried again by itself. */
  | { readonly kind: 'failed'; readonly failure: TurnFailure }
  | { readonly kind: 'closing' };

/** What the server passes on from an address that has no channel. */
export interface TurnReceived {
  readonly from: Endpoint;
  /** Shares the memory of the datagram. */
  readonly bytes: Uint8Array;
}

export interface TurnOutgoing extends Outgoing {
  readonly received?: TurnReceived;
}

type Purpose =
  | { readonly kind: 'allocate' | 'clear' | 'refresh' | 'close' }
  | { readonly kind: 'lease'; readonly lease: Lease };

export class TurnClient {
  readonly #credentials: Credentials;
  readonly #exchange: Exchange<Purpose>;
  readonly #leases = new Leases();
  #state: TurnState = { kind: 'closed' };
  /** When to refresh, or to try again; undefined: a request is under way, or there is nothing to do. */
  #nextAtMs: number | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** Whether what the server had left of an earlier process at our address has been given back. */
  #hasCleared = false;

  /** @param credentials `server` in canonical form */
  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    this.#exchange = new Exchange(credentials);
  }

  get state(): TurnState {
    return this.#state;
  }

  /** By host for permissions, by `host:port` for channels. */
  get peers(): ReadonlyMap<string, TurnPeer> {
    return this.#leases.states;
  }

  /** Asks for an allocation, unless it is there or under way. */
  open(nowMs: number): TurnOutgoing {
    if (this.#state.kind === 'closed' || this.#state.kind === 'failed') this.#allocate(nowMs);
    return this.wake(nowMs);
  }

  /** Lets through what comes from `host`, from any of its ports, until it is released. */
  permit(host: string, nowMs: number): TurnOutgoing {
    this.#leases.permit(host, nowMs);
    return this.wake(nowMs);
  }

  /**
   * Opens a channel to `peer`, and keeps it until it is released.
   *
   * @throws {RangeError} where 4096 peers have a channel already
   */
  bind(peer: Endpoint, nowMs: number): TurnOutgoing {
    this.#leases.bind(peer, nowMs);
    return this.wake(nowMs);
  }

  /** Takes no more care of a host's permission or a peer's channel: the server forgets them in some minutes. */
  release(peer: Endpoint | string): void {
    this.#leases.release(typeof peer === 'string' ? peer : endpointText(peer));
  }

  /** The channel through which packets reach `peer` now. */
  channelTo(peer: Endpoint): number | undefined {
    return this.#state.kind === 'allocated' ? this.#leases.channelTo(peer) : undefined;
  }

  /** Whose packets come through `channel`. */
  peerOf(channel: number): Endpoint | undefined {
    return this.#leases.peerOf(channel);
  }

  /** Media has stopped coming, or the network has changed: is the allocation still there? */
  doubt(nowMs: number): TurnOutgoing {
    if (this.#state.kind === 'allocated' && this.#nextAtMs !== undefined) this.#nextAtMs = nowMs;
    return this.wake(nowMs);
  }

  /** Gives the address back. `closed` follows when the server has answered, or does not. */
  close(nowMs: number): TurnOutgoing {
    if (this.#state.kind === 'closing' || this.#state.kind === 'closed') return this.wake(nowMs);
    const hasAddress = this.#state.kind === 'allocated' || this.#state.kind === 'allocating';
    this.#exchange.forget();
    this.#nextAtMs = undefined;
    this.#state = { kind: hasAddress ? 'closing' : 'closed' };
    if (hasAddress) this.#exchange.ask({ kind: 'close' }, { method: 'refresh', lifetimeS: 0 }, nowMs);
    return this.wake(nowMs);
  }

  /**
   * A STUN message has come.
   *
   * @param bytes of the message
   * @returns undefined where it is not for this client
   */
  take(message: ReceivedStun, bytes: Uint8Array, from: Endpoint, nowMs: number): TurnOutgoing | undefined {
    if (endpointText(from) !== endpointText(this.#credentials.server)) return undefined;
    if (message.class === 'indication') return this.#takeData(message, nowMs);
    const taken = this.#exchange.take(message, bytes, nowMs);
    if (taken === 'foreign') return undefined;
    if (taken !== 'asked-again') this.#end(taken, nowMs);
    return this.wake(nowMs);
  }

  wake(nowMs: number): TurnOutgoing {
    const datagrams: Datagram[] = [];
    // What nobody has answered may lead to further requests, and these go out at once.
    for (let isSettled = false; !isSettled; ) {
      this.#askDue(nowMs);
      const polled = this.#exchange.poll(nowMs);
      datagrams.push(...polled.datagrams);
      for (const ended of polled.ended) this.#end(ended, nowMs);
      isSettled = polled.ended.length === 0;
    }
    const leasesAtMs = this.#state.kind === 'allocated' ? this.#leases.nextAtMs : undefined;
    return { datagrams, wakeAtMs: earliest(this.#exchange.wakeAtMs, this.#nextAtMs, leasesAtMs) };
  }

  #askDue(nowMs: number): void {
    const isDue = this.#nextAtMs !== undefined && this.#nextAtMs <= nowMs;
    if (isDue && this.#state.kind === 'failed') this.#allocate(nowMs);
    if (this.#state.kind !== 'allocated') return;
    if (isDue) {
      this.#nextAtMs = undefined;
      this.#exchange.ask({ kind: 'refresh' }, { method: 'refresh', lifetimeS: LIFETIME_S }, nowMs);
    }
    for (const lease of this.#leases.due(nowMs)) this.#exchange.ask({ kind: 'lease', lease }, requestOf(lease), nowMs);
  }

  #takeData({ method, peerAddress, data }: ReceivedStun, nowMs: number): TurnOutgoing | undefined {
    if (method !== 'data' || peerAddress === undefined || data === undefined) return undefined;
    if (this.#state.kind !== 'allocated') return undefined;
    return { ...this.wake(nowMs), received: { from: peerAddress, bytes: data } };
  }

  #allocate(nowMs: number): void {
    this.#state = { kind: 'allocating' };
    this.#nextAtMs = undefined;
    this.#exchange.forget();
    this.#leases.askAllAt(nowMs);
    const lifetimeS = LIFETIME_S;
    this.#exchange.ask({ kind: 'allocate' }, { method: 'allocate', requestedTransport: UDP, lifetimeS }, nowMs);
  }

  #end({ purpose, answer }: Ended<Purpose>, nowMs: number): void {
    switch (purpose.kind) {
      case 'allocate':
        this.#endAllocate(answer, nowMs);
        break;
      case 'clear':
        // If it was not ours to give back, allocating says so again.
        this.#allocate(nowMs);
        break;
      case 'refresh':
        this.#endRefresh(answer, nowMs);
        break;
      case 'lease':
        this.#endLease(purpose.lease, answer, nowMs);
        break;
      case 'close':
        this.#state = { kind: 'closed' };
        break;
    }
  }

  #endAllocate(answer: Answer, nowMs: number): void {
    const relayed = answer.kind === 'success' ? answer.message.relayedAddress : undefined;
    if (answer.kind === 'success' && relayed !== undefined) {
      this.#state = { kind: 'allocated', relayed, mapped: answer.message.mappedAddress };
      this.#nextAtMs = refreshAt(answer.message, nowMs);
      this.#retryMs = FIRST_RETRY_MS;
      this.#hasCleared = false;
      return;
    }
    if (codeOf(answer) === NO_ALLOCATION && !this.#hasCleared) {
      this.#hasCleared = true;
      this.#exchange.ask({ kind: 'clear' }, { method: 'refresh', lifetimeS: 0 }, nowMs);
      return;
    }
    const error = answer.kind === 'failed' ? answer.error : { code: 0, reason: 'it names no address' };
    this.#state = { kind: 'failed', failure: turnFailure(this.#credentials.server, this.#credentials.username, error) };
    this.#nextAtMs = nowMs + this.#retryMs;
    this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    this.#hasCleared = false;
  }

  /** Whatever goes wrong with it: without it there is no address, and a new one may work. */
  #endRefresh(answer: Answer, nowMs: number): void {
    if (answer.kind === 'success') this.#nextAtMs = refreshAt(answer.message, nowMs);
    else this.#allocate(nowMs);
  }

  #endLease(lease: Lease, answer: Answer, nowMs: number): void {
    // Asked for under an allocation that is gone: it will be asked for again.
    if (lease.askAtMs !== undefined) return;
    if (codeOf(answer) === NO_ALLOCATION) {
      this.#allocate(nowMs);
      return;
    }
    const { server, username } = this.#credentials;
    settle(lease, answer.kind === 'success' ? null : turnFailure(server, username, answer.error), nowMs);
    // Perhaps the server is gone: a refresh tells.
    if (answer.kind === 'failed' && answer.error === null && this.#nextAtMs !== undefined) this.#nextAtMs = nowMs;
  }
}

function codeOf(answer: Answer): number | undefined {
  return answer.kind === 'failed' ? answer.error?.code : undefined;
}

function refreshAt({ lifetimeS = LIFETIME_S }: ReceivedStun, nowMs: number): number {
  return nowMs + Math.max(LEAST_REFRESH_AFTER_MS, Math.min(REFRESH_AFTER_MS, 1000 * lifetimeS * REFRESH_AT));
}
