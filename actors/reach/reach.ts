/**
 * How this peer reaches the others: it gathers its own addresses, has every pair prove its way over the media socket, and says where
 * to send to each. What is so is {@link Pairing}'s affair; here are its socket, its clock and its keys.
 */
import type { MappedAddress } from '../../infra/mapping/contract.ts';
import type { InterfaceAddress } from '../../infra/network/interfaces.ts';
import { isLoopback } from '../../infra/network/scope.ts';
import type { Endpoint, PathOrigin } from '../../infra/path/contract.ts';
import type { ReceivedStun } from '../../infra/stun/message.ts';
import type { Outgoing } from '../../infra/stun/outgoing.ts';
import { StunServer } from '../../infra/stun/server.ts';
import { freshTransactionId } from '../../infra/stun/write.ts';
import type { TurnClient } from '../../infra/turn/client.ts';
import type { TurnReceived } from '../../infra/turn/contract.ts';
import type { Body, PeerId } from '../../machines/messages.ts';
import type { OwnAddresses } from '../../machines/pairs/candidates.ts';
import type { PairNews, Ways } from '../../machines/pairs/contract.ts';
import { Pairing, type PairStatus } from '../../machines/pairs/pairing.ts';
import type { TransportMember } from '../../machines/ports.ts';
import { DELAYS } from '../../machines/timers.ts';
import { Alarm } from '../bus/alarm.ts';
import type { NetworkChange } from './addresses/interface-watch.ts';
import { Origins } from './addresses/origins.ts';
import { Whereabouts } from './addresses/whereabouts.ts';
import { type Arrived, Checks } from './checks.ts';
import type { ReachListener, ReachOptions, ReachSocket } from './contract.ts';
import { PairKeys } from './pair-keys.ts';
import { PlainEndpoints } from './plain-endpoints.ts';
import { TurnSide } from './turn/turn-side.ts';
import { UdpWatch } from './turn/udp-watch.ts';

/** Streams pause for reasons of their own: the servers are asked no more often for that. */
const LOOK_PAUSE_MS = 1000;
/** One that says something else at each answer has all others asked no more than twice as often as they are anyway. */
const ASK_PAUSE_MS = DELAYS.consentInterval;

export class Reach {
  readonly #options: ReachOptions;
  readonly #socket: ReachSocket;
  readonly #pairing: Pairing;
  readonly #keys: PairKeys;
  readonly #checks: Checks;
  readonly #server = new StunServer();
  readonly #turn: TurnSide;
  readonly #whereabouts: Whereabouts;
  readonly #origins = new Origins();
  readonly #udp = new UdpWatch();
  readonly #alarm: Alarm;
  readonly #plain = new PlainEndpoints();
  #members: readonly TransportMember[] = [];
  #lookAfterMs = 0;
  #askAfterMs = 0;
  #listener: ReachListener = { tell: () => undefined, onMoved: () => undefined };

