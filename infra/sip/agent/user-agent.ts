/**
 * A SIP user agent (RFC 3261): takes what comes over the network, says what goes out, and when to be woken. It has no socket and no clock.
 */
import type { Credentials, DigestGuard } from '../digest.ts';
import type { Flow, SendTo } from '../flow.ts';
import { type Header, headerOf, headersOf, listsToken, type SipRequest, tokensOf } from '../message.ts';
import { readMessage } from '../read.ts';
import { TimerQueue } from '../timers.ts';
import type { ClientTransaction, OnResponse } from '../transactions/client.ts';
import type { ServerTransaction } from '../transactions/server.ts';
import { Transactions } from '../transactions/transactions.ts';
import { parseSipUri } from '../uri.ts';
import { responseTo, writeMessage } from '../write.ts';
import type { Call } from './call.ts';
import { ALLOWED, type CallAgent, type CallListener, type OwnAddress } from './contract.ts';
import { tagIn } from './dialog.ts';
import { IncomingCall } from './incoming-call.ts';
import { OutgoingCall } from './outgoing-call.ts';
import { Registration, type RegistrationOptions } from './registration.ts';
import { askedInterval, LEAST_SESSION } from './session-timer.ts';

export interface UserAgentOptions {
  readonly user: string;
  /** `rpr/1.0.0`. */
  readonly product: string;
  readonly address: OwnAddress;
  readonly credentials: Credentials | null;
  /** See {@link CallAgent.knownAs}. Default: null. */
  readonly knownAs?: string | null;
  /** Asks callers for a password; null: everybody may call. */
  readonly guard: DigestGuard | null;
  /** Whether our own server or proxy is there: its calls need no password, and it may ask for ours. Default: none. */
  readonly trusts?: (flow: Flow) => boolean;
  readonly send: SendTo;
  /** See {@link CallAgent.fresh}. */
  readonly fresh: () => string;
  /** Somebody calls. @returns who is told of the call */
  readonly onCall: (call: IncomingCall, nowMs: number) => CallListener;
}

/** Extensions that a request may require. */
const SUPPORTED = 'timer';
/** Methods that are known and not for us (RFC 3261, 3262, 3265, 3428, 3515, 3903). */
const KNOWN = new Set(['REGISTER', 'PRACK', 'SUBSCRIBE', 'NOTIFY', 'MESSAGE', 'REFER', 'PUBLISH']);
const WITHIN_CALL = new Set(['BYE', 'INFO', 'UPDATE']);

export class UserAgent {
  readonly #options: UserAgentOptions;
  readonly #timers = new TimerQueue();
  readonly #transactions: Transactions;
  readonly #agent: CallAgent;
  /** By Call-ID and our tag. */
  readonly #calls = new Map<string, Call>();
  /** What came and was no SIP. */
  #noise = 0;

