/** What a TURN server lets through to us and for how long: permissions and channels, and when each is to be asked for again. */

import type { Endpoint } from '../path/contract.ts';
import { endpointText } from '../path/table/addresses.ts';
import { earliest } from '../stun/outgoing.ts';
import { ChannelNumbers, MOST_CHANNELS } from './channel-numbers.ts';
import type { TurnPeer } from './contract.ts';
import type { Request } from './exchange.ts';
import type { TurnFailure } from './failure.ts';

/**
 * A permission lasts 300 s, a channel 600 s, and asking for a channel renews its permission (RFC 8656 sections 9 and 12): both are asked
 * for again a minute before the shorter one ends. In ms.
 */
const RENEW_AFTER_MS = 240_000;
/** What was refused may be allowed later, but not at once. In ms. */
const TRY_AGAIN_AFTER_MS = 60_000;
/** Any port does for a permission: it is for the whole host (RFC 8656 section 10.1). */
const SOME_PORT = 1;

export interface Lease {
  /** A permission is for a host: what comes from it on any port is told. A channel is for one address, and costs four bytes a packet. */
  readonly wanted:
    | { readonly kind: 'permission'; readonly host: string }
    | { readonly kind: 'channel'; readonly peer: Endpoint; readonly channel: number };
  state: TurnPeer;
  /** Undefined: it is under way. */
  askAtMs: number | undefined;
}

export class Leases {
  /** By host, or by `host:port` for channels. */
  readonly #leases = new Map<string, Lease>();
  readonly #numbers = new ChannelNumbers();

  get nextAtMs(): number | undefined {
    return earliest(...[...this.#leases.values()].map(({ askAtMs }) => askAtMs));
  }

  /** By host for permissions, by `host:port` for channels. */
  get states(): ReadonlyMap<string, TurnPeer> {
    return new Map([...this.#leases].map(([key, { state }]) => [key, state]));
  }

  /** Beyond 4096 hosts and addresses nothing is asked for: no room has so many. */
  permit(host: string, nowMs: number): void {
    this.#add(host, nowMs, () => ({ kind: 'permission', host }));
  }

  /** As for {@link permit}. */
  bind(peer: Endpoint, nowMs: number): void {
    this.#add(endpointText(peer), nowMs, () => {
      const channel = this.#numbers.take(peer, nowMs);
      return channel === undefined ? undefined : { kind: 'channel', peer, channel };
    });
  }

  /** Lets them lapse. */
  release(key: string, nowMs: number): void {
    const wanted = this.#leases.get(key)?.wanted;
    this.#leases.delete(key);
    if (wanted?.kind === 'channel') this.#numbers.release(wanted.peer, nowMs);
  }

  /** The allocation is another one, or will be: nothing that was granted holds. */
  askAllAt(nowMs: number): void {
    for (const lease of this.#leases.values()) {
      lease.state = { kind: 'asking' };
      lease.askAtMs = nowMs;
    }
  }

  /** Those that are to be asked for now. They count as under way from here on. */
  due(nowMs: number): Lease[] {
    const due = [...this.#leases.values()].filter(({ askAtMs }) => askAtMs !== undefined && askAtMs <= nowMs);
    for (const lease of due) lease.askAtMs = undefined;
    return due;
  }

  /** The channel through which packets reach `peer`, once the server has said so. */
  channelTo(peer: Endpoint): number | undefined {
    const lease = this.#leases.get(endpointText(peer));
    return lease?.wanted.kind === 'channel' && lease.state.kind === 'granted' ? lease.wanted.channel : undefined;
  }

  /** Whose packets come through `channel`. The server may send the first before its answer. */
  peerOf(channel: number): Endpoint | undefined {
    return this.#numbers.peerOf(channel);
  }

  #add(key: string, nowMs: number, want: () => Lease['wanted'] | undefined): void {
    if (this.#leases.has(key) || this.#leases.size === MOST_CHANNELS) return;
    const wanted = want();
    if (wanted !== undefined) this.#leases.set(key, { wanted, state: { kind: 'asking' }, askAtMs: nowMs });
  }
}

export function requestOf({ wanted }: Lease): Request {
  if (wanted.kind === 'channel') {
    return { method: 'channel-bind', channel: wanted.channel, peerAddress: wanted.peer };
  }
  return { method: 'create-permission', peerAddress: { host: wanted.host, port: SOME_PORT } };
}

/** @param failure null: it is granted */
export function settle(lease: Lease, failure: TurnFailure | null, nowMs: number): void {
  lease.state = failure === null ? { kind: 'granted' } : { kind: 'failed', failure };
  lease.askAtMs = nowMs + (failure === null ? RENEW_AFTER_MS : TRY_AGAIN_AFTER_MS);
}
