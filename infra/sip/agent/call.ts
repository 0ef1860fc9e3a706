/** One call, whoever has dialled it: its offers and answers, what keeps it alive, and its end (RFC 3261 sections 13 to 15). */
import type { Flow } from '../flow.ts';
import { type Header, headerOf, NO_BODY, type SipMessage, type SipRequest, type SipResponse } from '../message.ts';
import type { ServerTransaction } from '../transactions/server.ts';
import { DEFAULT_SIP_PORT, parseSipUri } from '../uri.ts';
import { responseTo } from '../write.ts';
import { ALLOWED, type CallAgent, type CallListener } from './contract.ts';
import { type Dialog, sequenceOf } from './dialog.ts';
import { ProvedHosts } from './proved-hosts.ts';
import { Proving } from './proving.ts';
import { askedInterval, intervalHeaders, LEAST_SESSION, SessionTimer, settledInterval } from './session-timer.ts';

/** After a glare: who has made the call waits longer (section 14.1), in ms. */
const GLARE_OWNER_MS = 2100;
const GLARE_OTHER_MS = 300;

/** INVITEs within a call whose answers wait for their ACK: one may be lost, and the next is there before it is sent again. */
const MOST_UNACKNOWLEDGED = 4;

/** Descriptions that a phone may change at once, and how soon it may have changed one more, in ms: the whole room hears of each. */
const OFFERS_AT_ONCE = 8;
const OFFER_MS = 1000;

/** Phones that take no feedback are asked for a key frame so (RFC 5168 section 4). */
const KEY_FRAME_BODY =
  '<?xml version="1.0" encoding="utf-8"?>\r\n<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>\r\n';
const MEDIA_CONTROL: Header = { name: 'content-type', value: 'application/media_control+xml' };

const SDP: Header = { name: 'content-type', value: 'application/sdp' };

