/**
 * An address at a TURN server that stands for our socket (RFC 8656): asked for, kept, asked for again when it is lost, given back.
 *
 * Owns neither socket nor clock: each method takes what has happened and the time, and tells what to send and when to wake it.
 * Packets do not come by here: the packet path puts them into channels, which {@link TurnClient.wayTo} names.
 */

import type { Endpoint } from '../path/contract.ts';
import { endpointText } from '../path/table/addresses.ts';
import type { ReceivedStun, StunError } from '../stun/message.ts';
import { type Datagram, earliest } from '../stun/outgoing.ts';
import { writeStun } from '../stun/write.ts';
import { Attempt, isMismatch, LIFETIME_S } from './attempt.ts';
import type { TurnClientOptions, TurnOutgoing, TurnPeer, TurnState } from './contract.ts';
import { type Answer, type Ended, Exchange } from './exchange.ts';
import { type TurnFailure, turnFailure } from './failure.ts';
import { type Lease, Leases, requestOf, settle } from './leases.ts';

/** Much sooner than the allocation ends: the routers on the way keep their mapping, and a server that has died is noticed. In ms. */
const REFRESH_AFTER_MS = 25_000;
/** Where a server gives less time than that: after this share of it, but not in a loop. */
const REFRESH_AT = 0.5;
const LEAST_REFRESH_AFTER_MS = 1000;
/** After a failure it is tried again, each time later, and never given up. In ms. */
const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 60_000;

type Purpose =
  | { readonly kind: 'allocate' | 'clear' | 'refresh' | 'close' }
  | { readonly kind: 'lease'; readonly lease: Lease };

