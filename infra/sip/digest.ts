/** Digest authentication (RFC 2617, RFC 8760) with MD5 and SHA-256: what phones and registrars speak. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Parameters, parametersIn, quote, splitOutside } from './grammar.ts';

/** The better one first. */
const ALGORITHMS = { 'sha-256': 'sha256', md5: 'md5' } as const;
type Algorithm = keyof typeof ALGORITHMS;

/** How long a nonce may be used, in ms. */
const NONCE_MS = 300_000;
/** Calls with the right password in that time: three a second. */
const MOST_USED = 1000;

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What is asked for, of one WWW-Authenticate or Proxy-Authenticate header; undefined: it is no digest, or malformed. */
function parseDigest(text: string): Parameters | undefined {
  const [, told] = /^Digest\s+(.*)$/i.exec(text.trim()) ?? [];
  const parts = told === undefined ? undefined : splitOutside(told, ',');
  return parts === undefined ? undefined : parametersIn(parts);
}

interface Challenge {
  readonly parameters: Parameters;
  readonly algorithm: Algorithm;
}

interface Asked {
  readonly method: string;
  readonly uri: string;
  /** Left out: it is empty. */
  readonly body?: Uint8Array;
}

/** What of a request is vouched for: `auth-int` is of its body, too. */
type Quality = 'auth' | 'auth-int';

