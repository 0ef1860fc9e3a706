/** A dialog (RFC 3261 section 12): who the two are to each other, and how requests within it are made and ordered. */
import { parseNameAddress, parseSequence } from '../fields.ts';
import type { Flow } from '../flow.ts';
import { type Header, headerOf, headersOf, NO_BODY, type SipMessage, type SipRequest } from '../message.ts';
import { hostText, sipUriText } from '../uri.ts';
import type { CallAgent } from './contract.ts';

/** Sequence numbers begin low enough never to run over (section 8.1.1.5). */
const FIRST_SEQUENCE = 1;

export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly #agent: CallAgent;
  /** As they stand in From and To of our requests. */
  readonly #local: string;
  #remote: string;
  #remoteTag: string | null;
  #target: string;
  #routes: readonly string[] = [];
  #localSequence = FIRST_SEQUENCE - 1;
  #remoteSequence = 0;
  /** Where its messages come from and go: whatever the other end calls its address, it hears us there. */
  flow: Flow;

  private constructor(
    agent: CallAgent,
    ends: {
      callId: string;
      localTag: string;
      local: string;
      remote: string;
      remoteTag: string | null;
      target: string;
      flow: Flow;
    },
  ) {
    this.#agent = agent;
    this.callId = ends.callId;
    this.localTag = ends.localTag;
    this.#local = ends.local;
    this.#remote = ends.remote;
    this.#remoteTag = ends.remoteTag;
    this.#target = ends.target;
    this.flow = ends.flow;
  }

  /** Of an INVITE that has come. */
  static answering(agent: CallAgent, invite: SipRequest, flow: Flow): Dialog {
    const localTag = agent.fresh();
    const dialog = new Dialog(agent, {
      ...{ callId: headerOf(invite, 'call-id') ?? '', localTag, flow },
      local: `${headerOf(invite, 'to')};tag=${localTag}`,
      remote: headerOf(invite, 'from') ?? '',
      remoteTag: tagIn(invite, 'from'),
      target: contactOf(invite) ?? '',
    });
    dialog.#routes = headersOf(invite, 'record-route');
    dialog.#remoteSequence = sequenceOf(invite);
    return dialog;
  }

  /** Of one that is to be sent. */
  static calling(agent: CallAgent, uri: string, flow: Flow): Dialog {
    const localTag = agent.fresh();
    const { host, port } = agent.address;
    return new Dialog(agent, {
      ...{ callId: agent.fresh(), localTag, flow, remoteTag: null, target: uri, remote: `<${uri}>` },
      local: `<${agent.knownAs ?? `sip:${agent.user}@${hostText(host)}:${port}`}>;tag=${localTag}`,
    });
  }

  get remoteTag(): string | null {
    return this.#remoteTag;
  }

  /** Where the other end says that it is reached, past all proxies. */
  get target(): string {
    return this.#target;
  }

  get isEstablished(): boolean {
    return this.#remoteTag !== null;
  }

  /** By which messages find it. */
  get key(): string {
    return `${this.callId} ${this.localTag}`;
  }

  /** The other end has answered: this is the dialog with it (section 12.1.2). */
  establish(response: SipMessage): void {
    this.#remoteTag = tagIn(response, 'to');
    this.#remote = headerOf(response, 'to') ?? this.#remote;
    this.#routes = headersOf(response, 'record-route').reverse();
    this.retarget(response);
  }

  /** Where further requests are addressed to, as the other end says it. */
  retarget(message: SipMessage): void {
    this.#target = contactOf(message) ?? this.#target;
  }

  /** Whether a request of the other end comes in its order; it counts as come. */
  admits(request: SipRequest): boolean {
    const number = sequenceOf(request);
    if (number <= this.#remoteSequence) return false;
    this.#remoteSequence = number;
    return true;
  }

  request(method: string, headers: readonly Header[] = [], body: Uint8Array = NO_BODY): SipRequest {
    if (method !== 'ACK') this.#localSequence++;
    return this.#make(method, this.#localSequence, headers, body);
  }

  /** The ACK of a 2xx to our INVITE with this number (section 13.2.2.4). */
  ack(number: number, authorization: readonly Header[]): SipRequest {
    return this.#make('ACK', number, authorization, NO_BODY);
  }

  contact(): Header {
    const { host, port } = this.#agent.address;
    return { name: 'contact', value: `<${sipUriText(this.#agent.user, host, port, this.flow.transport)}>` };
  }

  #make(method: string, number: number, headers: readonly Header[], body: Uint8Array): SipRequest {
    return {
      kind: 'request',
      method,
      uri: this.#target,
      headers: [
        viaHeader(this.#agent, this.flow),
        { name: 'max-forwards', value: '70' },
        { name: 'from', value: this.#local },
        { name: 'to', value: this.#remote },
        { name: 'call-id', value: this.callId },
        { name: 'cseq', value: `${number} ${method}` },
        ...this.#routes.map((value) => ({ name: 'route', value })),
        { name: 'user-agent', value: this.#agent.product },
        ...headers,
      ],
      body,
    };
  }
}

/** A Via with a branch of its own. */
export function viaHeader(agent: Pick<CallAgent, 'address' | 'fresh'>, flow: Flow): Header {
  const { host, port } = agent.address;
  const sentBy = `SIP/2.0/${flow.transport.toUpperCase()} ${hostText(host)}:${port}`;
  return { name: 'via', value: `${sentBy};branch=z9hG4bK${agent.fresh()};rport` };
}

export function sequenceOf(message: SipMessage): number {
  return parseSequence(headerOf(message, 'cseq') ?? '')?.number ?? 0;
}

export function tagIn(message: SipMessage, name: 'from' | 'to'): string {
  return parseNameAddress(headerOf(message, name) ?? '')?.parameters.get('tag') ?? '';
}

function contactOf(message: SipMessage): string | undefined {
  const uri = parseNameAddress(headerOf(message, 'contact') ?? '')?.uri;
  // It goes into a request line.
  return uri === undefined || /[\s<>?]/.test(uri) ? undefined : uri;
}
