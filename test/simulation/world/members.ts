/** Who is in the room: the homes of its members, and all processes that were one of them, from their start to their end. */
import type { Keys } from '../../../actors/bus/sealing/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Fault, Script } from '../script/script.ts';
import type { Bus } from './bus/bus.ts';
import { KnownPeople } from './bus/known-people.ts';
import { ROOM_KEY } from './bus/room-key.ts';
import type { VirtualClock } from './clock.ts';
import { type Home, Homes } from './homes.ts';
import type { Internet } from './network/internet.ts';
import { MOVE_NOTICED_WITHIN_MS, type Place } from './network/place.ts';
import { PeerProcess } from './peer/peer-process.ts';
import type { Random } from './random.ts';
import type { Surroundings } from './surroundings.ts';

/** The clock of every machine at the start, ms: it may be set back by any script and still tell a time. */
const CLOCK_AT_START_MS = 1_000_000_000;
/** A machine that woke up notices this late that its connections are gone, in ms. */
const AWAKE_WITHIN_MS = 300;
/** How long a lost bus stays unnoticed at most, ms: a TCP connection to a near server. */
const NOTICED_WITHIN_MS = 400;

type ChangeOf<What extends Fault['do']> = Extract<Fault, { do: What }>;
/** What happens to members, by itself or by their own will. */
export type Change = ChangeOf<
  | 'join'
  | 'leave'
  | 'crash'
  | 'restart'
  | 'clockback'
  | 'rekey'
  | 'twin'
  | 'stall'
  | 'away'
  | 'move'
  | 'rebind'
  | 'want'
  | 'show'
>;

export interface MembersHost {
  readonly script: Script;
  readonly random: Random;
  readonly internet: Internet<PeerProcess>;
  /** What every process starts in. */
  readonly around: Surroundings;
  /** A process stands still from now on for so long. */
  readonly stalled: (process: PeerProcess, forMs: number) => void;
}

export class Members {
  readonly #host: MembersHost;
  readonly #clock: VirtualClock;
  readonly #bus: Bus;
  readonly #homes: Homes;
  readonly #known: KnownPeople;
  readonly #processes: PeerProcess[] = [];

  constructor(host: MembersHost) {
    this.#host = host;
    const { clock, bus, identities, packetsPerSecond } = host.around;
    this.#clock = clock;
    this.#bus = bus;
    this.#homes = new Homes(clock, packetsPerSecond);
    this.#known = new KnownPeople(identities);
  }

  get alive(): PeerProcess[] {
    return this.#processes.filter(({ alive }) => alive);
  }

  /** Who has joined, and neither left nor crashed since. */
  get expected(): PeerId[] {
    return this.#homes.peers;
  }

  processOf(peer: PeerId): PeerProcess | undefined {
    return this.#processes.findLast(({ id, alive }) => alive && id === peer);
  }

  /** By which of all identities it is known; undefined: it is no member. */
  identityOf(peer: PeerId): string | undefined {
    return this.#homes.of(peer)?.identity;
  }

  happen(change: Change): void {
    switch (change.do) {
      case 'join':
        this.#homes.enter(change);
        this.#start(change.peer);
        break;
      case 'leave':
        this.processOf(change.peer)?.leave();
        this.#homes.leave(change.peer);
        break;
      case 'crash':
        this.processOf(change.peer)?.end();
        this.#homes.leave(change.peer);
        break;
      case 'restart':
        this.#restart(change.peer, change.forMs, 0);
        break;
      case 'clockback':
        this.#restart(change.peer, change.forMs, change.backMs);
        break;
      case 'rekey':
        this.#rekey(change.peer, change.forMs);
        break;
      case 'twin':
        this.#twin(change.peer, change.forMs);
        break;
      case 'stall':
        this.#stall(this.processOf(change.peer), change.forMs);
        break;
      case 'away':
        for (const peer of change.peers) this.#cutOff(peer, change.forMs);
        break;
      case 'move':
        this.#move(change.peer, change.place);
        break;
      case 'rebind':
        this.#rebind(change.peer);
        break;
      case 'want':
        this.#want(change);
        break;
      case 'show':
        this.processOf(change.peer)?.profile.showOnly(new Set(change.streams));
        break;
    }
  }