export class Call {
  readonly dialog: Dialog;
  readonly listener: CallListener;
  protected readonly agent: CallAgent;
  /** Whether we have dialled it. */
  readonly #isOurs: boolean;
  readonly #timer: SessionTimer;
  /** INVITEs of theirs that have got a 2xx, by number, until it is acknowledged. */
  readonly #unacknowledged = new Map<number, { transaction: ServerTransaction; awaitsAnswer: boolean }>();
  /** Until when their offers use up what they may change. */
  #offersUntilMs = Number.NEGATIVE_INFINITY;
  /** Whether their newest message lists UPDATE. */
  #takesUpdate = false;
  /** The number of the INVITE of theirs that has begun the call. */
  #firstSequence: number | null = null;
  /** An INVITE of ours within the call waits for its answer. */
  #isInviting = false;
  /** An INFO of ours waits for its answer. */
  #isInforming = false;
  #isOver = false;
  protected readonly proving: Proving;
  protected readonly proved = new ProvedHosts((flow, nowMs, onStatus) => this.#ask(flow, nowMs, onStatus));

  constructor(agent: CallAgent, dialog: Dialog, listener: CallListener, isOurs: boolean) {
    this.agent = agent;
    this.dialog = dialog;
    this.listener = listener;
    this.#isOurs = isOurs;
    const dialled = isOurs ? dialog.flow.host : null;
    this.proving = new Proving(agent, agent.credentials, (flow) => flow.host === dialled || agent.trusts(flow));
    this.#timer = new SessionTimer(
      agent.timers,
      (nowMs) => this.#refresh(nowMs),
      (nowMs) => this.hangUp('silent', nowMs),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Where the other end speaks from. */
  get flow(): Flow {
    return this.dialog.flow;
  }

  /** Whether the other end has proved to be at this host. */
  isProved(host: string): boolean {
    return this.proved.has(host);
  }

  /** It has, by something else than SIP. */
  hasProved(host: string): void {
    this.proved.add(host);
  }

  /**
   * Asks whether the other end is at this host, past all proxies, where it says that it is reached there itself.
   *
   * @returns whether it is asked
   */
  prove(host: string, nowMs: number): boolean {
    const { host: told, port } = parseSipUri(this.dialog.target) ?? {};
    const flow: Flow = { transport: 'udp', host, port: port ?? DEFAULT_SIP_PORT };
    return !this.#isOver && told === host && this.proved.heard(flow, nowMs);
  }

  /** Ends the call. */
  hangUp(reason: string, nowMs: number): void {
    if (this.#isOver) return;
    if (this.dialog.isEstablished) this.#send('BYE', nowMs, () => undefined);
    this.end(reason, nowMs);
  }

  /** Asks whether the other end is there (section 11): the answer may be any. */
  probe(nowMs: number, onAnswer: (isThere: boolean, nowMs: number) => void): void {
    this.#send('OPTIONS', nowMs, (response, atMs) => {
      if (response === null) onAnswer(false, atMs);
      else if (response.status >= 200) onAnswer(response.status !== 481 && response.status !== 408, atMs);
    });
  }

  /** Asks the other end for a key frame. While an older request is not answered it stands for this one, too. */
  requestKeyFrame(nowMs: number): void {
    if (this.#isOver || this.#isInforming || !this.dialog.isEstablished) return;
    this.#isInforming = true;
    const body = Buffer.from(KEY_FRAME_BODY, 'latin1');
    const settled = (response: SipResponse | null) => {
      if (response === null || response.status >= 200) this.#isInforming = false;
    };
    this.#send('INFO', nowMs, settled, [MEDIA_CONTROL], body);
  }

  /** A request within the call has come, other than ACK and CANCEL. */
  take(transaction: ServerTransaction, nowMs: number): void {
    const { request } = transaction;
    if (!this.dialog.admits(request)) {
      this.respond(transaction, 500, nowMs);
      return;
    }
    this.dialog.flow = transaction.flow;
    this.proved.heard(transaction.flow, nowMs);
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        this.#renegotiate(transaction, nowMs);
        break;
      case 'BYE':
        this.respond(transaction, 200, nowMs);
        this.end('hung up', nowMs);
        break;
      case 'INFO':
        this.respond(transaction, 200, nowMs);
        if (/<picture_fast_update\b/.test(textOf(request))) this.listener.onKeyFrameWanted(nowMs);
        break;
      default:
        this.respond(transaction, 200, nowMs, [{ name: 'allow', value: ALLOWED }]);
    }
  }

  /** An ACK of a 2xx has come. */
  acknowledged(request: SipRequest, nowMs: number): void {
    const number = sequenceOf(request);
    const known = this.#unacknowledged.get(number);
    if (known === undefined) return;
    this.#unacknowledged.delete(number);
    known.transaction.acknowledge(nowMs);
    // Of the first one: our tag was told in its answer. By the second the other end knows it, from wherever it writes.
    if (!this.#isOurs && number === this.#firstSequence) this.proved.add(known.transaction.flow.host);
    if (known.awaitsAnswer && !this.listener.onAnswer(textOf(request), nowMs)) this.hangUp('no answer', nowMs);
  }

  /** Says 2xx with a description, again and again until it is acknowledged. */
  protected acceptInvite(transaction: ServerTransaction, description: string, nowMs: number): void {
    const { request } = transaction;
    this.#firstSequence ??= sequenceOf(request);
    if (transaction.flow.transport === 'tcp') this.proved.add(transaction.flow.host);
    this.#unacknowledged.set(sequenceOf(request), { transaction, awaitsAnswer: request.body.length === 0 });
    transaction.onUnacknowledged = (atMs) => this.hangUp('no ACK', atMs);
    this.#told(request);
    const interval = askedInterval(request);
    const headers = interval === null || interval === 'short' ? [] : intervalHeaders(interval);
    this.respond(transaction, 200, nowMs, [...headers, ...this.#abilities(), SDP], Buffer.from(description, 'latin1'));
    this.#timer.begin(interval === 'short' ? null : interval, nowMs);
  }

  /** Their answer to an INVITE of ours. */
  protected settle(response: SipResponse, nowMs: number): void {
    this.#told(response);
    this.#timer.begin(settledInterval(response), nowMs);
  }

  protected end(reason: string, nowMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.stop();
    for (const { transaction } of this.#unacknowledged.values()) transaction.acknowledge(nowMs);
    this.#unacknowledged.clear();
    this.agent.ended(this.dialog.key);
    this.listener.onEnded(reason, nowMs);
  }

  protected respond(
    transaction: ServerTransaction,
    status: number,
    nowMs: number,
    headers: readonly Header[] = [],
    body: Uint8Array = NO_BODY,
  ): void {
    const server = { name: 'server', value: this.agent.product };
    const parts = { tag: this.dialog.localTag, headers: [server, ...headers], body };
    transaction.respond(responseTo(transaction.request, status, parts), nowMs);
  }

  #renegotiate(transaction: ServerTransaction, nowMs: number): void {
    const { request } = transaction;
    const isInvite = request.method === 'INVITE';
    if (askedInterval(request) === 'short') {
      this.respond(transaction, 422, nowMs, [LEAST_SESSION]);
    } else if (this.#isInviting) this.respond(transaction, 491, nowMs);
    else if ((isInvite && this.#unacknowledged.size >= MOST_UNACKNOWLEDGED) || !this.#mayOffer(request, nowMs)) {
      this.respond(transaction, 500, nowMs, [{ name: 'retry-after', value: '2' }]);
    } else if (isInvite && request.body.length === 0) {
      this.dialog.retarget(request);
      this.acceptInvite(transaction, this.listener.makeOffer(), nowMs);
    } else {
      const offer = textOf(request);
      const answer = offer === '' ? '' : this.listener.onOffer(offer, nowMs);
      if (answer === null) this.respond(transaction, 488, nowMs);
      else {
        this.dialog.retarget(request);
        if (isInvite) this.acceptInvite(transaction, answer, nowMs);
        else this.#acceptUpdate(transaction, answer, nowMs);
      }
    }
  }

  /** An UPDATE without a description changes nothing. */
  #mayOffer({ method, body }: SipRequest, nowMs: number): boolean {
    if (method === 'UPDATE' && body.length === 0) return true;
    const untilMs = Math.max(nowMs, this.#offersUntilMs) + OFFER_MS;
    if (untilMs > nowMs + OFFERS_AT_ONCE * OFFER_MS) return false;
    this.#offersUntilMs = untilMs;
    return true;
  }

  #acceptUpdate(transaction: ServerTransaction, answer: string, nowMs: number): void {
    const interval = askedInterval(transaction.request);
    if (interval !== 'short') this.#timer.begin(interval, nowMs);
    const headers = interval === null || interval === 'short' ? [] : intervalHeaders(interval);
    const described = answer === '' ? [] : [SDP];
    this.respond(
      transaction,
      200,
      nowMs,
      [...headers, ...this.#abilities(), ...described],
      Buffer.from(answer, 'latin1'),
    );
  }

  /** Where the other end takes UPDATE that says all; else it is offered what holds already. */
  #refresh(nowMs: number): void {
    if (this.#isOver) return;
    const supported = { name: 'supported', value: 'timer' };
    if (this.#takesUpdate) {
      this.#send('UPDATE', nowMs, (response, atMs) => this.#refreshed(response, atMs), [
        this.dialog.contact(),
        supported,
      ]);
      return;
    }
    this.#isInviting = true;
    const offer = Buffer.from(this.listener.makeOffer(), 'latin1');
    const headers = [this.dialog.contact(), { name: 'allow', value: ALLOWED }, supported, SDP];
    const invite = () => this.dialog.request('INVITE', headers, offer);
    this.proving.send(invite, this.dialog.flow, nowMs, (response, atMs, { request, transaction }) => {
      if (response !== null && response.status < 200) return;
      this.#isInviting = false;
      if (response?.status === 491) {
        const waitMs = this.#isOurs ? GLARE_OWNER_MS : GLARE_OTHER_MS;
        this.agent.timers.at(atMs + waitMs, (againMs) => this.#refresh(againMs));
        return;
      }
      if (response !== null && response.status < 300) {
        const ack = this.dialog.ack(sequenceOf(request), authorizationOf(request));
        transaction.acknowledge(this.dialog.remoteTag ?? '', () => this.agent.sendAck(ack, this.dialog.flow));
        if (!this.listener.onAnswer(textOf(response), atMs)) this.hangUp('no answer', atMs);
      }
      this.#refreshed(response, atMs);
    });
  }

  #refreshed(response: SipResponse | null, nowMs: number): void {
    if (response !== null && response.status < 200) return;
    if (response === null || response.status === 481 || response.status === 408) this.hangUp('silent', nowMs);
    else this.#timer.begin(settledInterval(response), nowMs);
  }

  #send(
    method: string,
    nowMs: number,
    onResponse: (response: SipResponse | null, nowMs: number) => void,
    headers: readonly Header[] = [],
    body: Uint8Array = NO_BODY,
  ): void {
    const { flow } = this.dialog;
    this.proving.send(() => this.dialog.request(method, headers, body), flow, nowMs, onResponse);
  }

  /** Past all proxies. The answer names a branch that nobody can guess, so it comes from there. */
  #ask(flow: Flow, nowMs: number, onStatus: (status: number | null) => void): void {
    const question = this.dialog.request('INFO');
    const headers = question.headers.filter(({ name }) => name !== 'route');
    this.agent.request({ ...question, headers }, flow, nowMs, (response) => {
      if (response === null || response.status >= 200) onStatus(response?.status ?? null);
    });
  }

  #told(message: SipMessage): void {
    this.#takesUpdate = /\bUPDATE\b/.test(headerOf(message, 'allow') ?? '');
  }

  #abilities(): Header[] {
    return [this.dialog.contact(), { name: 'allow', value: ALLOWED }, { name: 'supported', value: 'timer' }];
  }
}

/** Of an INVITE, for the ACK of its 2xx (section 13.2.2.4). */
export function authorizationOf({ headers }: SipRequest): Header[] {
  return headers.filter(({ name }) => name === 'authorization' || name === 'proxy-authorization');
}

/** A body as text, one character a byte. */
export function textOf({ body }: Pick<SipMessage, 'body'>): string {
  return Buffer.from(body).toString('latin1');
}
