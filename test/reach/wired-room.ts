/** Peers with their real keys and checks in virtual time, behind routers, on a network that only delays; the bus is told beside it. */
import type { CandidateChoice } from '../../actors/options/contract.ts';
import { Reach } from '../../actors/reach/reach.ts';
import type { InterfaceAddress } from '../../infra/network/interfaces.ts';
import { scopeOf } from '../../infra/network/scope.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { freshKeyPair, type KeyPair } from '../../infra/stun/pair-key.ts';
import type { Candidate, PeerId } from '../../machines/messages.ts';
import { candidatesFor } from '../../machines/pairs/candidates.ts';
import type { TransportEvent, TransportMember } from '../../machines/ports.ts';
import { sameData } from '../../machines/same-data.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';
import type { Router } from './routers.ts';

/** One way, over the network and over the bus, ms. */
export const DELAY_MS = 20;

export interface Seat {
  readonly host: string;
  /** Null: on the internet itself. */
  readonly router: Router | null;
}

/** A server on the internet, at `endpoint` and whatever else is its own. */
export interface Server {
  readonly hosts: readonly string[];
  take(bytes: Uint8Array, from: Endpoint, to: Endpoint): void;
}

interface Sent {
  readonly atMs: number;
  readonly by: PeerId;
  readonly to: string;
}

export class WiredPeer {
  readonly id: PeerId;
  readonly epoch: number;
  readonly keys: KeyPair = freshKeyPair();
  readonly reach: Reach;
  seat: Seat;
  /** What the machines were told of its pairs. */
  readonly news: string[] = [];
  readonly #room: WiredRoom;
  readonly #told = new Map<PeerId, readonly Candidate[]>();
  #generation = 0;

  constructor(room: WiredRoom, id: PeerId, seat: Seat, epoch: number, policy: CandidateChoice) {
    this.#room = room;
    this.id = id;
    this.epoch = epoch;
    this.seat = seat;
    this.reach = new Reach(
      {
        ...{ room: 'main', self: { id, epoch }, keys: this.keys, advertised: null, policy },
        ...{ clock: room.clock, luck: () => 0.5 },
      },
      {
        bound: { host: '0.0.0.0', port: 5000 },
        send: (bytes, to) => room.send(this, Uint8Array.from(bytes), to),
      },
    );
  }

  start(): void {
    this.reach.start(this.interfaces, { tell: (event) => this.#take(event), onMoved: () => undefined });
  }

  get interfaces(): InterfaceAddress[] {
    const { host } = this.seat;
    return [{ host, scope: scopeOf(host) }];
  }

  moves(seat: Seat): void {
    this.seat = seat;
    this.reach.networkChanged(this.interfaces, 'addresses');
  }

  get asMember(): TransportMember {
    const { outside = null, nat = 'unknown' } = this.reach.own ?? {};
    return {
      ...{ peer: this.id, epoch: this.epoch, key: this.keys.publicKey, nat, outside, claim: null, isShared: false },
      ...({ streams: [], compatible: true, isSealed: true, rtcp: 'muxed', plain: 'local' } as const),
    };
  }

  /** As its pairs machine does: whoever would be told something else than before. */
  tell(others: readonly WiredPeer[]): void {
    const { own } = this.reach;
    if (own === null) return;
    for (const other of others) {
      const candidates = candidatesFor(own, other.reach.own?.outside ?? null);
      if (sameData(this.#told.get(other.id), candidates)) continue;
      this.#told.set(other.id, candidates);
      this.#generation += 1;
      const message = { generation: this.#generation, candidates };
      this.#room.clock.after(DELAY_MS, () => other.reach.named(this.id, message));
    }
  }

  /** Where it sends to that member; null: nowhere. */
  sendsTo(peer: WiredPeer): string | null {
    const { send } = this.reach.waysOf(peer.id);
    return send && endpointText(send);
  }

  stateOf(peer: WiredPeer): string {
    const { state, kind } = this.reach.statusOf(peer.id) ?? { state: 'unknown', kind: null };
    return kind === null ? state : `${state} ${kind}`;
  }

  #take(event: TransportEvent): void {
    if (event.type === 'pair.opened') this.news.push(`opened ${event.peer}`);
    if (event.type === 'pair.cut') this.news.push(`cut ${event.peer} ${event.reason}`);
    if (event.type === 'candidates.own') this.#room.changed();
  }
}

export class WiredRoom {
  readonly clock = new VirtualClock();
  readonly peers: WiredPeer[] = [];
  readonly sent: Sent[] = [];
  readonly servers: Server[] = [];

  joins(id: PeerId, seat: Seat, policy: CandidateChoice = 'all'): WiredPeer {
    const peer = new WiredPeer(this, id, seat, this.peers.length + 1, policy);
    this.peers.push(peer);
    peer.start();
    this.changed();
    return peer;
  }

  run(forMs: number): this {
    this.clock.advance(forMs);
    return this;
  }

  /** The bus: all know of all, and what each says of where it is. */
  changed(): void {
    this.clock.after(DELAY_MS, () => {
      for (const peer of this.peers) {
        const others = this.peers.filter((other) => other !== peer);
        peer.reach.follow(others.map(({ asMember }) => asMember));
        peer.tell(others);
      }
    });
  }

  send(by: WiredPeer, bytes: Uint8Array, to: Endpoint): void {
    this.sent.push({ atMs: this.clock.now(), by: by.id, to: endpointText(to) });
    const { host, router } = by.seat;
    const inner = { host, port: 5000 };
    if (scopeOf(to.host) === 'private') {
      const seat = (peer: WiredPeer) => peer.seat.router === router && peer.seat.host === to.host;
      this.clock.after(1, () => this.peers.find(seat)?.reach.takeStun(bytes, inner));
    } else this.pass(bytes, router === null ? inner : router.out(inner, to), to);
  }

  /** Over the internet. */
  pass(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    this.clock.after(DELAY_MS, () => {
      const server = this.servers.find(({ hosts }) => hosts.includes(to.host));
      if (server !== undefined) server.take(bytes, from, to);
      else this.#at(to, from)?.reach.takeStun(bytes, from);
    });
  }

  /** Whether media of `a` reaches `b` now: it is sent somewhere, gets there, and is taken as that member's. */
  carries(a: WiredPeer, b: WiredPeer): boolean {
    const { send: to } = a.reach.waysOf(b.id);
    if (to === null) return false;
    const { host, router } = a.seat;
    const inner = { host, port: 5000 };
    const isNear = scopeOf(to.host) === 'private';
    const from = isNear || router === null ? inner : router.out(inner, to);
    const there = isNear
      ? this.peers.find(({ seat }) => seat.router === router && seat.host === to.host)
      : this.#at(to, from);
    const { accept } = b.reach.waysOf(a.id);
    return there === b && accept.some((each) => endpointText(each) === endpointText(from));
  }

  #at(to: Endpoint, from: Endpoint): WiredPeer | undefined {
    return this.peers.find(({ seat: { host, router } }) => {
      if (router === null) return host === to.host && to.port === 5000;
      return router.host === to.host && router.in(to.port, from)?.host === host;
    });
  }
}