  #start(peer: PeerId): void {
    const home = this.#homes.of(peer);
    if (home === undefined) return;
    const { around, internet, random } = this.#host;
    const port = this.#processes.length + 1;
    const epoch = Math.round(CLOCK_AT_START_MS + this.#clock.now() - home.behindMs);
    const join = { ...home.join, uploadBps: home.uplink.rateBps };
    const site = internet.siteAt(join.place ?? 'lan', port);
    const setting = { epoch, site, uplink: home.uplink, downlink: home.downlink, keys: this.#keysOf(home) };
    const process = new PeerProcess(join, setting, random.fork(`process ${port}`), around);
    internet.enter(site, process);
    this.#processes.push(process);
    process.start();
  }

  #keysOf({ identity }: Home): Keys | null {
    const { around, script } = this.#host;
    if (script.signed === undefined) return null;
    const room = script.signed === 'locked' ? ROOM_KEY : null;
    return { identity: around.identities.of(identity), room, known: this.#known };
  }

  /** It starts anew under another key, as if its user had lost the first: nobody believes it until all users have said that it is right. */
  #rekey(peer: PeerId, forMs: number): void {
    const home = this.#homes.of(peer);
    if (home === undefined) return;
    home.identity = `${home.identity} anew`;
    this.#restart(peer, 0, 0);
    this.#later(forMs, () => this.#known.trust(peer, this.#host.around.identities.of(home.identity).publicKey));
  }

  #restart(peer: PeerId, forMs: number, backMs: number): void {
    this.processOf(peer)?.end();
    const home = this.#homes.of(peer);
    // It is down for as long as the clock goes on: only what it is set back beyond that makes it earlier than before.
    if (home !== undefined && backMs > 0) home.behindMs += this.#clock.now() + forMs + backMs;
    this.#later(forMs, () => this.#start(peer));
  }

  /** Its machine falls asleep; its owner joins from another one, which has as much upload; then the first wakes up. */
  #twin(peer: PeerId, forMs: number): void {
    const [process, home] = [this.processOf(peer), this.#homes.of(peer)];
    if (process === undefined || home === undefined) return;
    process.asleep = true;
    this.#stall(process, forMs);
    home.uplink = this.#homes.newUplink(home.join, home.uplink.rateBps);
    // It may not know that for long, if it is away from the bus: nobody hears it, and nobody sends it anything.
    process.leftMs = Math.min(process.leftMs, this.#clock.now());
    this.#start(peer);
    this.#later(forMs, () => {
      process.asleep = false;
      process.bus.notice(false);
      this.#later(AWAKE_WITHIN_MS, () => {
        if (!this.#bus.isAway(peer)) process.bus.notice(true);
      });
    });
  }

  #stall(process: PeerProcess | undefined, forMs: number): void {
    if (process === undefined) return;
    process.clock.stall(forMs);
    this.#host.stalled(process, forMs);
  }

  #cutOff(peer: PeerId, forMs: number): void {
    const restore = this.#bus.cutOff(peer);
    this.#later(this.#luck('away', peer).between(0, NOTICED_WITHIN_MS), () => {
      if (this.#bus.isAway(peer)) this.processOf(peer)?.bus.notice(false);
    });
    this.#later(forMs, () => {
      restore();
      if (!this.#bus.isAway(peer)) this.processOf(peer)?.bus.notice(true);
    });
  }

  /** It goes on from there after a restart. */
  #move(peer: PeerId, place: Place): void {
    const home = this.#homes.of(peer);
    if (home !== undefined) home.join = { ...home.join, place };
    const process = this.processOf(peer);
    if (process === undefined) return;
    const { internet } = this.#host;
    internet.leave(process.site);
    process.moveTo(internet.siteAt(place, process.port));
    internet.enter(process.site, process);
    this.#later(this.#luck('move', peer).between(0, MOVE_NOTICED_WITHIN_MS), () => process.noticeNetwork());
  }

  #rebind(peer: PeerId): void {
    const process = this.processOf(peer);
    if (process !== undefined) this.#host.internet.rebind(process.site);
  }

  /** It goes on looking so after a restart. */
  #want({ peer, wants, downloadBps }: ChangeOf<'want'>): void {
    const home = this.#homes.of(peer);
    if (home !== undefined) home.join = { ...home.join, wants, downloadBps };
    this.processOf(peer)?.profile.changeWishes({ wants, downloadBps });
  }

  #luck(what: string, who: PeerId): Random {
    return this.#host.random.fork(`${what} ${who} ${this.#clock.now()}`);
  }

  #later(delayMs: number, run: () => void): void {
    this.#clock.setTimeout(run, delayMs);
  }
}
