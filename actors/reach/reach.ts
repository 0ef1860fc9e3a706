/**
 * How this peer reaches the others: it gathers its own addresses, has every pair prove its way over the media socket, and says where
 * to send to each. What is so is {@link Pairing}'s affair; here are its socket, its clock and its keys.
 */

import type { MappedAddress } from '../../infra/mapping/contract.ts';
import type { InterfaceAddress } from '../../infra/network/interfaces.ts';
import { isLoopback, isUnspecified, scopeOf } from '../../infra/network/scope.ts';
import type { Endpoint, PathOrigin } from '../../infra/path/contract.ts';
import { StunClient } from '../../infra/stun/client.ts';
import type { ReceivedStun } from '../../infra/stun/message.ts';
import type { Outgoing } from '../../infra/stun/outgoing.ts';
import type { KeyPair } from '../../infra/stun/pair-key.ts';
import { readStun } from '../../infra/stun/read.ts';
import { StunServer } from '../../infra/stun/server.ts';
import { freshTransactionId } from '../../infra/stun/write.ts';
import type { TurnClient } from '../../infra/turn/client.ts';
import type { TurnReceived } from '../../infra/turn/contract.ts';
import type { Body, PeerId } from '../../machines/messages.ts';
import type { OwnAddresses } from '../../machines/pairs/candidates.ts';
import { BOTH_FAMILIES, type Family, familyOf, type PairNews, type Ways } from '../../machines/pairs/contract.ts';
import { Pairing, type PairStatus } from '../../machines/pairs/pairing.ts';
import type { TransportEvent, TransportMember } from '../../machines/ports.ts';
import { sameData } from '../../machines/same-data.ts';
import { DELAYS } from '../../machines/timers.ts';
import { Alarm } from '../bus/alarm.ts';
import type { Clock } from '../clock.ts';
import type { CandidateChoice } from '../options/contract.ts';
import { Checks } from './checks.ts';
import type { NetworkChange } from './interface-watch.ts';
import { Origins } from './origins.ts';
import { Outside } from './outside.ts';
import { ownAddresses } from './own-addresses.ts';
import { type Incarnation, PairKeys } from './pair-keys.ts';
import { PlainEndpoints } from './plain-endpoints.ts';
import { Relayed } from './relayed.ts';
import type { TurnNews } from './turn-news.ts';
import { TurnWays } from './turn-ways.ts';
import { type UdpNews, UdpWatch } from './udp-watch.ts';

export interface ReachOptions {
  readonly room: string;
  readonly self: Incarnation;
  readonly keys: KeyPair;
  /** The host that the user gave, whose router sends our port to us. */
  readonly advertised: string | null;
  readonly policy: CandidateChoice;
  readonly clock: Clock;
  /** What a person wants to know of the TURN server, and of a network that lets nothing out. */
  readonly note?: (news: TurnNews | UdpNews) => void;
  /** 0..1, anew each time: a simulated peer has its own. */
  readonly luck?: () => number;
}

/** What it uses of the media socket. */
export interface ReachSocket {
  readonly bound: Endpoint;
  /** @param from which of our addresses it leaves from, where the socket listens on several */
  send(datagram: Uint8Array, to: Endpoint, from?: string): void;
}

export interface ReachListener {
  /** For the machines. */
  readonly tell: (event: TransportEvent) => void;
  /** Ways are others than before. */
  readonly onMoved: () => void;
}

