/** Client transactions (RFC 3261 section 17.1, RFC 6026): a request is sent until it is answered, or has failed. */
import { parseNameAddress } from '../fields.ts';
import type { Flow } from '../flow.ts';
import { headerOf, type SipRequest, type SipResponse } from '../message.ts';
import { GIVE_UP_MS, Repetition, T2_MS, T4_MS, type Timer, type TimerQueue } from '../timers.ts';
import { alongside, writeMessage } from '../write.ts';

/** A provisional answer may be followed by a final one for so long, in ms (section 16.6, timer C). */
const RINGING_MS = 180_000;
/** Phones that one call may reach at once, where a proxy forks it. */
const MOST_FORKS = 8;

/** Null: nobody has answered in time. */
export type OnResponse = (response: SipResponse | null, nowMs: number) => void;

export interface ClientHooks {
  readonly send: (bytes: Uint8Array) => void;
  readonly timers: TimerQueue;
  readonly onResponse: OnResponse;
  readonly onTerminated: () => void;
}

export class ClientTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #hooks: ClientHooks;
  readonly #bytes: Uint8Array;
  readonly #repetition: Repetition;
  readonly #isInvite: boolean;
  /** By the tag of whoever has said 2xx. */
  readonly #acknowledged = new Map<string, () => void>();
  #state: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated' = 'calling';
  #ack: Uint8Array | null = null;
  #end: Timer | null = null;

  constructor(request: SipRequest, flow: Flow, hooks: ClientHooks) {
    this.request = request;
    this.flow = flow;
    this.#hooks = hooks;
    this.#bytes = writeMessage(request);
    this.#isInvite = request.method === 'INVITE';
    const mostMs = this.#isInvite ? GIVE_UP_MS : T2_MS;
    this.#repetition = new Repetition(hooks.timers, mostMs, () => hooks.send(this.#bytes));
  }

  get isProceeding(): boolean {
    return this.#state === 'proceeding';
  }

  get isOver(): boolean {
    return this.#state !== 'calling' && this.#state !== 'proceeding';
  }

  start(nowMs: number): void {
    this.#hooks.send(this.#bytes);
    if (this.flow.transport === 'udp') this.#repetition.start(nowMs);
    this.#failAfter(nowMs, GIVE_UP_MS);
  }

  /** Nobody can be reached there. */
  fail(nowMs: number): void {
    if (this.isOver) return;
    this.#terminate();
    this.#hooks.onResponse(null, nowMs);
  }

  receive(response: SipResponse, nowMs: number): void {
    if (response.status < 200) this.#proceed(response, nowMs);
    else if (this.#isInvite && response.status < 300) this.#accept(response, nowMs);
    else this.#complete(response, nowMs);
  }

  /** How a 2xx of this tag is acknowledged, now and whenever it comes again (section 13.2.2.4). */
  acknowledge(tag: string, send: () => void): void {
    if (this.#acknowledged.size >= MOST_FORKS) return;
    this.#acknowledged.set(tag, send);
    send();
  }

  #proceed(response: SipResponse, nowMs: number): void {
    if (this.isOver) return;
    this.#state = 'proceeding';
    if (this.#isInvite) {
      this.#repetition.stop();
      this.#failAfter(nowMs, RINGING_MS);
    } else if (this.flow.transport === 'udp') this.#repetition.slow(nowMs);
    this.#hooks.onResponse(response, nowMs);
  }

  #accept(response: SipResponse, nowMs: number): void {
    if (this.#state === 'completed' || this.#state === 'terminated') return;
    const tag = parseNameAddress(headerOf(response, 'to') ?? '')?.parameters.get('tag') ?? '';
    const again = this.#acknowledged.get(tag);
    if (this.#state !== 'accepted') {
      this.#state = 'accepted';
      this.#repetition.stop();
      this.#endAfter(nowMs, GIVE_UP_MS);
    }
    if (again === undefined) this.#hooks.onResponse(response, nowMs);
    else again();
  }

  #complete(response: SipResponse, nowMs: number): void {
    if (this.#state === 'accepted' || this.#state === 'terminated') return;
    if (this.#state === 'completed') {
      if (this.#ack !== null) this.#hooks.send(this.#ack);
      return;
    }
    this.#state = 'completed';
    this.#repetition.stop();
    if (this.#isInvite) {
      this.#ack = writeMessage(alongside(this.request, 'ACK', headerOf(response, 'to') ?? ''));
      this.#hooks.send(this.#ack);
    }
    const isUdp = this.flow.transport === 'udp';
    this.#endAfter(nowMs, !isUdp ? 0 : this.#isInvite ? GIVE_UP_MS : T4_MS);
    this.#hooks.onResponse(response, nowMs);
  }

  #failAfter(nowMs: number, lastsMs: number): void {
    this.#cancelEnd();
    this.#end = this.#hooks.timers.at(nowMs + lastsMs, (atMs) => this.fail(atMs));
  }

  #endAfter(nowMs: number, lastsMs: number): void {
    this.#cancelEnd();
    this.#end = this.#hooks.timers.at(nowMs + lastsMs, () => this.#terminate());
  }

  #cancelEnd(): void {
    this.#hooks.timers.callOff(this.#end);
  }

  #terminate(): void {
    this.#repetition.stop();
    this.#cancelEnd();
    this.#state = 'terminated';
    this.#hooks.onTerminated();
  }
}
