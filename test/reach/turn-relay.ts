/** A TURN server in a wired room: it answers as the scripted one does, and passes on what it has let through (RFC 8656). */

import type { Endpoint } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { writeStun } from '../../infra/stun/write.ts';
import { ScriptedServer } from '../turn/scripted-server.ts';
import type { Server, WiredRoom } from './wired-room.ts';

export const TURN_SERVER: Endpoint = { host: '192.0.2.1', port: 3478 };

export class TurnRelay implements Server {
  readonly endpoint: Endpoint;
  readonly hosts: readonly string[];
  readonly scripted: ScriptedServer;
  /** How often it passed something on as data, and through a channel. */
  readonly passed = { data: 0, channel: 0, out: 0 };
  readonly #room: WiredRoom;
  /** Where the one that has the allocation is. */
  #client: Endpoint | null = null;
  #transactions = 0;

  /** Of one client: another one has a server of its own. */
  constructor(room: WiredRoom, endpoint = TURN_SERVER) {
    this.#room = room;
    this.endpoint = endpoint;
    this.hosts = [endpoint.host];
    this.scripted = new ScriptedServer(endpoint, [this.#relayed]);
  }

  take(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    if (to.port === this.#relayed.port) this.#fromOutside(bytes, from);
    else if (to.channel === undefined) this.#request(bytes, from);
    else this.#fromClient(bytes, to.channel);
  }

  get #relayed(): Endpoint {
    return { host: this.endpoint.host, port: 50_000 };
  }

  #request(bytes: Uint8Array, from: Endpoint): void {
    const answer = this.scripted.answer(bytes, from);
    if (this.scripted.hasAllocation) this.#client ??= from;
    if (answer !== undefined) this.#room.pass(answer, this.endpoint, from);
  }

  #fromClient(bytes: Uint8Array, channel: number): void {
    const bound = this.scripted.seen.find((request) => request.channel === channel && request.username !== undefined);
    if (bound?.peerAddress === undefined) return;
    this.passed.out += 1;
    this.#room.pass(bytes, this.#relayed, bound.peerAddress);
  }

  #fromOutside(bytes: Uint8Array, from: Endpoint): void {
    const asked = this.scripted.seen.filter(({ username }) => username !== undefined);
    if (this.#client === null || !asked.some(({ peerAddress }) => peerAddress?.host === from.host)) return;
    const bound = asked.find(
      ({ channel, peerAddress }) =>
        channel !== undefined && peerAddress && endpointText(peerAddress) === endpointText(from),
    );
    this.passed[bound === undefined ? 'data' : 'channel'] += 1;
    if (bound?.channel !== undefined)
      this.#room.pass(bytes, { ...this.endpoint, channel: bound.channel }, this.#client);
    else this.#room.pass(this.#data(bytes, from), this.endpoint, this.#client);
  }

  #data(data: Uint8Array, peerAddress: Endpoint): Uint8Array {
    this.#transactions += 1;
    const transactionId = this.#transactions.toString(16).padStart(24, '0');
    return writeStun({ class: 'indication', method: 'data', transactionId, peerAddress, data });
  }
}
