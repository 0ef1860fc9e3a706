/**
 * Where nobody is to learn our address (`--candidates relay`): what members name is reached through channels of our TURN server alone,
 * as WebRTC's `iceTransportPolicy: "relay"` has it (RFC 8828 section 5.2, RFC 9429 section 4.1.1).
 */
import { scopeOf } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import type { TurnOutgoing } from '../../../infra/turn/contract.ts';
import type { Body, Candidate, PeerId } from '../../../machines/messages.ts';
import type { Named, PairNews } from '../../../machines/pairs/contract.ts';
import type { TransportMember } from '../../../machines/ports.ts';
import { sameData } from '../../../machines/same-data.ts';
import type { Relayed } from './relayed.ts';

/** Channels of one member: it has one outside address or two, and what a server lends it. */
const MOST_CHANNELS = 4;

interface Member {
  readonly epoch: number;
  generation: number;
  named: readonly Candidate[];
  channels: readonly (Candidate & Endpoint)[];
}

export class TurnWays {
  readonly #relayed: Relayed;
  readonly #members = new Map<PeerId, Member>();
  #unreached: ReadonlySet<PeerId> = new Set();
  #generation = 0;

  constructor(relayed: Relayed) {
    this.#relayed = relayed;
  }

  /** Who is there from now on. */
  follow(members: readonly { readonly peer: PeerId; readonly epoch: number }[], nowMs: number): void {
    const epochs = new Map(members.map(({ peer, epoch }) => [peer, epoch]));
    for (const [peer, { epoch, named }] of this.#members) {
      if (epochs.get(peer) === epoch) continue;
      this.#members.delete(peer);
      this.#release(named, nowMs);
    }
    for (const [peer, epoch] of epochs) {
      if (!this.#members.has(peer)) this.#members.set(peer, { epoch, generation: -1, named: [], channels: [] });
    }
  }

  /** A plain endpoint takes nothing through a channel, for it answers no checks: each is said to be cut off from us, once. */
  unreached(members: readonly TransportMember[]): PairNews[] {
    const plain = members.filter(({ key, claim }) => key === null && claim !== null).map(({ peer }) => peer);
    const fresh = plain.filter((peer) => !this.#unreached.has(peer));
    this.#unreached = new Set(plain);
    return fresh.map((peer) => ({ type: 'pair.cut', peer, reason: 'unanswered' }));
  }

  /** A member says where it may be reached: the server is asked for a channel to each. */
  named(peer: PeerId, { generation, candidates }: Body<'pair.candidates'>, nowMs: number): void {
    const member = this.#members.get(peer);
    if (member === undefined || generation <= member.generation) return;
    const before = member.named;
    const outer = candidates.filter(({ host }) => scopeOf(host) === 'public');
    const isLent = ({ kind }: Candidate) => kind === 'relayed';
    member.generation = generation;
    member.named = [...outer.filter(isLent), ...outer.filter((each) => !isLent(each))].slice(0, MOST_CHANNELS);
    this.#release(before, nowMs);
  }

  /** Asks for what is not there yet. */
  bind(nowMs: number): TurnOutgoing {
    const all = [...this.#members.values()].flatMap(({ named }) => named);
    const asked = all.map(({ host, port }) => this.#relayed.bind({ host, port }, nowMs));
    return { datagrams: asked.flatMap(({ datagrams }) => datagrams), wakeAtMs: asked.at(-1)?.wakeAtMs };
  }

  /** Members whose channels are others than when this was asked last, with where they are to be tried from now on. */
  news(): [PeerId, Named][] {
    const news: [PeerId, Named][] = [];
    for (const [peer, member] of this.#members) {
      const channels = member.named.flatMap((candidate) => {
        const way = this.#relayed.wayTo({ host: candidate.host, port: candidate.port });
        return way === undefined ? [] : [{ ...way, kind: 'relayed' as const }];
      });
      if (sameData(channels, member.channels)) continue;
      member.channels = channels;
      this.#generation += 1;
      news.push([peer, { generation: this.#generation, candidates: channels }]);
    }
    return news;
  }

  /** Unless another member, or the same one, names it still. */
  #release(before: readonly Candidate[], nowMs: number): void {
    const isNamed = (gone: Candidate) =>
      [...this.#members.values()].some(({ named }) =>
        named.some(({ host, port }) => host === gone.host && port === gone.port),
      );
    for (const gone of before) if (!isNamed(gone)) this.#relayed.unbind({ host: gone.host, port: gone.port }, nowMs);
  }
}
