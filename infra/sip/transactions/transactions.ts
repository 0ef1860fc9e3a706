/** All transactions of a user agent: which of them a message belongs to (RFC 3261 sections 17.1.3 and 17.2.3), and how many there may be. */
import { parseNameAddress, parseSequence, parseVia } from '../fields.ts';
import type { Flow, SendTo } from '../flow.ts';
import { splitOutside } from '../grammar.ts';
import { headerOf, headersOf, type SipMessage, type SipRequest, type SipResponse } from '../message.ts';
import type { TimerQueue } from '../timers.ts';
import { DEFAULT_SIP_PORT } from '../uri.ts';
import { responseTo, writeMessage } from '../write.ts';
import { ClientTransaction, type OnResponse } from './client.ts';
import { ServerTransaction } from './server.ts';

/** A hundred calls a second, each of two transactions that are remembered for 32 s, and as much again. */
const MOST_SERVER_TRANSACTIONS = 16_384;
/** What these remember of what was asked: eight times as much as so many calls of phones. In bytes. */
const MOST_REMEMBERED_BYTES = 64 * 1024 * 1024;
/** INVITEs that wait for their answer: more than people could have dialled at once. */
const MOST_UNANSWERED = 128;
/** Branches of RFC 3261 begin so; others are of RFC 2543. */
const MAGIC = 'z9hG4bK';

export interface TransactionHooks {
  readonly send: SendTo;
  readonly timers: TimerQueue;
  readonly onRequest: (transaction: ServerTransaction, nowMs: number) => void;
  /** Of a 2xx. */
  readonly onAck: (request: SipRequest, nowMs: number) => void;
}

export class Transactions {
  readonly #hooks: TransactionHooks;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();
  /** INVITEs by what their CANCEL and ACK repeat, whatever name for itself their sender has learned meanwhile. */
  readonly #invites = new Map<string, ServerTransaction>();
  #unanswered = 0;
  #rememberedBytes = 0;

  constructor(hooks: TransactionHooks) {
    this.#hooks = hooks;
  }

  /** How many there are, of both kinds. */
  get size(): number {
    return this.#servers.size + this.#clients.size;
  }

  receive(message: SipMessage, flow: Flow, nowMs: number): void {
    if (message.kind === 'response') this.#takeResponse(message, nowMs);
    else this.#takeRequest(withSource(message, flow), flow, nowMs);
  }

  /** Sends a request, whose Via holds a branch of its own. */
  request(request: SipRequest, flow: Flow, nowMs: number, onResponse: OnResponse): ClientTransaction {
    const key = clientKey(request);
    const transaction = new ClientTransaction(request, flow, {
      send: (bytes) => this.#hooks.send(flow, bytes),
      timers: this.#hooks.timers,
      onResponse,
      onTerminated: () => this.#clients.delete(key),
    });
    this.#clients.set(key, transaction);
    transaction.start(nowMs);
    return transaction;
  }

  /** A connection could not be made, or has broken: what waits for an answer over it has failed. */
  flowFailed({ transport, host, port }: Flow, nowMs: number): void {
    for (const transaction of [...this.#clients.values()]) {
      const { flow } = transaction;
      if (flow.transport === transport && flow.host === host && flow.port === port) transaction.fail(nowMs);
    }
  }

  /** What is refused before there is a transaction: nothing of it is remembered. */
  refuse(request: SipRequest, flow: Flow, status: number, reason?: string): void {
    if (request.method === 'ACK') return;
    const parts = { tag: 'refused', ...(reason === undefined ? {} : { reason }) };
    const headers = status === 503 ? [{ name: 'retry-after', value: '2' }] : [];
    this.#hooks.send(replyFlow(request, flow), writeMessage(responseTo(request, status, { ...parts, headers })));
  }

  #takeResponse(response: SipResponse, nowMs: number): void {
    // With a second Via it was meant for somebody else (section 8.1.3.3).
    if (headersOf(response, 'via').length !== 1) return;
    this.#clients.get(clientKey(response))?.receive(response, nowMs);
  }

  #takeRequest(request: SipRequest, flow: Flow, nowMs: number): void {
    const { method } = request;
    const known = method === 'ACK' ? this.#inviteOf(request, flow) : this.#servers.get(serverKey(request, method));
    if (method === 'ACK') {
      // Some send the ACK of a 2xx under the branch of its INVITE.
      if (known === undefined || known.state === 'accepted') this.#hooks.onAck(request, nowMs);
      else known.acknowledge(nowMs);
      return;
    }
    if (known !== undefined) {
      if (known.state !== 'accepted') known.repeat();
      return;
    }
    const isFull = this.#servers.size >= MOST_SERVER_TRANSACTIONS || this.#rememberedBytes >= MOST_REMEMBERED_BYTES;
    if (isFull || (method === 'INVITE' && this.#unanswered >= MOST_UNANSWERED)) this.refuse(request, flow, 503);
    else if (method === 'CANCEL') this.#cancel(request, flow, nowMs);
    else this.#hooks.onRequest(this.#open(request, flow), nowMs);
  }

  #cancel(request: SipRequest, flow: Flow, nowMs: number): void {
    const invite = this.#inviteOf(request, flow);
    const status = invite === undefined ? 481 : 200;
    this.#open(request, flow).respond(responseTo(request, status, { tag: 'cancel' }), nowMs);
    if (invite !== undefined && !invite.isAnswered) invite.onCancelled(nowMs);
  }

