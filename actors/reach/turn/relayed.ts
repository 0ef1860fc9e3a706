/** Our address at the TURN server, and whom it lets through to us: the hosts of members, and nobody else. */

import type { Endpoint } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';
import type { ReceivedStun } from '../../../infra/stun/message.ts';
import type { TurnClient } from '../../../infra/turn/client.ts';
import type { TurnOutgoing, TurnState } from '../../../infra/turn/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Sighting } from '../../../machines/pairs/witnesses.ts';
import { type TurnNews, TurnWatch } from './turn-news.ts';

/** A member has one outside address or two; one that names more is let through by the first ones. */
const MOST_HOSTS = 8;
const NOTHING: TurnOutgoing = { datagrams: [], wakeAtMs: undefined };

export class Relayed {
  readonly #note: (news: TurnNews) => void;
  readonly #watch = new TurnWatch();
  #client: TurnClient | null = null;
  /** By member, the hosts that are let through for it. */
  readonly #hosts = new Map<PeerId, Set<string>>();

  constructor(note: (news: TurnNews) => void) {
    this.#note = note;
  }

  /** Null: there is no TURN server. */
  get state(): TurnState | null {
    return this.#client?.state ?? null;
  }

  /** Where what others send comes to us. */
  get addresses(): readonly Endpoint[] {
    const { state } = this;
    return state?.kind === 'allocated' ? state.relayed : [];
  }

  /** As what the TURN server sees us. */
  get sighting(): Sighting | null {
    const state = this.#client?.state;
    if (state?.kind !== 'allocated' || state.mapped === undefined) return null;
    return { by: endpointText(this.#client?.server ?? state.mapped), as: state.mapped };
  }

  open(client: TurnClient, nowMs: number): TurnOutgoing {
    this.#client = client;
    return this.#said(client.open(nowMs));
  }

  permit(peer: PeerId, hosts: readonly string[], nowMs: number): TurnOutgoing {
    const client = this.#client;
    const known = this.#hosts.get(peer) ?? new Set();
    const fresh = hosts.filter((host) => !known.has(host)).slice(0, Math.max(0, MOST_HOSTS - known.size));
    if (client === null || fresh.length === 0) return NOTHING;
    this.#hosts.set(peer, new Set([...known, ...fresh]));
    const all = fresh.map((host) => client.permit(host, nowMs));
    return { datagrams: all.flatMap(({ datagrams }) => datagrams), wakeAtMs: all.at(-1)?.wakeAtMs };
  }

  /** Whoever is gone is let through no more. */
  keepOnly(peers: ReadonlySet<PeerId>, nowMs: number): void {
    for (const [peer, hosts] of this.#hosts) {
      if (peers.has(peer)) continue;
      this.#hosts.delete(peer);
      const others = new Set([...this.#hosts.values()].flatMap((theirs) => [...theirs]));
      for (const host of hosts) if (!others.has(host)) this.#client?.release(host, nowMs);
    }
  }

  bind(peer: Endpoint, nowMs: number): TurnOutgoing {
    return this.#client?.bind(peer, nowMs) ?? NOTHING;
  }

  unbind(peer: Endpoint, nowMs: number): void {
    this.#client?.release(peer, nowMs);
  }

  /** One datagram to an address that has no channel yet. */
  sendTo(peer: Endpoint, bytes: Uint8Array, nowMs: number): TurnOutgoing {
    return this.#client?.sendTo(peer, bytes, nowMs) ?? NOTHING;
  }

  /** The channel that leads there; undefined: there is none, or not yet. */
  wayTo(peer: Endpoint): Endpoint | undefined {
    return this.#client?.wayTo(peer);
  }

  /** @returns undefined where it is not for us */
  take(message: ReceivedStun, bytes: Uint8Array, from: Endpoint, nowMs: number): TurnOutgoing | undefined {
    const taken = this.#client?.take(message, bytes, from, nowMs);
    return taken && this.#said(taken);
  }

  doubt(nowMs: number): TurnOutgoing {
    return this.#client?.doubt(nowMs) ?? NOTHING;
  }

  wake(nowMs: number): TurnOutgoing {
    return this.#client === null ? NOTHING : this.#said(this.#client.wake(nowMs));
  }

  close(nowMs: number): TurnOutgoing {
    return this.#client?.close(nowMs) ?? NOTHING;
  }

  #said(outgoing: TurnOutgoing): TurnOutgoing {
    const news = this.#client && this.#watch.news(this.#client.state);
    if (news) this.#note(news);
    return outgoing;
  }
}
