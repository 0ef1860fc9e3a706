/** Server transactions (RFC 3261 section 17.2, RFC 6026): a request is answered once, and its answer sent again for each copy of it. */
import type { Flow } from '../flow.ts';
import type { SipRequest, SipResponse } from '../message.ts';
import { GIVE_UP_MS, Repetition, T2_MS, T4_MS, type Timer, type TimerQueue } from '../timers.ts';
import { writeMessage } from '../write.ts';

/** `accepted`: an INVITE that has got its 2xx, which is sent until it is acknowledged. */
type State = 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

export interface ServerHooks {
  readonly send: (bytes: Uint8Array) => void;
  readonly timers: TimerQueue;
  /** It has got its final response. */
  readonly onAnswered: () => void;
  readonly onTerminated: () => void;
}

export class ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** A 2xx that nobody has acknowledged: the session is to be ended (section 13.3.1.4). */
  onUnacknowledged: (nowMs: number) => void = () => undefined;
  /** The caller has thought better of it. */
  onCancelled: (nowMs: number) => void = () => undefined;
  readonly #hooks: ServerHooks;
  readonly #repetition: Repetition;
  #state: State = 'trying';
  #last: Uint8Array | null = null;
  #end: Timer | null = null;

  constructor(request: SipRequest, flow: Flow, hooks: ServerHooks) {
    this.request = request;
    this.flow = flow;
    this.#hooks = hooks;
    this.#repetition = new Repetition(hooks.timers, T2_MS, () => this.repeat());
  }

  get state(): State {
    return this.#state;
  }

  get isAnswered(): boolean {
    return this.#state !== 'trying' && this.#state !== 'proceeding';
  }

  /** Sends a response; after a final one nothing more is. */
  respond(response: SipResponse, nowMs: number): void {
    if (this.isAnswered) return;
    this.#last = writeMessage(response);
    this.#hooks.send(this.#last);
    if (response.status < 200) {
      this.#state = 'proceeding';
      return;
    }
    this.#hooks.onAnswered();
    if (this.request.method === 'INVITE') this.#answered(response.status < 300, nowMs);
    else this.#complete(nowMs, this.flow.transport === 'udp' ? GIVE_UP_MS : 0);
  }

  /** The request has come again. A 2xx is sent again by itself (RFC 6026 section 7.1). */
  repeat(): void {
    if (this.#last !== null && this.#state !== 'confirmed') this.#hooks.send(this.#last);
  }

  /** The answer has come through. */
  acknowledge(nowMs: number): void {
    this.#repetition.stop();
    if (this.#state === 'completed') {
      this.#state = 'confirmed';
      this.#endAfter(nowMs, this.flow.transport === 'udp' ? T4_MS : 0);
    } else if (this.#state === 'accepted' && this.#end !== null) {
      this.#endAfter(this.#end.atMs - GIVE_UP_MS, GIVE_UP_MS);
    }
  }

  #answered(isSuccess: boolean, nowMs: number): void {
    this.#state = isSuccess ? 'accepted' : 'completed';
    // A 2xx goes end to end, over hops that may lose it.
    if (isSuccess || this.flow.transport === 'udp') this.#repetition.start(nowMs);
    this.#end = this.#hooks.timers.at(nowMs + GIVE_UP_MS, (atMs) => {
      this.#terminate();
      if (isSuccess) this.onUnacknowledged(atMs);
    });
  }

  #complete(nowMs: number, lastsMs: number): void {
    this.#state = 'completed';
    this.#endAfter(nowMs, lastsMs);
  }

  #endAfter(nowMs: number, lastsMs: number): void {
    this.#hooks.timers.callOff(this.#end);
    this.#end = this.#hooks.timers.at(nowMs + lastsMs, () => this.#terminate());
  }

  #terminate(): void {
    this.#repetition.stop();
    this.#state = 'terminated';
    this.#hooks.onTerminated();
  }
}