  constructor(options: ReachOptions, socket: ReachSocket) {
    const { self, keys, room, clock, luck = Math.random } = options;
    this.#options = options;
    this.#socket = socket;
    this.#keys = new PairKeys(keys, room, self);
    this.#checks = new Checks(self.id, this.#keys);
    this.#pairing = new Pairing({ self, newTransaction: freshTransactionId, luck });
    this.#alarm = new Alarm(clock, (lateMs) => this.#wake(lateMs));
    const send = (outgoing: Outgoing) => this.#sendAll(outgoing);
    this.#turn = new TurnSide({ ...options, send });
    this.#whereabouts = new Whereabouts({
      ...options,
      ...{ bound: socket.bound, relayed: this.#turn.relayed, send },
      onChange: (own) => this.#isAt(own),
    });
  }

  /** Begin to gather, and to tell. */
  start(interfaces: readonly InterfaceAddress[], listener: ReachListener): void {
    this.#listener = listener;
    this.#whereabouts.start(interfaces);
  }

  stop(): void {
    this.#whereabouts.stop();
    this.#alarm.stop();
  }

  /** Ask these servers for our outside address from now on; where nobody is to learn it, none is asked. */
  setServers(servers: readonly Endpoint[]): void {
    if (!this.#turn.isOnlyWay) this.#whereabouts.setServers(servers);
  }

  /** The router sends what comes there to us; null: no more. */
  setMapped(mapped: MappedAddress | null): void {
    this.#whereabouts.setMapped(mapped);
  }

  /** From now on what comes to an address there comes to us, too. */
  setTurn(client: TurnClient): void {
    this.#turn.open(client, this.#members);
  }

  /** This machine has other addresses now, another network perhaps; or it has slept, and nothing is sure. */
  networkChanged(interfaces: readonly InterfaceAddress[], change: NetworkChange): void {
    this.#whereabouts.networkChanged(interfaces, change);
    if (change === 'addresses') {
      this.#origins.clear();
      this.#udp.networkChanged();
      this.#listener.onMoved();
    }
    this.#askServers();
    this.#pairing.moved(this.#now);
    this.#whereabouts.tell();
    this.#wake();
  }

  /** What this member and we alone know; undefined where the two have no key. */
  keyOf(peer: PeerId): Uint8Array | undefined {
    return this.#keys.of(peer);
  }

  /** Who is there from now on. */
  follow(members: readonly TransportMember[]): void {
    this.#members = members;
    this.#keys.follow(members.map(({ peer: id, epoch, key }) => ({ id, epoch, key })));
    const outside = this.own?.outside ?? null;
    const proving = members.filter(({ key }) => key !== null);
    const { isOnlyWay } = this.#turn;
    const news = this.#pairing.follow(
      proving.map(({ peer, epoch, nat, claim, isShared, outside: theirs }) => {
        const isBeside = outside !== null && outside === theirs;
        return { peer, epoch, nat, claim: isShared || isOnlyWay ? null : claim, isBeside };
      }),
      this.#now,
    );
    this.#plain.follow(isOnlyWay ? [] : members);
    this.#whereabouts.keepOnly(new Set(members.map(({ peer }) => peer)));
    this.#take([...news, ...this.#turn.follow(members)]);
    this.#wait();
  }

  named(peer: PeerId, addresses: Body<'pair.candidates'>): void {
    this.#turn.named(peer, addresses);
    if (!this.#turn.isOnlyWay) this.#take(this.#pairing.named(peer, addresses, this.#now));
    this.#wake();
  }

  /** STUN has come to the media socket. Only valid during the call. */
  takeStun(bytes: Uint8Array, from: Endpoint, local: string | null = null): void {
    const arrived = this.#checks.read(bytes, (transaction) => this.#pairing.askedOf(transaction));
    if (arrived.type === 'other') this.#takeOther(arrived.message, bytes, from, local);
    else if (this.#turn.allows(from)) this.#takeCheck(arrived, from, local);
  }

  /** RTP or RTCP has come from this member, from this address, which is its own. */
  heard(peer: PeerId, from: Endpoint): void {
    const isNews = this.#plain.heard(peer, from);
    if (isNews) this.#listener.onMoved();
    else if (isNews === undefined && this.#pairing.heard(peer, this.#now)) this.#wait();
  }

  waysOf(peer: PeerId): Ways {
    return this.#plain.waysOf(peer) ?? this.#pairing.waysOf(peer);
  }

  statusOf(peer: PeerId): PairStatus | undefined {
    return this.#pairing.statusOf(peer);
  }

  /** From which of our addresses what goes to these leaves: from where it came that they are there. */
  originsOf(places: readonly Endpoint[]): PathOrigin[] {
    return this.#origins.of(places);
  }

  /** Gives back what was lent; the datagrams have left when this returns. */
  giveBack(): void {
    this.#turn.close();
  }

  /** What others are told of where we are. */
  get own(): OwnAddresses | null {
    return this.#whereabouts.own;
  }

  /** Of this machine, as they were read last; undefined before the start. */
  get interfaces(): readonly InterfaceAddress[] | undefined {
    return this.#whereabouts.interfaces;
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  #takeCheck(arrived: Arrived, from: Endpoint, local: string | null): void {
    if (arrived.type === 'asked') {
      const seenAs = from.channel === undefined ? from : null;
      const answer = this.#checks.answer(arrived.peer, arrived.transaction, seenAs);
      if (answer !== undefined) this.#socket.send(answer, from, local ?? undefined);
      this.#take(this.#pairing.asked(arrived.peer, from, this.#now));
      this.#wake();
    } else if (arrived.type === 'answered') {
      this.#takeSighting(this.#pairing.askedOf(arrived.transaction), from, arrived.mapped);
      if (local !== null) this.#origins.answered(from, local);
      this.#take(this.#pairing.answered(arrived.transaction, from, this.#now));
      this.#wait();
    }
  }

  /** As what a member sees us. One that contradicts itself is no reason to believe it, but one to ask all others at once. */
  #takeSighting(peer: PeerId | undefined, from: Endpoint, as: Endpoint | undefined): void {
    if (peer === undefined || from.channel !== undefined) return;
    const word = this.#whereabouts.takeAnswer(peer, from.host, as);
    if (word !== 'other' || this.#now < this.#askAfterMs) return;
    this.#askAfterMs = this.#now + ASK_PAUSE_MS;
    this.#pairing.askAnew(this.#now);
    this.#lookAgain();
  }

  /** A server's answer, or a stranger's question; where nobody is to learn our address, no answer tells it. */
  #takeOther(message: ReceivedStun, bytes: Uint8Array, from: Endpoint, local: string | null): void {
    const relayed = this.#turn.takeStun(message, bytes, from);
    if (relayed !== false) {
      if (relayed !== true) this.#takeRelayed(relayed);
      this.#whereabouts.tell();
      this.#tryChannels();
    } else if (!this.#turn.isOnlyWay && !this.#whereabouts.takeStun(message, from)) {
      const answer = this.#server.answer(message, from, this.#now);
      if (answer !== undefined) this.#socket.send(answer, from, local ?? undefined);
    }
  }

  /** The first of a member that has no channel yet. */
  #takeRelayed({ from, bytes }: TurnReceived): void {
    const arrived = this.#checks.read(bytes, () => undefined);
    if (arrived.type !== 'asked') return;
    const { peer, transaction } = arrived;
    this.#turn.passesOn(from);
    // Where another way is open this one would only cost, and be kept alive.
    if (this.#pairing.statusOf(peer)?.state === 'open') return;
    const answer = this.#checks.answer(peer, transaction, null);
    if (answer !== undefined) this.#turn.answers(peer, from, answer);
  }

  /** Those that the TURN server has bound by now. */
  #tryChannels(): void {
    const channels = this.#turn.channels();
    const askers = this.#turn.answerable();
    if (channels.length + askers.length === 0) return;
    for (const [peer, named] of channels) this.#take(this.#pairing.named(peer, named, this.#now));
    for (const [peer, way] of askers) this.#take(this.#pairing.asked(peer, way, this.#now));
    this.#wake();
  }

  /** A router may have another address by now, or have forgotten ours. */
  #lookAgain(): void {
    if (this.#now < this.#lookAfterMs) return;
    this.#lookAfterMs = this.#now + LOOK_PAUSE_MS;
    this.#askServers();
  }

  #askServers(): void {
    this.#whereabouts.askAnew();
    this.#turn.doubt();
  }

  #isAt(own: OwnAddresses): void {
    this.#listener.tell({ type: 'candidates.own', ...own });
    this.#take(this.#pairing.behind(own.nat, this.#whereabouts.families));
    this.follow(this.#members);
  }

  #wake(lateMs = 0): void {
    const { checks, news } = this.#pairing.due(this.#now, lateMs);
    for (const { peer, to, transaction } of checks) {
      const request = this.#checks.request(peer, transaction);
      if (request !== undefined && this.#turn.allows(to)) this.#socket.send(request, to);
    }
    this.#take(news);
    this.#whereabouts.wake();
    this.#turn.wake();
    this.#whereabouts.tell();
    this.#watchUdp();
    this.#wait();
  }

  #watchUdp(): void {
    if (this.#udp.isDone || isLoopback(this.#socket.bound.host)) return;
    const pairs = new Map(
      this.#members.flatMap(({ peer }) => {
        const status = this.#pairing.statusOf(peer);
        return status === undefined ? [] : [[peer, status] as const];
      }),
    );
    const news = this.#udp.look({ ...this.#whereabouts.asked, turn: this.#turn.relayed.state, pairs });
    if (news !== undefined) this.#options.note?.(news);
  }

  #sendAll({ datagrams, wakeAtMs }: Outgoing): void {
    for (const { bytes, to } of datagrams) this.#socket.send(bytes, to);
    if (wakeAtMs !== undefined) this.#alarm.set(wakeAtMs);
  }

  #wait(): void {
    const { wakeMs } = this.#pairing;
    if (Number.isFinite(wakeMs)) this.#alarm.set(wakeMs);
  }

  #take(news: readonly PairNews[]): void {
    for (const each of news) {
      if (each.type === 'pair.doubted') this.#lookAgain();
      else if (each.type !== 'pair.moved') this.#listener.tell(each);
    }
    if (news.some(({ type }) => type === 'pair.moved')) this.#listener.onMoved();
  }
}