/** A check that is not answered within this is not on its way any more; who could tell our outside address has told it. */
const OUTSIDE_PATIENCE_MS = 1500;
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
  readonly #client = new StunClient({ transactionId: freshTransactionId });
  readonly #server = new StunServer();
  readonly #relayed: Relayed;
  /** Null: members are checked, and answered, directly. */
  readonly #turnWays: TurnWays | null;
  readonly #origins = new Origins();
  readonly #udp = new UdpWatch();
  readonly #alarm: Alarm;
  readonly #outside = new Outside();
  readonly #plain = new PlainEndpoints();
  #members: readonly TransportMember[] = [];
  #interfaces: readonly InterfaceAddress[] = [];
  #mapped: MappedAddress | null = null;
  #servers: readonly Endpoint[] = [];
  #told: OwnAddresses | null = null;
  #waited = false;
  #lookAfterMs = 0;
  #askAfterMs = 0;
  #listener: ReachListener = { tell: () => undefined, onMoved: () => undefined };
  #stopWaiting: () => void = () => undefined;

  constructor(options: ReachOptions, socket: ReachSocket) {
    const { self, keys, room, clock, luck = Math.random } = options;
    this.#options = options;
    this.#socket = socket;
    this.#keys = new PairKeys(keys, room, self);
    this.#checks = new Checks(self.id, this.#keys);
    this.#pairing = new Pairing({ self, newTransaction: freshTransactionId, luck });
    this.#alarm = new Alarm(clock, () => this.#wake());
    this.#relayed = new Relayed(options.note ?? (() => undefined));
    this.#turnWays = options.policy === 'relay' ? new TurnWays(this.#relayed) : null;
  }

  /** Begin to gather, and to tell. */
  start(interfaces: readonly InterfaceAddress[], listener: ReachListener): void {
    const { clock } = this.#options;
    this.#listener = listener;
    this.#interfaces = interfaces;
    this.#awaitOutside();
    this.#sendAll(this.#client.setServers(this.#servers, clock.now()));
    this.#tellOwn();
  }

  stop(): void {
    this.#stopWaiting();
    this.#alarm.stop();
  }

  /** Ask these servers for our outside address from now on; where nobody is to learn it, none is asked. */
  setServers(servers: readonly Endpoint[]): void {
    if (this.#turnWays !== null) return;
    this.#servers = servers;
    this.#sendAll(this.#client.setServers(servers, this.#options.clock.now()));
  }

  /** The router sends what comes there to us; null: no more. */
  setMapped(mapped: MappedAddress | null): void {
    this.#mapped = mapped;
    this.#tellOwn();
  }

  /** From now on what comes to an address there comes to us, too. */
  setTurn(client: TurnClient): void {
    this.#sendAll(this.#relayed.open(client, this.#options.clock.now()));
    for (const { peer, outside } of this.#members) this.#permit(peer, outside === null ? [] : [outside]);
    this.#bindAll();
  }

  /** This machine has other addresses now, another network perhaps; or it has slept, and nothing is sure. */
  networkChanged(interfaces: readonly InterfaceAddress[], change: NetworkChange): void {
    this.#interfaces = interfaces;
    const nowMs = this.#options.clock.now();
    if (change === 'addresses') {
      this.#outside.forget();
      this.#origins.clear();
      this.#udp.networkChanged();
      this.#awaitOutside();
      this.#listener.onMoved();
    }
    this.#sendAll(this.#client.askAnew(nowMs));
    this.#sendAll(this.#relayed.doubt(nowMs));
    this.#pairing.moved(nowMs);
    this.#tellOwn();
    this.#wake();
  }

  /** Who is there from now on. */
  follow(members: readonly TransportMember[]): void {
    this.#members = members;
    this.#keys.follow(members.map(({ peer: id, epoch, key }) => ({ id, epoch, key })));
    const outside = this.#told?.outside ?? null;
    const proving = members.filter(({ key }) => key !== null);
    const news = this.#pairing.follow(
      proving.map(({ peer, epoch, nat, claim, isShared, outside: theirs }) => {
        const isTried = !isShared && this.#turnWays === null;
        return { peer, epoch, nat, claim: isTried ? claim : null, isBeside: outside !== null && outside === theirs };
      }),
      this.#options.clock.now(),
    );
    this.#turnWays?.follow(proving, this.#options.clock.now());
    this.#plain.follow(this.#turnWays === null ? members : []);
    const unreached = this.#turnWays?.unreached(members) ?? [];
    const there = new Set(members.map(({ peer }) => peer));
    this.#outside.keepOnly(there);
    this.#relayed.keepOnly(there, this.#options.clock.now());
    for (const { peer, outside: theirs } of proving) this.#permit(peer, theirs === null ? [] : [theirs]);
    this.#take([...news, ...unreached]);
    this.#wait();
  }

  named(peer: PeerId, addresses: Body<'pair.candidates'>): void {
    this.#permit(
      peer,
      addresses.candidates.map(({ host }) => host),
    );
    if (this.#turnWays === null) this.#take(this.#pairing.named(peer, addresses, this.#options.clock.now()));
    else this.#turnWays.named(peer, addresses, this.#options.clock.now());
    this.#bindAll();
    this.#wake();
  }

  /** Where nobody is to learn our address nothing goes to a member but through a channel. */
  #maySendTo({ channel }: Endpoint): boolean {
    return this.#turnWays === null || channel !== undefined;
  }

  /** STUN has come to the media socket. Only valid during the call. */
  takeStun(bytes: Uint8Array, from: Endpoint, local: string | null = null): void {
    const nowMs = this.#options.clock.now();
    if (this.#turnWays !== null && from.channel === undefined) {
      this.#takeOfServer(bytes, from);
      return;
    }
    const arrived = this.#checks.read(bytes, (transaction) => this.#pairing.askedOf(transaction));
    switch (arrived.type) {
      case 'asked': {
        const answer = this.#checks.answer(arrived.peer, arrived.transaction, from);
        if (answer !== undefined) this.#socket.send(answer, from, local ?? undefined);
        this.#take(this.#pairing.asked(arrived.peer, from, nowMs));
        this.#wake();
        break;
      }
      case 'answered':
        this.#takeSighting(this.#pairing.askedOf(arrived.transaction), from, arrived.mapped);
        if (local !== null) this.#origins.answered(from, local);
        this.#take(this.#pairing.answered(arrived.transaction, from, nowMs));
        this.#wait();
        break;
      case 'other':
        this.#takeOther(arrived.message, bytes, from, local);
        break;
      case 'bad':
        break;
    }
  }

  /** RTP or RTCP has come from this member, from an address that is its own. */
  heard(peer: PeerId): void {
    const isNews = this.#plain.heard(peer);
    if (isNews) this.#listener.onMoved();
    else if (isNews === undefined && this.#pairing.heard(peer, this.#options.clock.now())) this.#wait();
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
    this.#sendAll(this.#relayed.close(this.#options.clock.now()));
  }

  /** What others are told of where we are. */
  get own(): OwnAddresses | null {
    return this.#told;
  }

  /** As what a member sees us. One that contradicts itself is no reason to believe it, but one to ask all others at once. */
  #takeSighting(peer: PeerId | undefined, from: Endpoint, as: Endpoint | undefined): void {
    if (peer === undefined || from.channel !== undefined) return;
    const word = this.#outside.takeAnswer(peer, from.host, as);
    if (word === 'first' || word === 'other') this.#tellOwn();
    const nowMs = this.#options.clock.now();
    if (word !== 'other' || nowMs < this.#askAfterMs) return;
    this.#askAfterMs = nowMs + ASK_PAUSE_MS;
    this.#pairing.askAnew(nowMs);
    this.#lookAgain();
  }

  #takeOther(message: ReceivedStun, bytes: Uint8Array, from: Endpoint, local: string | null): void {
    const nowMs = this.#options.clock.now();
    if (this.#takeRelayed(message, bytes, from)) return;
    const turn = this.#client.take(message, from, nowMs);
    if (turn !== undefined) {
      this.#sendAll(turn);
      this.#outside.takeReflexives(this.#client.reflexives);
      this.#tellOwn();
      return;
    }
    const answer = this.#server.answer(message, from, nowMs);
    if (answer !== undefined) this.#socket.send(answer, from, local ?? undefined);
  }

  /** Where nobody is to learn our address only the TURN server is listened to: an answer to anybody else would tell it. */
  #takeOfServer(bytes: Uint8Array, from: Endpoint): void {
    const message = readStun(bytes);
    if (message !== undefined) this.#takeRelayed(message, bytes, from);
  }

  /** @returns whether it is the TURN server's */
  #takeRelayed(message: ReceivedStun, bytes: Uint8Array, from: Endpoint): boolean {
    const taken = this.#relayed.take(message, bytes, from, this.#options.clock.now());
    if (taken === undefined) return false;
    this.#sendAll(taken);
    if (taken.received !== undefined) this.#takePassedOn(taken.received);
    this.#tellOwn();
    this.#tryChannels();
    return true;
  }

  #bindAll(): void {
    if (this.#turnWays !== null) this.#sendAll(this.#turnWays.bind(this.#options.clock.now()));
  }

  /** Those that the server has bound by now. */
  #tryChannels(): void {
    const news = this.#turnWays?.news() ?? [];
    if (news.length === 0) return;
    for (const [peer, named] of news) this.#take(this.#pairing.named(peer, named, this.#options.clock.now()));
    this.#wake();
  }

  /** A member's check has come to our address at the TURN server: it gets a channel, through which the next one comes. */
  #takePassedOn({ bytes, from }: TurnReceived): void {
    if (this.#checks.read(bytes, () => undefined).type !== 'asked') return;
    this.#sendAll(this.#relayed.bind(from, this.#options.clock.now()));
  }

  /** What comes from these hosts to our address at the TURN server is this member's, perhaps. */
  #permit(peer: PeerId, hosts: readonly string[]): void {
    const outer = hosts.filter((host) => scopeOf(host) === 'public');
    this.#sendAll(this.#relayed.permit(peer, outer, this.#options.clock.now()));
  }

  /** What our socket can send to: IPv6 only where this machine has an address of it. */
  #families(): ReadonlySet<Family> {
    const { host } = this.#socket.bound;
    if (!isUnspecified(host)) return new Set([familyOf({ host })]);
    const known = new Set(this.#interfaces.map(familyOf));
    return known.size === 0 ? BOTH_FAMILIES : known;
  }

  /** A router may have another address by now, or have forgotten ours. */
  #lookAgain(): void {
    const nowMs = this.#options.clock.now();
    if (nowMs < this.#lookAfterMs) return;
    this.#lookAfterMs = nowMs + LOOK_PAUSE_MS;
    this.#sendAll(this.#client.askAnew(nowMs));
    this.#sendAll(this.#relayed.doubt(nowMs));
  }

  #awaitOutside(): void {
    this.#waited = false;
    this.#stopWaiting();
    this.#stopWaiting = this.#options.clock.after(OUTSIDE_PATIENCE_MS, () => {
      this.#waited = true;
      this.#tellOwn();
    });
  }

  #tellOwn(): void {
    const { advertised, policy } = this.#options;
    const isAsking = [...this.#client.reflexives.values()].some(({ kind }) => kind === 'asking');
    const own = ownAddresses({
      ...{
        bound: this.#socket.bound,
        interfaces: this.#interfaces,
        mapped: this.#mapped,
        relayed: this.#relayed.addresses,
      },
      ...{ advertised, policy, waited: this.#waited },
      witnesses: this.#outside.witnesses(this.#relayed.sighting),
      asking: !this.#outside.isTold && isAsking && !this.#waited,
    });
    if (sameData(own, this.#told)) return;
    this.#told = own;
    this.#listener.tell({ type: 'candidates.own', ...own });
    this.#take(this.#pairing.behind(own.nat, this.#families()));
    this.follow(this.#members);
  }

  #wake(): void {
    const nowMs = this.#options.clock.now();
    const { checks, news } = this.#pairing.due(nowMs);
    for (const { peer, to, transaction } of checks) {
      const request = this.#checks.request(peer, transaction);
      if (request !== undefined && this.#maySendTo(to)) this.#socket.send(request, to);
    }
    this.#take(news);
    this.#sendAll(this.#client.wake(nowMs));
    this.#outside.takeReflexives(this.#client.reflexives);
    this.#sendAll(this.#relayed.wake(nowMs));
    this.#tellOwn();
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
    const { reflexives } = this.#client;
    const news = this.#udp.look({ servers: this.#servers, reflexives, turn: this.#relayed.state, pairs });
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
