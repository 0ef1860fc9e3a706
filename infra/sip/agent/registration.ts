/**
 * Tells a registrar where we are reached, again before it forgets, and at the end that we are not any more (RFC 3261 section 10.2).
 * Pure: time is given.
 */
import { type Credentials, DigestAnswers } from '../digest.ts';
import { parseNameAddress } from '../fields.ts';
import type { Flow } from '../flow.ts';
import { wholeNumber } from '../grammar.ts';
import { type Header, headerOf, headersOf, NO_BODY, type SipRequest, type SipResponse } from '../message.ts';
import type { Timer } from '../timers.ts';
import { hostText, parseSipUri, sipUriText } from '../uri.ts';
import type { CallAgent } from './contract.ts';
import { viaHeader } from './dialog.ts';

/** How long we ask to be remembered, and the most that a registrar may ask for, in s. */
const WANTED_S = 600;
const MOST_S = 86_400;
/** A registrar that forgets sooner is told again no sooner, in s. */
const LEAST_S = 5;
/** It is told again when this share of the time is left, or this, in s: time for a request that gets lost and for another one. */
const LEFT_SHARE = 1 / 3;
const MOST_LEFT_S = 60;
/** How soon it is tried again where it failed: twice as long each time, up to a minute. In ms. */
const FIRST_RETRY_MS = 2000;
const MOST_RETRY_MS = 60_000;
/** A registrar that asks again and again for a password, or for a longer time, is not followed for ever. */
const MOST_ATTEMPTS = 4;

export interface RegistrationOptions {
  /** Whom we are known as there, `sip:user@host`. */
  readonly as: string;
  readonly flow: Flow;
  readonly credentials: Credentials | null;
  /** The user part of the address that callers are sent to. */
  readonly contact: string;
  /** It knows where we are, for so long, in s. */
  readonly onRegistered: (seconds: number) => void;
  /** It does not, for this reason; it is tried again. */
  readonly onFailed: (reason: string) => void;
}

export class Registration {
  readonly #agent: CallAgent;
  readonly #options: RegistrationOptions;
  readonly #registrar: string;
  readonly #callId: string;
  readonly #tag: string;
  readonly #answers: DigestAnswers | null;
  #isProxy = false;
  /** The answer in the newest request; null: nobody had asked. */
  #proof: string | null = null;
  #sequence = 0;
  #wantedS = WANTED_S;
  /** Of what is being tried now. */
  #attempts = 0;
  #retryMs = FIRST_RETRY_MS;
  #timer: Timer | null = null;
  /** It has said so, and has not been told otherwise. */
  #isKnown = false;
  #onGone: (() => void) | null = null;

  constructor(agent: CallAgent, options: RegistrationOptions) {
    this.#agent = agent;
    this.#options = options;
    const { host = '', port = null } = parseSipUri(options.as) ?? {};
    this.#registrar = `sip:${hostText(host)}${port === null ? '' : `:${port}`}`;
    this.#callId = agent.fresh();
    this.#tag = agent.fresh();
    this.#answers = options.credentials === null ? null : new DigestAnswers(options.credentials);
  }

  /** Says where we are, from now on. */
  start(nowMs: number): void {
    this.#attempts = 0;
    this.#send(this.#wantedS, nowMs);
  }

  /** Says that we are not there any more. @param onGone the registrar has answered, in whatever way, or never knew us */
  stop(nowMs: number, onGone: () => void): void {
    this.#cancel();
    this.#onGone = onGone;
    this.#attempts = 0;
    if (this.#isKnown) this.#send(0, nowMs);
    else onGone();
  }

  #send(seconds: number, nowMs: number): void {
    this.#attempts++;
    const request = this.#request(seconds);
    this.#agent.request(request, this.#options.flow, nowMs, (response, atMs) => {
      if (response === null || response.status >= 200) this.#answered(response, seconds, atMs);
    });
  }

  #answered(response: SipResponse | null, seconds: number, nowMs: number): void {
    // The answer to what was asked before we left.
    if (this.#onGone !== null && seconds > 0) return;
    const again = response !== null && this.#attempts < MOST_ATTEMPTS && this.#mayTryAgain(response);
    if (again) this.#send(this.#onGone === null ? this.#wantedS : 0, nowMs);
    else if (this.#onGone !== null) this.#onGone();
    else if (response !== null && response.status < 300) this.#registered(response, nowMs);
    else this.#failed(response, nowMs);
  }

  /** Whether it has asked for something that it can be given. */
  #mayTryAgain(response: SipResponse): boolean {
    const { status } = response;
    if (status === 423) {
      const least = wholeNumber(headerOf(response, 'min-expires') ?? '', MOST_S);
      if (least === undefined || least <= this.#wantedS) return false;
      this.#wantedS = least;
      return true;
    }
    if (status !== 401 && status !== 407) return false;
    this.#isProxy = status === 407;
    const challenges = headersOf(response, this.#isProxy ? 'proxy-authenticate' : 'www-authenticate');
    return this.#answers?.take(challenges, this.#proof) ?? false;
  }

  #registered(response: SipResponse, nowMs: number): void {
    const seconds = this.#granted(response);
    this.#isKnown = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#options.onRegistered(seconds);
    const leftS = Math.min(MOST_LEFT_S, seconds * LEFT_SHARE);
    this.#timer = this.#agent.timers.at(nowMs + 1000 * (seconds - leftS), (atMs) => this.start(atMs));
  }

  #failed(response: SipResponse | null, nowMs: number): void {
    this.#options.onFailed(response === null ? 'no answer' : `${response.status} ${response.reason}`);
    this.#timer = this.#agent.timers.at(nowMs + this.#retryMs, (atMs) => this.start(atMs));
    this.#retryMs = Math.min(2 * this.#retryMs, MOST_RETRY_MS);
  }

  /** For how long, as it says of our own address, or of all, in s. */
  #granted(response: SipResponse): number {
    const ours = headersOf(response, 'contact')
      .map((value) => parseNameAddress(value))
      .find((contact) => contact?.uri === this.#contact);
    const told = ours?.parameters.get('expires') ?? headerOf(response, 'expires') ?? '';
    return Math.max(LEAST_S, wholeNumber(told, MOST_S) ?? this.#wantedS);
  }

  get #contact(): string {
    const { host, port } = this.#agent.address;
    return sipUriText(this.#options.contact, host, port, this.#options.flow.transport);
  }

  #request(seconds: number): SipRequest {
    const { as, flow } = this.#options;
    this.#sequence++;
    const proof = this.#answers?.next({ method: 'REGISTER', uri: this.#registrar }, this.#agent.fresh());
    this.#proof = proof ?? null;
    const authorization: Header[] =
      proof === undefined ? [] : [{ name: this.#isProxy ? 'proxy-authorization' : 'authorization', value: proof }];
    return {
      ...{ kind: 'request', method: 'REGISTER', uri: this.#registrar, body: NO_BODY },
      headers: [
        viaHeader(this.#agent, flow),
        { name: 'max-forwards', value: '70' },
        { name: 'from', value: `<${as}>;tag=${this.#tag}` },
        { name: 'to', value: `<${as}>` },
        { name: 'call-id', value: this.#callId },
        { name: 'cseq', value: `${this.#sequence} REGISTER` },
        { name: 'contact', value: `<${this.#contact}>` },
        { name: 'expires', value: String(seconds) },
        { name: 'user-agent', value: this.#agent.product },
        ...authorization,
      ],
    };
  }

  #cancel(): void {
    this.#agent.timers.callOff(this.#timer);
    this.#timer = null;
  }
}
