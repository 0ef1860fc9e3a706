/**
 * Requests that are sent again with the password where a server or a proxy asks for it (RFC 3261 section 22), as within a call each of
 * them may. Who merely calls us is told nothing: by asking for the answer to another server's question they could speak as us there.
 */
import { type Credentials, DigestAnswers } from '../digest.ts';
import type { Flow } from '../flow.ts';
import { type Header, headerOf, headersOf, type SipRequest, type SipResponse } from '../message.ts';
import type { ClientTransaction } from '../transactions/client.ts';
import type { CallAgent } from './contract.ts';

/** A proxy and a server behind it ask one after the other, and each may find its question too old once. */
export const MOST_TRIES = 5;

/** Who asks by 401, and who by 407 (sections 22.2 and 22.3). */
const ASKERS = [
  { status: 401, asks: 'www-authenticate', told: 'authorization' },
  { status: 407, asks: 'proxy-authenticate', told: 'proxy-authorization' },
] as const;

type Asked = Pick<SipRequest, 'method' | 'uri' | 'body'>;

/** What comes of the request that was sent last. */
export type OnProvenResponse = (response: SipResponse | null, nowMs: number, sent: Sent) => void;

export interface Sent {
  readonly request: SipRequest;
  readonly transaction: ClientTransaction;
}

export class Proving {
  readonly #agent: Pick<CallAgent, 'fresh' | 'request'>;
  readonly #answers: ReadonlyMap<number, DigestAnswers>;
  readonly #isFor: (flow: Flow) => boolean;

  /** @param isFor whether who is there may ask for the password */
  constructor(
    agent: Pick<CallAgent, 'fresh' | 'request'>,
    credentials: Credentials | null,
    isFor: (flow: Flow) => boolean,
  ) {
    this.#agent = agent;
    this.#isFor = isFor;
    this.#answers = new Map(
      credentials === null ? [] : ASKERS.map(({ status }) => [status, new DigestAnswers(credentials)]),
    );
  }

  /** The answers to those who have asked before. */
  headers(request: Asked, flow: Flow): Header[] {
    if (!this.#isFor(flow)) return [];
    return ASKERS.flatMap(({ status, told }) => {
      const value = this.#answers.get(status)?.next(request, this.#agent.fresh());
      return value === undefined ? [] : [{ name: told, value }];
    });
  }

  /** Whether that asks for the password, and the request is worth to be sent again with it. */
  isAsked(request: SipRequest, response: SipResponse, flow: Flow): boolean {
    const asker = ASKERS.find(({ status }) => status === response.status);
    if (asker === undefined || !this.#isFor(flow)) return false;
    const answered = headerOf(request, asker.told) ?? null;
    return this.#answers.get(asker.status)?.take(headersOf(response, asker.asks), answered) ?? false;
  }

  /** @param make a new request, with a number and a branch of its own */
  send(make: () => SipRequest, flow: Flow, nowMs: number, onResponse: OnProvenResponse): void {
    this.#try(make, flow, nowMs, onResponse, MOST_TRIES);
  }

  #try(make: () => SipRequest, flow: Flow, nowMs: number, onResponse: OnProvenResponse, left: number): void {
    const made = make();
    const request = { ...made, headers: [...made.headers, ...this.headers(made, flow)] };
    const transaction = this.#agent.request(request, flow, nowMs, (response, atMs) => {
      if (response !== null && left > 1 && this.isAsked(request, response, flow)) {
        this.#try(make, flow, atMs, onResponse, left - 1);
      } else onResponse(response, atMs, { request, transaction });
    });
  }
}