/** Answers one server, request after request: its nonce is used again and counted, until it asks anew (RFC 7616 section 3.3). */
export class DigestAnswers {
  readonly #credentials: Credentials;
  #challenge: Challenge | undefined;
  #count = 0;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /**
   * The server asks.
   *
   * @param answered the Authorization header of the request that it has refused; null: there was none
   * @returns false: it cannot be answered, or what was answered was wrong
   */
  take(challenges: readonly string[], answered: string | null): boolean {
    const challenge = bestOf(challenges);
    const isStale = challenge?.parameters.get('stale')?.toLowerCase() === 'true';
    const nonce = challenge?.parameters.get('nonce');
    const before = parseDigest(answered ?? '');
    const count = before?.get('nc');
    // A nonce that was right before has merely become too old, whether the server says so or not.
    const isFirstUse = count === undefined ? before?.get('nonce') === nonce : Number.parseInt(count, 16) === 1;
    const isWrong = before !== undefined && isFirstUse && !isStale;
    // Requests that were sent together may be asked one after the other: a count is told once.
    if (nonce !== this.#challenge?.parameters.get('nonce')) this.#count = 0;
    this.#challenge = challenge;
    return challenge !== undefined && !isWrong;
  }

  /** The value of an Authorization header; undefined: nobody has asked. @param clientNonce fresh and unguessable */
  next(request: Asked, clientNonce: string): string | undefined {
    if (this.#challenge === undefined) return undefined;
    this.#count++;
    return answerTo(this.#challenge, this.#credentials, request, { count: this.#count, clientNonce });
  }
}

/** Of those that can be answered. */
function bestOf(challenges: readonly string[]): Challenge | undefined {
  const known = challenges.flatMap((challenge): Challenge[] => {
    const parameters = parseDigest(challenge);
    const algorithm = parameters && algorithmOf(parameters);
    const qualities = parameters?.get('qop');
    const isKnown = qualities === undefined || qualityIn(qualities) !== undefined;
    return parameters === undefined || algorithm === undefined || !isKnown ? [] : [{ parameters, algorithm }];
  });
  return known.find(({ algorithm }) => algorithm === 'sha-256') ?? known[0];
}

/** What is asked least of. */
function qualityIn(qualities: string): Quality | undefined {
  const asked = qualities.split(',').map((quality) => quality.trim().toLowerCase());
  return (['auth', 'auth-int'] as const).find((quality) => asked.includes(quality));
}

function answerTo(
  { parameters, algorithm }: Challenge,
  { user, password }: Credentials,
  request: Asked,
  { count, clientNonce }: { readonly count: number; readonly clientNonce: string },
): string {
  const [realm, nonce] = [parameters.get('realm') ?? '', parameters.get('nonce') ?? ''];
  const name = qualityIn(parameters.get('qop') ?? '');
  const quality = name === undefined ? null : { name, count: count.toString(16).padStart(8, '0'), clientNonce };
  const response = responseOf(algorithm, { ...request, user, password, realm, nonce, quality });
  const opaque = parameters.get('opaque');
  return [
    `Digest username=${quote(user)}, realm=${quote(realm)}, nonce=${quote(nonce)}, uri=${quote(request.uri)}`,
    `response="${response}", algorithm=${algorithm.toUpperCase()}`,
    ...(quality === null ? [] : [`qop=${quality.name}, nc=${quality.count}, cnonce="${clientNonce}"`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
  ].join(', ');
}

/** Asks callers for a password, and checks what they answer. Nonces tell their own time: nothing is stored for strangers. */
export class DigestGuard {
  readonly #realm: string;
  readonly #password: string;
  readonly #key: Uint8Array;
  /** Answers that were right, until their nonces are too old: each counts once. Whoever does not know the password adds none. */
  readonly #used = new Map<string, number>();

  /** @param key unguessable, of this guard alone */
  constructor(realm: string, password: string, key: Uint8Array) {
    this.#realm = realm;
    this.#password = password;
    this.#key = key;
  }

  /** The values of WWW-Authenticate, the better first (RFC 8760 section 2.4). */
  challenges(nowMs: number, isStale: boolean): string[] {
    const stale = isStale ? ', stale=true' : '';
    return Object.keys(ALGORITHMS).map(
      (algorithm) =>
        `Digest realm=${quote(this.#realm)}, nonce="${this.#nonce(nowMs)}", algorithm=${algorithm.toUpperCase()}, qop="auth"${stale}`,
    );
  }

  /** @param authorizations values of Authorization headers. `stale`: the password is right, the nonce too old */
  check(authorizations: readonly string[], method: string, nowMs: number): 'right' | 'stale' | 'wrong' {
    const results = authorizations.map((text) => this.#checkOne(text, method, nowMs));
    return results.find((result) => result === 'right') ?? results.find((result) => result === 'stale') ?? 'wrong';
  }

  #checkOne(text: string, method: string, nowMs: number): 'right' | 'stale' | 'wrong' {
    const told = parseDigest(text);
    const algorithm = told && algorithmOf(told);
    if (told === undefined || algorithm === undefined) return 'wrong';
    const [nonce = '', uri = '', user = ''] = [told.get('nonce'), told.get('uri'), told.get('username')];
    if (told.get('realm') !== this.#realm || told.get('qop')?.toLowerCase() !== 'auth') return 'wrong';
    const quality = { name: 'auth', count: told.get('nc') ?? '', clientNonce: told.get('cnonce') ?? '' } as const;
    const expected = responseOf(algorithm, {
      ...{ user, password: this.#password, realm: this.#realm, nonce, method, uri, quality },
    });
    if (!isSame(expected, told.get('response') ?? '')) return 'wrong';
    const madeMs = Number.parseInt(nonce.split('-')[0] ?? '', 36);
    const isOurs = Number.isFinite(madeMs) && isSame(this.#nonce(madeMs), nonce);
    if (!isOurs || nowMs - madeMs > NONCE_MS || madeMs > nowMs) return 'stale';
    return this.#isFresh(expected, madeMs, nowMs) ? 'right' : 'stale';
  }

  /** Whoever has heard an answer on its way could say it again. */
  #isFresh(answer: string, madeMs: number, nowMs: number): boolean {
    if (this.#used.size >= MOST_USED) {
      for (const [used, atMs] of this.#used) if (nowMs - atMs > NONCE_MS) this.#used.delete(used);
    }
    if (this.#used.has(answer) || this.#used.size >= MOST_USED) return false;
    this.#used.set(answer, madeMs);
    return true;
  }

  #nonce(nowMs: number): string {
    const time = Math.floor(nowMs).toString(36);
    return `${time}-${createHmac('sha256', this.#key).update(time).digest('base64url').slice(0, 22)}`;
  }
}

interface Proof {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  readonly body?: Uint8Array;
  /** Null: of RFC 2069, without qop. */
  readonly quality: { readonly name: Quality; readonly count: string; readonly clientNonce: string } | null;
}

function responseOf(algorithm: Algorithm, proof: Proof): string {
  const hash = (bytes: Uint8Array) => createHash(ALGORITHMS[algorithm]).update(bytes).digest('hex');
  const hashText = (text: string) => hash(Buffer.from(text, 'latin1'));
  const { user, realm, password, method, uri, body = new Uint8Array(), nonce, quality } = proof;
  const secret = hashText(`${user}:${realm}:${password}`);
  const asked = hashText(`${method}:${uri}${quality?.name === 'auth-int' ? `:${hash(body)}` : ''}`);
  const middle = quality === null ? nonce : `${nonce}:${quality.count}:${quality.clientNonce}:${quality.name}`;
  return hashText(`${secret}:${middle}:${asked}`);
}

function algorithmOf(parameters: Parameters): Algorithm | undefined {
  const name = (parameters.get('algorithm') ?? 'md5').toLowerCase();
  return name === 'md5' || name === 'sha-256' ? name : undefined;
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
