/** Requests to one TURN server under long-term credentials, each until it is answered or given up (RFC 8489 section 9.2). */
import type { Endpoint } from '../path/contract.ts';
import { longTermKey, verifyStun } from '../stun/integrity.ts';
import type { ReceivedStun, StunAttributes, StunError, StunMethod } from '../stun/message.ts';
import { type Datagram, earliest } from '../stun/outgoing.ts';
import { Transaction } from '../stun/transaction.ts';
import { writeStun } from '../stun/write.ts';

const UNAUTHENTICATED = 401;
const STALE_NONCE = 438;
/** A server that answers these cannot know our key, or does not look at it: they come without MAC (RFC 8489 section 9.2.4). */
const ERRORS_WITHOUT_MAC: ReadonlySet<number> = new Set([400, UNAUTHENTICATED, STALE_NONCE]);
/** One for want of a nonce, one for a nonce that has just become stale. A server that goes on like that would be asked for ever. */
const MOST_CHALLENGES = 3;

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** {@link freshTransactionId}, or in a test what it likes. */
  readonly transactionId: () => string;
}

export interface Request extends StunAttributes {
  readonly method: StunMethod;
}

/** How a request ended. */
export type Answer =
  | { readonly kind: 'success'; readonly message: ReceivedStun }
  /** Null: nobody has answered. */
  | { readonly kind: 'failed'; readonly error: StunError | null; readonly alternateServer?: Endpoint | undefined };

/** `purpose` is what the asker gave, to know its requests apart. */
export interface Ended<Purpose> {
  readonly purpose: Purpose;
  readonly answer: Answer;
}

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly key: Uint8Array;
}

interface Pending<Purpose> {
  readonly purpose: Purpose;
  readonly request: Request;
  readonly transaction: Transaction;
  /** What it was sealed with; null: it was sent without. */
  readonly challenge: Challenge | null;
  /** How often the server has asked for other credentials. */
  readonly challenged: number;
}

export class Exchange<Purpose> {
  readonly server: Endpoint;
  readonly #credentials: Credentials;
  /** By transaction id. */
  readonly #pending = new Map<string, Pending<Purpose>>();
  /** The last realm and nonce that the server told. */
  #challenge: Challenge | null = null;

  constructor(server: Endpoint, credentials: Credentials) {
    this.server = server;
    this.#credentials = credentials;
  }

  get wakeAtMs(): number | undefined {
    return earliest(...[...this.#pending.values()].map(({ transaction }) => transaction.nextAtMs));
  }

  /** {@link poll} sends it. */
  ask(purpose: Purpose, request: Request, nowMs: number): void {
    this.#ask(purpose, request, 0, nowMs);
  }

  /** What is due now, and which requests nobody has answered. */
  poll(nowMs: number): { readonly datagrams: Datagram[]; readonly ended: Ended<Purpose>[] } {
    const datagrams: Datagram[] = [];
    const ended: Ended<Purpose>[] = [];
    for (const [id, { purpose, transaction }] of this.#pending) {
      const next = transaction.poll(nowMs);
      if (next === 'send') datagrams.push({ to: this.server, bytes: transaction.bytes });
      if (next !== 'failed') continue;
      this.#pending.delete(id);
      ended.push({ purpose, answer: { kind: 'failed', error: null } });
    }
    return { datagrams, ended };
  }

  /**
   * @param bytes of the message, whose MAC is checked
   * @returns `foreign`: it answers nothing that was asked, or proves nothing; `asked-again`: the server wanted other credentials
   */
  take(message: ReceivedStun, bytes: Uint8Array, nowMs: number): Ended<Purpose> | 'foreign' | 'asked-again' {
    const pending = this.#pending.get(message.transactionId);
    if (pending === undefined || message.method !== pending.request.method) return 'foreign';
    if (message.notUnderstood.length > 0 || !isProved(pending.challenge, message, bytes)) return 'foreign';
    const answer = answerOf(message);
    if (answer === undefined) return 'foreign';
    this.#pending.delete(message.transactionId);
    if (!this.#isChallenged(pending, message)) return { purpose: pending.purpose, answer };
    this.#ask(pending.purpose, pending.request, pending.challenged + 1, nowMs);
    return 'asked-again';
  }

  /** Nothing that is under way matters any more. */
  forget(): void {
    this.#pending.clear();
  }

  #ask(purpose: Purpose, request: Request, challenged: number, nowMs: number): void {
    const challenge = this.#challenge;
    const transactionId = this.#credentials.transactionId();
    const message = { class: 'request', transactionId, ...request } as const;
    const { username } = this.#credentials;
    const bytes =
      challenge === null
        ? writeStun(message)
        : writeStun(
            { ...message, username, realm: challenge.realm, nonce: challenge.nonce },
            { integrity: { hash: 'sha1', key: challenge.key } },
          );
    const transaction = new Transaction(bytes, nowMs);
    this.#pending.set(transactionId, { purpose, request, transaction, challenge, challenged });
  }

  /** Whether it is worth asking again: with credentials after a first 401, with the new nonce after a 438. */
  #isChallenged({ challenge, challenged }: Pending<Purpose>, { error, realm, nonce }: ReceivedStun): boolean {
    const isFirst = error?.code === UNAUTHENTICATED && challenge === null;
    if (!isFirst && error?.code !== STALE_NONCE) return false;
    if (nonce === undefined || realm === undefined || challenged === MOST_CHALLENGES) return false;
    const { username, password } = this.#credentials;
    this.#challenge = { realm, nonce, key: longTermKey(username, realm, password) };
    return true;
  }
}

function isProved(challenge: Challenge | null, message: ReceivedStun, bytes: Uint8Array): boolean {
  if (challenge === null || verifyStun(bytes, challenge.key)) return true;
  return message.class === 'error' && message.error !== undefined && ERRORS_WITHOUT_MAC.has(message.error.code);
}

function answerOf(message: ReceivedStun): Answer | undefined {
  if (message.class === 'success') return { kind: 'success', message };
  if (message.class !== 'error' || message.error === undefined) return undefined;
  return { kind: 'failed', error: message.error, alternateServer: message.alternateServer };
}
