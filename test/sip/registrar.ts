/** A registrar as small as one can be (RFC 3261 section 10.3): asks for a password, counts nonces, and remembers who is where. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { bindUdp } from '../../infra/network/bind-udp.ts';
import { parseNameAddress } from '../../infra/sip/fields.ts';
import { parametersIn, splitOutside } from '../../infra/sip/grammar.ts';
import { type Header, headerOf, type SipRequest, type SipResponse } from '../../infra/sip/message.ts';
import { readMessage } from '../../infra/sip/read.ts';
import { responseTo, writeMessage } from '../../infra/sip/write.ts';

const REALM = 'registrar';

export interface RegistrarOptions {
  readonly password: string;
  /** What it remembers a contact for, in s; who asks for less than `leastS` is told so. */
  readonly grantedS: number;
  readonly leastS?: number;
}

/** Pure: what it answers to a request. */
export class Registrar {
  /** Where each user is; nobody who is not. */
  readonly contacts = new Map<string, string>();
  /** `nc` of each request that was let in. */
  readonly counts: number[] = [];
  readonly #options: RegistrarOptions;
  #nonce = 1;
  #newest = 0;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** Nonces of before are stale from now on. */
  renew(): void {
    this.#nonce++;
    this.#newest = 0;
  }

  answer(request: SipRequest): SipResponse {
    const { grantedS, leastS = 0 } = this.#options;
    const proof = this.#check(request);
    if (proof !== 'right') {
      const stale = proof === 'stale' ? ', stale=true' : '';
      const value = `Digest realm="${REALM}", nonce="n${this.#nonce}", algorithm=MD5, qop="auth,auth-int"${stale}`;
      return respond(request, 401, [{ name: 'www-authenticate', value }]);
    }
    const wanted = Number(headerOf(request, 'expires'));
    if (wanted > 0 && wanted < leastS) return respond(request, 423, [{ name: 'min-expires', value: String(leastS) }]);
    const user = parseNameAddress(headerOf(request, 'to') ?? '')?.uri ?? '';
    const contact = headerOf(request, 'contact') ?? '';
    if (wanted === 0) this.contacts.delete(user);
    else this.contacts.set(user, contact);
    return respond(request, 200, wanted === 0 ? [] : [{ name: 'contact', value: `${contact};expires=${grantedS}` }]);
  }

  #check(request: SipRequest): 'right' | 'wrong' | 'stale' {
    const told = /^Digest (.*)$/.exec(headerOf(request, 'authorization') ?? '')?.[1];
    const parts = parametersIn(splitOutside(told ?? '', ',') ?? []);
    if (told === undefined || parts === undefined) return 'wrong';
    const [user, nonce, nc, cnonce, uri] = ['username', 'nonce', 'nc', 'cnonce', 'uri'].map((name) => parts.get(name));
    const hash = (text: string) => createHash('md5').update(text).digest('hex');
    const secret = hash(`${user}:${REALM}:${this.#options.password}`);
    const expected = hash(`${secret}:${nonce}:${nc}:${cnonce}:auth:${hash(`REGISTER:${uri}`)}`);
    if (parts.get('response') !== expected || parts.get('qop') !== 'auth') return 'wrong';
    if (nonce !== `n${this.#nonce}`) return 'stale';
    const count = Number.parseInt(nc ?? '', 16);
    // A count that comes again is a replay.
    if (!(count > this.#newest)) return 'stale';
    this.#newest = count;
    this.counts.push(count);
    return 'right';
  }
}

/** The same on a socket of its own. */
export async function startRegistrar(host: string, registrar: Registrar) {
  const socket = await bindUdp({ host, port: 0 });
  socket.on('message', (bytes, from) => {
    const read = readMessage(bytes);
    if (read.kind !== 'message' || read.message.kind !== 'request') return;
    socket.send(writeMessage(registrar.answer(read.message)), from.port, from.address, () => socket.emit('answered'));
  });
  return {
    port: socket.address().port,
    /** Resolves once it has answered the next request. */
    answered: () => once(socket, 'answered'),
    close: () => void socket.close(),
  };
}

function respond(request: SipRequest, status: number, headers: readonly Header[]): SipResponse {
  return responseTo(request, status, { tag: 'registrar', headers });
}