  /** The INVITE that this CANCEL or ACK is of: by all that section 17.2.3 compares, or by its branch, its Call-ID and where it comes from. */
  #inviteOf(request: SipRequest, { transport, host, port }: Flow): ServerTransaction | undefined {
    const exact = this.#servers.get(serverKey(request, 'INVITE'));
    if (exact !== undefined) return exact;
    const invite = this.#invites.get(inviteKey(request));
    const isSameFlow = invite?.flow.transport === transport && invite.flow.host === host && invite.flow.port === port;
    return isSameFlow ? invite : undefined;
  }

  #open(request: SipRequest, flow: Flow): ServerTransaction {
    const key = serverKey(request, request.method);
    const reply = replyFlow(request, flow);
    const isInvite = request.method === 'INVITE';
    const bytes = sizeOf(request);
    const transaction = new ServerTransaction(request, flow, {
      send: (bytes) => this.#hooks.send(reply, bytes),
      timers: this.#hooks.timers,
      onAnswered: () => {
        if (isInvite) this.#unanswered--;
      },
      onTerminated: () => {
        if (this.#servers.delete(key)) this.#rememberedBytes -= bytes;
        if (this.#invites.get(inviteKey(request)) === transaction) this.#invites.delete(inviteKey(request));
      },
    });
    if (isInvite) this.#unanswered++;
    if (isInvite) this.#invites.set(inviteKey(request), transaction);
    this.#rememberedBytes += bytes;
    this.#servers.set(key, transaction);
    return transaction;
  }
}

/** What a request takes to remember, in bytes, and as much again for its answer, which repeats most of it. */
function sizeOf({ uri, headers, body }: SipRequest): number {
  return headers.reduce((sum, { name, value }) => sum + name.length + value.length, uri.length + body.length) * 2;
}

/** The branch and the method; our branches are unguessable. */
function clientKey(message: SipMessage): string {
  const branch = parseVia(headerOf(message, 'via') ?? '')?.parameters.get('branch') ?? '';
  return `${branch} ${parseSequence(headerOf(message, 'cseq') ?? '')?.method ?? ''}`;
}

function inviteKey(request: SipRequest): string {
  return `${parseVia(headerOf(request, 'via') ?? '')?.parameters.get('branch') ?? ''} ${headerOf(request, 'call-id')}`;
}

function serverKey(request: SipRequest, method: string): string {
  const text = headerOf(request, 'via') ?? '';
  const via = parseVia(text);
  const branch = via?.parameters.get('branch') ?? '';
  if (branch.startsWith(MAGIC) && branch.length > MAGIC.length) {
    return `${branch} ${via?.host}:${via?.port ?? DEFAULT_SIP_PORT} ${method}`;
  }
  const from = parseNameAddress(headerOf(request, 'from') ?? '')?.parameters.get('tag') ?? '';
  const number = parseSequence(headerOf(request, 'cseq') ?? '')?.number ?? 0;
  return `2543 ${request.uri} ${from} ${headerOf(request, 'call-id')} ${number} ${branch} ${via?.host} ${method}`;
}

/** Says in the topmost Via where the request came from (section 18.2.1, RFC 3581 section 4). */
function withSource(request: SipRequest, { host, port }: Flow): SipRequest {
  const at = request.headers.findIndex(({ name }) => name === 'via');
  const via = request.headers[at];
  const parsed = parseVia(via?.value ?? '');
  if (via === undefined || parsed === undefined) return request;
  const wantsPort = parsed.parameters.has('rport');
  if (!wantsPort && parsed.host === host) return request;
  const plain = (splitOutside(via.value, ';') ?? [])
    .filter((part) => !/^(?:rport|received)(?![^\s=])/i.test(part))
    .join(';');
  const value = `${plain};received=${host}${wantsPort ? `;rport=${port}` : ''}`;
  return { ...request, headers: request.headers.with(at, { name: 'via', value }) };
}

/** Where a response goes: to the host that asked, whatever the request says of others (section 18.2.2). */
function replyFlow(request: SipRequest, flow: Flow): Flow {
  if (flow.transport === 'tcp') return flow;
  const via = parseVia(headerOf(request, 'via') ?? '');
  if (via === undefined || via.parameters.has('rport')) return flow;
  return { ...flow, port: via.port ?? DEFAULT_SIP_PORT };
}