  constructor(options: UserAgentOptions) {
    this.#options = options;
    const { send, user, product, address, credentials, knownAs = null, trusts = () => false, fresh } = options;
    this.#transactions = new Transactions({
      ...{ send, timers: this.#timers },
      onRequest: (transaction, nowMs) => this.#takeRequest(transaction, nowMs),
      onAck: (request, nowMs) => this.#callOf(request)?.acknowledged(request, nowMs),
    });
    this.#agent = {
      ...{ user, product, address, credentials, knownAs, trusts, fresh, timers: this.#timers },
      request: (request, flow, nowMs, onResponse) => this.request(request, flow, nowMs, onResponse),
      sendAck: (request, flow) => send(flow, writeMessage(request)),
      ended: (key) => this.#calls.delete(key),
    };
  }

  /** When to call {@link wake} at the latest; null: not before something else happens. */
  get wakeAtMs(): number | null {
    return this.#timers.nextMs;
  }

  /** For tests of what is left: calls, transactions, and what was no SIP. */
  get counts(): { readonly calls: number; readonly transactions: number; readonly noise: number } {
    return { calls: this.#calls.size, transactions: this.#transactions.size, noise: this.#noise };
  }

  wake(nowMs: number): void {
    this.#timers.wake(nowMs);
  }

  /** @param bytes one message: a datagram, or what {@link StreamFraming} has cut out */
  receive(bytes: Uint8Array, flow: Flow, nowMs: number): void {
    const read = readMessage(bytes);
    if (read.kind === 'noise') this.#noise++;
    else if (read.kind === 'bad') this.#transactions.refuse(read.request, flow, read.status, read.reason);
    else this.#transactions.receive(read.message, flow, nowMs);
  }

  /** A connection could not be made, or is broken. */
  flowFailed(flow: Flow, nowMs: number): void {
    this.#transactions.flowFailed(flow, nowMs);
  }

  dial(uri: string, flow: Flow, listener: CallListener, nowMs: number): OutgoingCall {
    const call = new OutgoingCall(this.#agent, uri, flow, listener);
    this.#calls.set(call.dialog.key, call);
    call.dial(nowMs);
    return call;
  }

  /** Tells a registrar where we are reached, once it is started. */
  registration(options: RegistrationOptions): Registration {
    return new Registration(this.#agent, options);
  }

  request(request: SipRequest, flow: Flow, nowMs: number, onResponse: OnResponse): ClientTransaction {
    return this.#transactions.request(request, flow, nowMs, onResponse);
  }

  #takeRequest(transaction: ServerTransaction, nowMs: number): void {
    const { request } = transaction;
    const refusal = this.#refusalOf(request);
    if (refusal !== null) {
      this.#respond(transaction, refusal.status, nowMs, refusal.headers);
      return;
    }
    const call = this.#callOf(request);
    if (call !== undefined) call.take(transaction, nowMs);
    else if (tagIn(request, 'to') !== '' || WITHIN_CALL.has(request.method)) this.#respond(transaction, 481, nowMs);
    else if (request.method === 'INVITE') this.#ring(transaction, nowMs);
    else this.#respond(transaction, 200, nowMs, [accept, allow, supported]);
  }

  #ring(transaction: ServerTransaction, nowMs: number): void {
    const { onCall, trusts } = this.#options;
    const { request, flow } = transaction;
    const guard = trusts?.(flow) ? null : this.#options.guard;
    const proof = guard?.check(headersOf(request, 'authorization'), 'INVITE', nowMs) ?? 'right';
    if (guard !== null && proof !== 'right') {
      const challenges = guard.challenges(nowMs, proof === 'stale');
      const headers = challenges.map((value) => ({ name: 'www-authenticate', value }));
      this.#respond(transaction, 401, nowMs, headers);
      return;
    }
    if (askedInterval(request) === 'short') {
      this.#respond(transaction, 422, nowMs, [LEAST_SESSION]);
      return;
    }
    transaction.respond(responseTo(request, 100, { tag: null }), nowMs);
    IncomingCall.begin(this.#agent, transaction, (call) => {
      this.#calls.set(call.dialog.key, call);
      return onCall(call, nowMs);
    });
  }

  /** What a user agent looks at before it does anything (section 8.2); null: it may go on. */
  #refusalOf(request: SipRequest): { readonly status: number; readonly headers: readonly Header[] } | null {
    const { method } = request;
    const isOurs = method === 'INVITE' || method === 'OPTIONS' || WITHIN_CALL.has(method);
    if (!isOurs) return { status: KNOWN.has(method) ? 405 : 501, headers: [allow] };
    const uri = parseSipUri(request.uri);
    if (uri?.scheme !== 'sip') return { status: /^sip:/i.test(request.uri) ? 400 : 416, headers: [] };
    if (uri.hasHeaders) return { status: 400, headers: [] };
    const unknown = tokensOf(request, 'require').filter((token) => token.toLowerCase() !== SUPPORTED);
    if (unknown.length > 0) return { status: 420, headers: [{ name: 'unsupported', value: unknown.join(', ') }] };
    return contentRefusal(request);
  }

  #respond(transaction: ServerTransaction, status: number, nowMs: number, headers: readonly Header[] = []): void {
    const { product, fresh } = this.#options;
    const parts = { tag: fresh(), headers: [{ name: 'server', value: product }, ...headers] };
    transaction.respond(responseTo(transaction.request, status, parts), nowMs);
  }

  #callOf(request: SipRequest): Call | undefined {
    const call = this.#calls.get(`${headerOf(request, 'call-id')} ${tagIn(request, 'to')}`);
    return call?.dialog.remoteTag === tagIn(request, 'from') ? call : undefined;
  }
}

const accept: Header = { name: 'accept', value: 'application/sdp' };
const allow: Header = { name: 'allow', value: ALLOWED };
const supported: Header = { name: 'supported', value: SUPPORTED };

/** Only descriptions of sessions are understood (sections 8.2.3 and 13.3.1.3). */
function contentRefusal(request: SipRequest): { status: number; headers: readonly Header[] } | null {
  const { method, body } = request;
  if (method !== 'INVITE' && method !== 'UPDATE') return null;
  const type = (headerOf(request, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  const isEncoded = headersOf(request, 'content-encoding').some((encoding) => encoding.toLowerCase() !== 'identity');
  if (body.length > 0 && (type !== 'application/sdp' || isEncoded)) return { status: 415, headers: [accept] };
  const wanted = tokensOf(request, 'accept').map((token) => token.split(';')[0]?.trim().toLowerCase());
  const takesSdp =
    wanted.length === 0 || wanted.some((kind) => ['application/sdp', 'application/*', '*/*'].includes(kind ?? ''));
  return takesSdp || listsToken(request, 'accept', '*/*') ? null : { status: 406, headers: [accept] };
}