export class TurnClient {
  readonly #options: TurnClientOptions;
  readonly #leases = new Leases();
  #attempt: Attempt;
  #exchange: Exchange<Purpose>;
  #state: TurnState = { kind: 'closed' };
  /** When to refresh, or to try again; undefined: a request is under way, or there is nothing to do. */
  #nextAtMs: number | undefined;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: TurnClientOptions) {
    this.#options = options;
    this.#attempt = new Attempt(options.servers);
    this.#exchange = new Exchange(this.#attempt.server, options);
  }

  /** Which of its addresses is asked at the moment. */
  get server(): Endpoint {
    return this.#exchange.server;
  }

  get state(): TurnState {
    return this.#state;
  }

  /** What the server lets through: by host for permissions, by `host:port` for channels. */
  get peers(): ReadonlyMap<string, TurnPeer> {
    return this.#leases.states;
  }

  /** Asks for an allocation, unless it is there or under way. */
  open(nowMs: number): TurnOutgoing {
    if (this.#state.kind === 'closed' || this.#state.kind === 'failed') this.#allocate(nowMs);
    return this.wake(nowMs);
  }

  /** Lets through what comes from `host`, from any of its ports, until it is released. It comes as {@link TurnOutgoing.received}. */
  permit(host: string, nowMs: number): TurnOutgoing {
    this.#leases.permit(host, nowMs);
    return this.wake(nowMs);
  }

  /** Opens a channel to `peer`, and keeps it until it is released. What comes from there is let through too. */
  bind(peer: Endpoint, nowMs: number): TurnOutgoing {
    this.#leases.bind(peer, nowMs);
    return this.wake(nowMs);
  }

  /** Takes no more care of a host's permission or a peer's channel: the server forgets them in some minutes. */
  release(peer: Endpoint | string, nowMs: number): void {
    this.#leases.release(typeof peer === 'string' ? peer : endpointText(peer), nowMs);
  }

  /** Where packets for `peer` go at the moment, for the packet path; undefined: nowhere, for there is no channel to it. */
  wayTo(peer: Endpoint): Endpoint | undefined {
    const channel = this.#state.kind === 'allocated' ? this.#leases.channelTo(peer) : undefined;
    return channel === undefined ? undefined : { ...this.#exchange.server, channel };
  }

  /** One datagram to `peer` without a channel, if it may come through (RFC 8656 section 11): 36 bytes more on its way than in one. */
  sendTo(peer: Endpoint, data: Uint8Array, nowMs: number): TurnOutgoing {
    const { datagrams, wakeAtMs } = this.wake(nowMs);
    if (this.#state.kind !== 'allocated') return { datagrams, wakeAtMs };
    const transactionId = this.#options.transactionId();
    const bytes = writeStun({ class: 'indication', method: 'send', transactionId, peerAddress: peer, data });
    return { datagrams: [...datagrams, { to: this.#exchange.server, bytes }], wakeAtMs };
  }

  /** Who has sent what came through a channel. */
  peerBehind({ host, port, channel }: Endpoint): Endpoint | undefined {
    if (channel === undefined || !this.#isServer({ host, port })) return undefined;
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
    if (!this.#isServer(from)) return undefined;
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

  #isServer(from: Endpoint): boolean {
    return endpointText(from) === endpointText(this.#exchange.server);
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
    this.#leases.askAllAt(nowMs);
    this.#attempt = new Attempt(this.#options.servers);
    this.#turnToServer();
    this.#askForIt(nowMs);
  }

  /** Nothing that an earlier one says matters any more. */
  #turnToServer(): void {
    this.#exchange = new Exchange(this.#attempt.server, this.#options);
  }

  #askForIt(nowMs: number): void {
    this.#exchange.ask({ kind: 'allocate' }, this.#attempt.request, nowMs);
  }

  #end({ purpose, answer }: Ended<Purpose>, nowMs: number): void {
    switch (purpose.kind) {
      case 'allocate':
        this.#endAllocate(answer, nowMs);
        break;
      case 'clear':
        // If it was not ours to give back, allocating says so again.
        this.#askForIt(nowMs);
        break;
      case 'refresh':
        // Whatever goes wrong with it: without it there is no address, and a new one may work.
        if (answer.kind === 'success') this.#refreshIn(answer.message.lifetimeS, nowMs);
        else this.#allocate(nowMs);
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
    const step = this.#attempt.after(answer);
    switch (step.kind) {
      case 'allocated':
        this.#state = { kind: 'allocated', relayed: step.addresses, mapped: step.mapped };
        this.#retryMs = FIRST_RETRY_MS;
        this.#refreshIn(step.lifetimeS, nowMs);
        break;
      case 'clear':
        this.#exchange.ask({ kind: 'clear' }, { method: 'refresh', lifetimeS: 0 }, nowMs);
        break;
      case 'elsewhere':
        this.#turnToServer();
        this.#askForIt(nowMs);
        break;
      case 'again':
        this.#askForIt(nowMs);
        break;
      case 'failed':
        this.#state = { kind: 'failed', failure: this.#failure(step.error) };
        this.#nextAtMs = nowMs + this.#retryMs;
        this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
        break;
    }
  }

  #endLease(lease: Lease, answer: Answer, nowMs: number): void {
    // Asked for under an allocation that is gone: it will be asked for again.
    if (lease.askAtMs !== undefined) return;
    if (isMismatch(answer)) {
      this.#allocate(nowMs);
      return;
    }
    settle(lease, answer.kind === 'success' ? null : this.#failure(answer.error), nowMs);
    // Perhaps the server is gone: a refresh tells.
    if (answer.kind === 'failed' && answer.error === null && this.#nextAtMs !== undefined) this.#nextAtMs = nowMs;
  }

  #failure(error: StunError | null): TurnFailure {
    return turnFailure(this.#exchange.server, this.#options.username, error);
  }

  #refreshIn(lifetimeS = LIFETIME_S, nowMs: number): void {
    this.#nextAtMs =
      nowMs + Math.max(LEAST_REFRESH_AFTER_MS, Math.min(REFRESH_AFTER_MS, 1000 * lifetimeS * REFRESH_AT));
  }
}
