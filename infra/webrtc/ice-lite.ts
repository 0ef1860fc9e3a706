/**
 * ICE as a host that is reached anyway does it (ICE-lite, RFC 8445 section 2.5): it only answers the page's checks, and sends to where
 * the page has chosen to be.
 *
 * Owns neither socket nor clock.
 */
import { randomBytes } from 'node:crypto';
import type { Endpoint } from '../path/contract.ts';
import { endpointText } from '../path/table/addresses.ts';
import { verifyStun } from '../stun/integrity.ts';
import type { ReceivedStun } from '../stun/message.ts';
import { readStun } from '../stun/read.ts';
import { writeStun } from '../stun/write.ts';
import type { IceCredentials } from './offer.ts';

/** Attributes of a check that STUN itself does not know (RFC 8445 section 16.1). */
const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;
const CHECK_ATTRIBUTES: ReadonlySet<number> = new Set([PRIORITY, USE_CANDIDATE]);

/** Consent lapses after so many ms without a check (RFC 7675 section 5.1). Browsers check every 2.5 s at least. */
const CONSENT_MS = 30_000;
/** A page has a handful of addresses that reach this machine. */
const MOST_ADDRESSES = 8;
/** 128 bits of password, as RFC 8445 section 5.3 asks for; 4 letters of name tell two offers apart. */
const PASSWORD_BYTES = 24;
const UFRAG_BYTES = 6;

/** A check was dropped, or this is the answer to it. */
export type Checked = { readonly kind: 'refused' } | { readonly kind: 'answer'; readonly bytes: Uint8Array };

interface Session {
  readonly local: IceCredentials;
  readonly remote: IceCredentials;
}

export class IceLite {
  /** The last is the one that counts; the one before it is answered until the page has used the new one. */
  #sessions: readonly Session[] = [];
  /** By text: where checks came from that proved themselves. */
  readonly #valid = new Map<string, Endpoint>();
  #nominated: Endpoint | null = null;
  #heardAtMs: number;

  constructor(nowMs: number) {
    this.#heardAtMs = nowMs;
  }

  /** Where to send; null: nobody has been there yet. */
  get remote(): Endpoint | null {
    return this.#nominated ?? [...this.#valid.values()].at(-1) ?? null;
  }

  /** When consent lapses, in ms. */
  get expiresAtMs(): number {
    return this.#heardAtMs + CONSENT_MS;
  }

  /** The page has new credentials: so have we. */
  begin(remote: IceCredentials, nowMs: number): void {
    const local = { ufrag: freshText(UFRAG_BYTES), password: freshText(PASSWORD_BYTES) };
    this.#sessions = [...this.#sessions.slice(-1), { local, remote }];
    this.#heardAtMs = nowMs;
  }

  /** What the answer tells. */
  get local(): IceCredentials | null {
    return this.#sessions.at(-1)?.local ?? null;
  }

  /** Whether a check from there has proved itself. */
  isValid(host: string, port: number): boolean {
    const { remote } = this;
    if (remote !== null && remote.port === port && remote.host === host) return true;
    return this.#valid.has(endpointText({ host, port }));
  }

  /** A STUN message has come. Only checks with the right name and password count; the others cost a comparison. */
  check(bytes: Uint8Array, from: Endpoint, nowMs: number): Checked {
    const message = readStun(bytes);
    const session = message === undefined ? undefined : this.#sessionOf(message);
    if (message === undefined || session === undefined) return { kind: 'refused' };
    const key = Buffer.from(session.local.password);
    if (!verifyStun(bytes, key)) return { kind: 'refused' };
    const { method, transactionId, notUnderstood } = message;
    const integrity = { hash: 'sha1', key } as const;
    const unknownAttributes = notUnderstood.filter((type) => !CHECK_ATTRIBUTES.has(type));
    if (unknownAttributes.length > 0) {
      const error = { code: 420, reason: 'Unknown Attribute' };
      const refusal = { class: 'error', method, transactionId, error, unknownAttributes } as const;
      return { kind: 'answer', bytes: writeStun(refusal, { integrity }) };
    }
    this.#heard(session, from, notUnderstood.includes(USE_CANDIDATE), nowMs);
    const success = { class: 'success', method, transactionId, mappedAddress: from } as const;
    return { kind: 'answer', bytes: writeStun(success, { integrity }) };
  }

  #sessionOf({ class: kind, method, username, hasIntegrity }: ReceivedStun): Session | undefined {
    if (kind !== 'request' || method !== 'binding' || !hasIntegrity) return undefined;
    return this.#sessions.find(({ local, remote }) => username === `${local.ufrag}:${remote.ufrag}`);
  }

  #heard(session: Session, from: Endpoint, nominates: boolean, nowMs: number): void {
    this.#heardAtMs = nowMs;
    if (session === this.#sessions.at(-1)) this.#sessions = [session];
    const text = endpointText(from);
    this.#valid.delete(text);
    this.#valid.set(text, from);
    if (nominates) this.#nominated = from;
    const [oldest] = this.#valid.keys();
    if (this.#valid.size > MOST_ADDRESSES && oldest !== undefined) this.#valid.delete(oldest);
  }
}

/** Letters and digits, `+` and `/`: what ICE allows (RFC 8839 section 5.4). */
function freshText(bytes: number): string {
  return randomBytes(bytes).toString('base64');
}
