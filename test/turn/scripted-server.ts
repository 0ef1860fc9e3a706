/** A TURN server that a test tells what to answer; left to itself it does as RFC 8656 says. */

import type { Endpoint } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { longTermKey, verifyStun } from '../../infra/stun/integrity.ts';
import type { ReceivedStun, StunAttributes, StunError } from '../../infra/stun/message.ts';
import { readStun } from '../../infra/stun/read.ts';
import { writeStun } from '../../infra/stun/write.ts';

export const ACCOUNT = { username: 'anna', password: 's3cret' };
export const REALM = 'example.org';
export const KEY = longTermKey(ACCOUNT.username, REALM, ACCOUNT.password);

interface Refused extends StunAttributes {
  readonly error: StunError;
}

export class ScriptedServer {
  readonly endpoint: Endpoint;
  readonly relayed: readonly Endpoint[];
  /** All requests as they came, those without credentials too. */
  readonly seen: ReceivedStun[] = [];
  /** One for each request with the right credentials, before the server's own mind counts. */
  readonly script: StunAttributes[] = [];
  nonce = 'nonce-1';
  isSilent = false;
  hasAllocation = false;
  lifetimeS = 600;

  constructor(endpoint: Endpoint, relayed: readonly Endpoint[] = [{ host: endpoint.host, port: 50_000 }]) {
    this.endpoint = endpoint;
    this.relayed = relayed;
  }

  /** What it answers to a request from `from`. */
  answer(bytes: Uint8Array, from: Endpoint): Uint8Array | undefined {
    const request = readStun(bytes);
    if (request === undefined || this.isSilent) return undefined;
    this.seen.push(request);
    const challenge = { realm: REALM, nonce: this.nonce };
    const isSealed = request.username === ACCOUNT.username && verifyStun(bytes, KEY);
    if (!isSealed) return reply(request, { error: { code: 401, reason: 'Unauthorized' }, ...challenge });
    if (request.nonce !== this.nonce)
      return reply(request, { error: { code: 438, reason: 'Stale Nonce' }, ...challenge });
    return reply(request, this.script.shift() ?? this.#obey(request, from), KEY);
  }

  /** The requests with credentials: methods, and to whom they let through. */
  get asked(): readonly string[] {
    return this.seen
      .filter(({ username }) => username !== undefined)
      .map(({ method, peerAddress, channel, lifetimeS }) => {
        const peer = peerAddress === undefined ? '' : ` ${endpointText(peerAddress)}`;
        return `${method}${lifetimeS === 0 ? ' 0' : ''}${peer}${channel === undefined ? '' : ` #${channel.toString(16)}`}`;
      });
  }

  #obey({ method, lifetimeS }: ReceivedStun, from: Endpoint): StunAttributes {
    if (method === 'allocate') {
      if (this.hasAllocation) return MISMATCH;
      this.hasAllocation = true;
      return { relayedAddresses: this.relayed, mappedAddress: from, lifetimeS: this.lifetimeS };
    }
    if (!this.hasAllocation) return MISMATCH;
    if (method !== 'refresh') return {};
    if (lifetimeS === 0) this.hasAllocation = false;
    return { lifetimeS: lifetimeS === 0 ? 0 : this.lifetimeS };
  }
}

export const MISMATCH: Refused = { error: { code: 437, reason: 'Allocation Mismatch' } };

export function refused(code: number, reason = 'No'): Refused {
  return { error: { code, reason } };
}

/** @param key left out: without a MAC */
export function reply(request: ReceivedStun, attributes: StunAttributes, key?: Uint8Array): Uint8Array {
  const { method, transactionId } = request;
  const message = { class: attributes.error === undefined ? 'success' : 'error', method, transactionId } as const;
  return writeStun({ ...message, ...attributes }, key === undefined ? {} : { integrity: { hash: 'sha1', key } });
}
