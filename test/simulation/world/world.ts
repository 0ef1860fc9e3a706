/** A whole room in virtual time: runs a script from its first join to its last second. */

import type { Keys } from '../../../actors/bus/sealing/contract.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { readSsrc } from '../../../infra/rtp/header.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { Babbler } from '../hostile/babbler.ts';
import { Counterfeiter } from '../hostile/counterfeiter.ts';
import { Interceptor } from '../hostile/interceptor.ts';
import { MediaForger } from '../hostile/media-forger.ts';
import { type Lie, Misreporter } from '../hostile/misreport.ts';
import { StrangerWatch } from '../hostile/strangers.ts';
import { Tamperer } from '../hostile/tamperer.ts';
import { PRESETS } from '../script/presets.ts';
import { endOf, type Fault, type Join, knownOf, printFault, type Script } from '../script/script.ts';
import { BusTruth, RtcpTruth } from '../verdict/bus-truth.ts';
import { AgreementWatch, LineWatch, TwinWatch, UplinkWatch } from '../verdict/invariants.ts';
import { Trace } from '../verdict/trace.ts';
import { VoiceWatch } from '../verdict/voice.ts';
import { AccessLine, type Outlet, WITHIN_HOME } from './access-line.ts';
import { Bus, type Carried } from './bus.ts';
import { VirtualClock } from './clock.ts';
import type { Window } from './delivery.ts';
import { Identities } from './identities.ts';
import { Internet } from './internet.ts';
import { KnownPeople } from './known-people.ts';
import { Network } from './network.ts';
import { PeerProcess, type Surroundings } from './peer-process.ts';
import type { Place } from './place.ts';
import { Random } from './random.ts';
import { ROOM_KEY, WRONG_KEY } from './room-key.ts';
import { type Datagram, MOST_HOPS } from './transport.ts';
import { Uplink } from './uplink.ts';

/** How often the room as a whole is looked at, in ms. */
const WATCH_MS = 250;
/** The last packets that count were sent so long before the end, so that they can arrive. */
const ARRIVAL_MS = 1000;
/** The clock of every machine at the start, ms: it may be set back by any script and still tell a time. */
const CLOCK_AT_START_MS = 1_000_000_000;
/** A machine that woke up notices this late that its connections are gone, in ms. */
const AWAKE_WITHIN_MS = 300;
/** A bus that loses so much of all messages loses some of every join. */
const LOSSY = 0.01;
/** Whose clock stands earlier than before is met within this, once the bus is there: until then it is not believed. */
const MET_AGAIN_MS = 10_000;
/** How long a lost bus stays unnoticed at most, ms: a TCP connection to a near server. */
const NOTICED_WITHIN_MS = 400;
/** How long another address stays unnoticed at most, ms: interfaces are looked at so often. */
const MOVE_NOTICED_WITHIN_MS = 250;
/** What a router lets out anew is found by the next check of consent, and its answer. */
const REBOUND_WITHIN_MS = 1.2 * DELAYS.consentInterval;

export interface WorldOptions {
  readonly script: Script;
  /** Packets a second of every source. */
  readonly packetsPerSecond: number;
  /** How long the settled window is, in ms. */
  readonly windowMs: number;
  /** Encoders send key frames; left out: pictures of one size. */
  readonly isBursty?: boolean;
  /** Shown every line of the trace. */
  readonly watch?: (line: string) => void;
}

/** Where a member sits: what a new process of it starts with. */
interface Home {
  join: Join;
  uplink: Outlet;
  /** What its line holds on the way to it; null: nothing waits there. */
  readonly downlink: AccessLine | null;
  /** How far its machine's clock was set back, in ms. */
  behindMs: number;
  /** By which key it is known, of those of {@link Identities}. */
  identity: string;
}

/** A member makes up packets of another's streams for a third one, as if they came from that other. */
interface Impersonation {
  readonly owner: PeerId;
  readonly to: PeerId;
  readonly counterfeiter: Counterfeiter;
}

export class World {
  readonly clock = new VirtualClock();
  readonly script: Script;
  readonly window: Window;
  readonly bus: Bus;
  readonly trace: Trace;
  readonly voices = new VoiceWatch();
  readonly violations: string[] = [];
  /** When the last fault was over, in ms. */
  readonly lastFaultMs: number;
  /** When any peer last changed what it sends, to whom or at which rate. */
  changedMs = 0;
  changes = 0;
  readonly #random: Random;
  readonly #network: Network;
  readonly #around: Surroundings;
  readonly #agreements: AgreementWatch;
  readonly #homes = new Map<PeerId, Home>();
  readonly #twins: TwinWatch;
  readonly #processes: PeerProcess[] = [];
  readonly #strangers = new StrangerWatch();
  readonly #internet = new Internet<PeerProcess>();
  readonly #watches = new Map<PeerProcess, UplinkWatch>();
  readonly #lines = new LineWatch();
  /** By whose packets that were made up receivers were deceived, each time, and whom they named for it. */
  readonly forgeries: Record<'played' | 'named', PeerId[]> = { played: [], named: [] };
  /** Who has made up packets, and how: to all, or as if to one receiver, `FORGER>RECEIVER`. */
  readonly #forgers = new Map<string, ReadonlySet<'sealed' | 'at all'>>();
  readonly #identities: Identities;
  /** Keys of whoever has another one than it had at first, once all users have said that it is right. */
  readonly #trusted = new Map<PeerId, string>();
  readonly #known: KnownPeople;
  /** By `FROM>TO`. */
  readonly #tamperers = new Map<string, Tamperer>();
  readonly #impersonations = new Map<PeerId, Impersonation>();
  /** Of those that measure, by router: all in one home have one line, that of who came first. */
  readonly #lineOf = new Map<string, AccessLine>();

  constructor({ script, packetsPerSecond, windowMs, isBursty = false, watch }: WorldOptions) {
    const preset = PRESETS[script.preset];
    this.script = script;
    this.#random = new Random(script.seed);
    this.trace = new Trace(watch);
    this.bus = new Bus(this.clock, this.#random.fork('bus'), preset.bus, this.trace);
    this.#network = new Network(this.clock, this.#random.fork('network'), preset.link);
    this.#agreements = new AgreementWatch(this.bus);
    this.#twins = new TwinWatch(this.bus);
    this.lastFaultMs = Math.max(0, ...script.faults.map(endOf));
    const endMs = script.seconds * 1000;
    this.window = { fromMs: endMs - ARRIVAL_MS - windowMs, untilMs: endMs - ARRIVAL_MS };
    this.#identities = new Identities(this.#random.fork('identities'));
    this.#known = new KnownPeople(this.#identities, this.#trusted);
    this.#around = {
      clock: this.clock,
      bus: this.bus,
      trace: this.trace,
      voices: this.voices,
      window: this.window,
      packetsPerSecond,
      // Whoever measures has to see packets as they are, and so have those whom it sends them to.
      isBursty,
      isSealed: script.sealed === true,
      isWire: script.faults.some((fault) => fault.do === 'join' && fault.auto === true),
      send: (from, to, bits, datagram, hasWaited) => this.#send(from, to, bits, datagram, hasWaited),
      afterStep: (process) => this.#afterStep(process),
      violate: (text) => this.#violate(text),
      identities: this.#identities,
      ...{ busTruth: new BusTruth(), rtcpTruth: new RtcpTruth() },
      hereSinceMs: (peer) => this.#processOf(peer)?.startedMs ?? Number.POSITIVE_INFINITY,
      forgery: (what, via) => this.forgeries[what].push(via),
      forges: (via, how, receiver) =>
        [via, `${via}>${receiver}`].some((forger) => this.#forgers.get(forger)?.has(how) === true),
      uploadTold: (process) => this.#excuseUplink(process),
      changed: () => this.#changed(),
    };
    for (const fault of script.faults) this.clock.setTimeout(() => this.#happen(fault), fault.at);
    this.clock.setTimeout(() => this.#look(), WATCH_MS);
  }

  /** Up to the end; `progress` is told the virtual time now and then. */
  run(progress?: (nowMs: number) => void): void {
    const endMs = this.script.seconds * 1000;
    for (let atMs = 0; atMs < endMs; atMs += 1000) {
      this.clock.runUntil(Math.min(endMs, atMs + 1000));
      progress?.(this.clock.now());
    }
  }

  get alive(): PeerProcess[] {
    return this.#processes.filter(({ alive }) => alive);
  }

  /** Who has joined, and neither left nor crashed since. */
  get expected(): PeerId[] {
    return [...this.#homes.keys()];
  }

  /** Stop all processes. */
  end(): void {
    for (const process of this.alive) process.end();
  }

  #happen(fault: Fault): void {
    this.trace.line(this.clock.now(), `fault ${printFault(fault)}`);
    this.#excuse(fault);
    switch (fault.do) {
      case 'join':
        this.#homes.set(fault.peer, this.#newHome(fault));
        this.#start(fault.peer);
        break;
      case 'leave':
        this.#processOf(fault.peer)?.leave();
        this.#homes.delete(fault.peer);
        break;
      case 'crash':
        this.#processOf(fault.peer)?.end();
        this.#homes.delete(fault.peer);
        break;
      case 'restart':
        this.#restart(fault.peer, fault.forMs, 0);
        break;
      case 'clockback':
        this.#restart(fault.peer, fault.forMs, fault.backMs);
        break;
      case 'twin':
        this.#twin(fault.peer, fault.forMs);
        break;
      case 'upload':
        this.#changeUpload(fault.peer, fault.uploadBps);
        break;
      case 'downlink':
        this.#changeDownlink(fault.peer, fault.downlinkBps);
        break;
      case 'misreport':
        this.#misreport(fault.peer, fault.lie, fault.forMs);
        break;
      case 'vanish':
        this.#overclaim(fault.peer, 0, fault.forMs);
        break;
      case 'foreign':
        this.#foreign(fault.peer, fault.bps, fault.forMs);
        break;
      case 'want':
        this.#want(fault);
        break;
      case 'show':
        this.#processOf(fault.peer)?.show(new Set(fault.streams));
        break;
      case 'overclaim':
        this.#overclaim(fault.peer, fault.share, fault.forMs);
        break;
      case 'lie':
        this.#lie(fault.peer, fault.forMs);
        break;
      case 'counterfeit':
        this.#counterfeit(fault.peer, fault.forMs);
        break;
      case 'forge':
        this.#forge(fault.peer, fault.forMs);
        break;
      case 'intercept':
        this.#intercept(fault);
        break;
      case 'tamper':
        this.#tamper(fault.from, fault.to, fault.forMs);
        break;
      case 'impersonate':
        this.#impersonate(fault);
        break;
      case 'rekey':
        this.#rekey(fault.peer, fault.forMs);
        break;
      case 'stall':
        this.#stall(fault.peer, fault.forMs);
        break;
      case 'away':
        for (const peer of fault.peers) this.#cutOff(peer, fault.forMs);
        break;
      case 'link':
        this.#later(fault.forMs, this.#network.trouble(fault.from, fault.to, fault));
        break;
      case 'move':
        this.#move(fault.peer, fault.place);
        break;
      case 'rebind':
        this.#rebind(fault.peer);
        break;
      case 'babble':
        this.#babble(fault.peer, fault.forMs);
        break;
    }
  }

  /** Whose voices may suffer. Who comes or goes in good order, or is away from the bus, costs nobody a word. */
  #excuse(fault: Fault): void {
    if (fault.do === 'leave' || fault.do === 'intercept' || fault.do === 'tamper') return;
    if (fault.do === 'away') {
      const untilMs = knownOf(fault, this.script);
      for (const peer of fault.peers) if (!this.#reachesAll(peer)) this.voices.excuse(peer, fault.at, untilMs);
      return;
    }
    // Who comes may not have met a relay yet where messages get lost: what comes from there is a stranger's. Behind routers others relay
    // until a pair has found its own way, and a word may be lost between the two.
    const { bus } = PRESETS[this.script.preset];
    if (fault.do === 'join' && bus.loss < LOSSY && fault.place === undefined) return;
    for (const peer of this.#affectedBy(fault)) this.voices.excuse(peer, fault.at, this.#healsMs(fault));
  }

  /** Where a pair has not found its way yet, nothing but the bus tells the two of each other. */
  #reachesAll(peer: PeerId): boolean {
    const process = this.#processOf(peer);
    const others = this.alive.filter((other) => other !== process);
    return others.every(({ id }) => process?.transport.reach.statusOf(id)?.state === 'open');
  }

  #affectedBy(fault: Exclude<Fault, { do: 'away' | 'tamper' | 'intercept' }>): PeerId[] {
    if (fault.do === 'link') return [fault.from, fault.to];
    if (fault.do === 'impersonate') return [fault.to];
    if (fault.do !== 'rebind') return [fault.peer];
    const segment = this.#processOf(fault.peer)?.site.segment;
    return this.alive.filter(({ site }) => site.segment === segment).map(({ id }) => id);
  }

  /** From when on it costs no more than any fault that is over. */
  #healsMs(fault: Fault): number {
    switch (fault.do) {
      case 'clockback':
        return knownOf(fault, this.script) + MET_AGAIN_MS;
      case 'move':
        return knownOf(fault, this.script) + MOVE_NOTICED_WITHIN_MS;
      case 'rebind':
        return fault.at + REBOUND_WITHIN_MS;
      default:
        return knownOf(fault, this.script);
    }
  }

  #newHome(join: Join): Home {
    const { downlinkBps } = join;
    const downlink = downlinkBps === undefined ? null : new AccessLine(downlinkBps, this.clock);
    const uplink = this.#newUplink(join, join.uploadBps);
    return { join, uplink, downlink, behindMs: 0, identity: join.peer };
  }

  #newUplink({ auto, bucketBytes, place }: Join, rateBps: number): Outlet {
    if (auto !== true) return new Uplink(rateBps, this.#around.packetsPerSecond);
    const router = typeof place === 'object' ? place.router : undefined;
    const shared = router === undefined ? undefined : this.#lineOf.get(router);
    const line = shared ?? new AccessLine(rateBps, this.clock, bucketBytes);
    if (router !== undefined) this.#lineOf.set(router, line);
    return line;
  }

  #start(peer: PeerId): void {
    const home = this.#homes.get(peer);
    if (home === undefined) return;
    const port = this.#processes.length + 1;
    const random = this.#random.fork(`process ${port}`);
    const epoch = Math.round(CLOCK_AT_START_MS + this.clock.now() - home.behindMs);
    const join = { ...home.join, uploadBps: home.uplink.rateBps };
    const site = this.#internet.siteAt(join.place ?? 'lan', port);
    const process = new PeerProcess(
      join,
      { epoch, site, uplink: home.uplink, downlink: home.downlink, keys: this.#keysOf(home) },
      random,
      this.#around,
    );
    this.#internet.enter(site, process);
    this.#processes.push(process);
    this.#watches.set(process, new UplinkWatch());
    process.start();
  }

  #keysOf({ identity }: Home): Keys | null {
    const { signed } = this.script;
    if (signed === undefined) return null;
    return { identity: this.#identities.of(identity), room: signed === 'locked' ? ROOM_KEY : null, known: this.#known };
  }

  /** It starts anew under another key, as if its user had lost the first: nobody believes it until all users have said that it is right. */
  #rekey(peer: PeerId, forMs: number): void {
    const home = this.#homes.get(peer);
    if (home === undefined) return;
    home.identity = `${home.identity} anew`;
    this.#restart(peer, 0, 0);
    this.#later(forMs, () => {
      const { publicKey } = this.#identities.of(home.identity);
      this.#trusted.set(peer, publicKey);
    });
  }

  #restart(peer: PeerId, forMs: number, backMs: number): void {
    this.#processOf(peer)?.end();
    const home = this.#homes.get(peer);
    // It is down for as long as the clock goes on: only what it is set back beyond that makes it earlier than before.
    if (home !== undefined && backMs > 0) home.behindMs += this.clock.now() + forMs + backMs;
    this.#later(forMs, () => this.#start(peer));
  }

  /** Its machine falls asleep; its owner joins from another one, which has as much upload; then the first wakes up. */
  #twin(peer: PeerId, forMs: number): void {
    const [process, home] = [this.#processOf(peer), this.#homes.get(peer)];
    if (process === undefined || home === undefined) return;
    process.asleep = true;
    process.clock.stall(forMs);
    this.#watches.get(process)?.delay(forMs);
    home.uplink = this.#newUplink(home.join, home.uplink.rateBps);
    // It may not know that for long, if it is away from the bus: nobody hears it, and nobody sends it anything.
    process.leftMs = Math.min(process.leftMs, this.clock.now());
    this.#start(peer);
    this.#later(forMs, () => {
      process.asleep = false;
      process.noticeBus(false);
      this.#later(AWAKE_WITHIN_MS, () => {
        if (!this.bus.isAway(peer)) process.noticeBus(true);
      });
    });
  }

  /** It goes on looking so after a restart. */
  #want({ peer, wants, downloadBps }: Extract<Fault, { do: 'want' }>): void {
    const home = this.#homes.get(peer);
    if (home !== undefined) home.join = { ...home.join, wants, downloadBps };
    this.#processOf(peer)?.changeWishes({ wants, downloadBps });
  }

  #processOf(peer: PeerId): PeerProcess | undefined {
    return this.#processes.findLast(({ id, alive }) => alive && id === peer);
  }

  #changeUpload(peer: PeerId, uploadBps: number): void {
    const process = this.#processOf(peer);
    if (process === undefined) return;
    // Who measures finds out.
    if (process.measures) process.uplink.rateBps = uploadBps;
    else process.changeUpload(uploadBps);
  }

  #changeDownlink(peer: PeerId, bps: number): void {
    const line = this.#processOf(peer)?.downlink;
    if (line !== null && line !== undefined) line.rateBps = bps;
  }

  #excuseUplink(process: PeerProcess): void {
    this.#watches.get(process)?.excuse(Math.max(this.clock.now(), process.clock.stalledUntilMs));
  }

  #foreign(peer: PeerId, bps: number, forMs: number): void {
    const line = this.#processOf(peer)?.uplink;
    if (line instanceof AccessLine) this.#later(forMs, line.shareWith(bps));
  }

  #overclaim(peer: PeerId, share: number, forMs: number): void {
    const uplink = this.#processOf(peer)?.uplink;
    if (uplink === undefined) return;
    uplink.share = share;
    this.#later(forMs, () => {
      uplink.share = 1;
    });
  }

  #stall(peer: PeerId, forMs: number): void {
    const process = this.#processOf(peer);
    if (process === undefined) return;
    process.clock.stall(forMs);
    this.#watches.get(process)?.delay(forMs);
  }

  #lie(peer: PeerId, forMs: number): void {
    const process = this.#processOf(peer);
    if (process === undefined) return;
    process.transport.lies = true;
    this.#later(forMs, () => {
      process.transport.lies = false;
    });
  }

  #forge(peer: PeerId, forMs: number): void {
    const process = this.#processOf(peer);
    if (process === undefined) return;
    this.#noteForger(peer, ['at all']);
    this.voices.forges(peer);
    process.transport.forger = new MediaForger(this.#random.fork(`forge ${peer} ${this.clock.now()}`));
    this.#later(forMs, () => {
      process.transport.forger = null;
    });
  }

  #counterfeit(peer: PeerId, forMs: number): void {
    const process = this.#processOf(peer);
    if (process === undefined) return;
    this.#noteForger(peer, ['at all', 'sealed']);
    this.voices.forges(peer);
    process.transport.counterfeits(this.#random.fork(`counterfeit ${peer} ${this.clock.now()}`));
    this.#later(forMs, () => process.transport.counterfeits(null));
  }

  #intercept({ by, forMs }: Extract<Fault, { do: 'intercept' }>): void {
    const isLocked = this.script.signed === 'locked';
    const member = by === 'server' ? undefined : this.#homes.get(by);
    const random = this.#random.fork(`intercept ${by} ${this.clock.now()}`);
    const interceptor = new Interceptor({
      random,
      keys: {
        identity: this.#identities.of(member?.identity ?? 'a stranger'),
        room: isLocked ? (member === undefined ? WRONG_KEY : ROOM_KEY) : null,
      },
      as: () => this.alive.filter(({ id }) => id !== by),
      to: () => this.alive,
    });
    const watch = (carried: Carried) => interceptor.sees(carried);
    this.bus.watchers.add(watch);
    const untilMs = this.clock.now() + forMs;
    const again = () => {
      if (this.clock.now() >= untilMs) {
        this.bus.watchers.delete(watch);
        return;
      }
      const written = interceptor.attack();
      if (written !== undefined) this.bus.inject(written);
      this.#later(interceptor.pauseMs(), again);
    };
    again();
  }

  #tamper(from: PeerId, to: PeerId, forMs: number): void {
    const way = `${from}>${to}`;
    // Rubbish that seems to come from a member is that member's for all that its receiver can know.
    this.#noteForger(way, ['at all']);
    // The other forwards it, where it is a relay.
    this.#noteForger(to, ['at all']);
    const tamperer = new Tamperer(this.#random.fork(`tamper ${way} ${this.clock.now()}`));
    this.#tamperers.set(way, tamperer);
    this.#later(forMs, () => {
      if (this.#tamperers.get(way) === tamperer) this.#tamperers.delete(way);
    });
  }

  #impersonate({ peer, owner, to, forMs }: Extract<Fault, { do: 'impersonate' }>): void {
    const keys = this.#processOf(peer)?.transport.toldKeys;
    if (keys === undefined) return;
    for (const seeming of [`${owner}>${to}`, to]) this.#noteForger(seeming, ['at all', 'sealed']);
    const random = this.#random.fork(`impersonate ${peer} ${this.clock.now()}`);
    const impersonation = { owner, to, counterfeiter: new Counterfeiter(random, keys) };
    this.#impersonations.set(peer, impersonation);
    this.#later(forMs, () => {
      if (this.#impersonations.get(peer) === impersonation) this.#impersonations.delete(peer);
    });
  }

  /** Whoever has got a packet from its owner makes others up for somebody else. */
  #pretend(by: PeerId, from: PeerProcess, datagram: Datagram): void {
    const impersonation = this.#impersonations.get(by);
    if (impersonation?.owner !== from.id || datagram.kind !== 'media' || datagram.hops !== 1) return;
    const victim = this.#processOf(impersonation.to);
    for (const bytes of impersonation.counterfeiter.made(datagram.packet.bytes))
      victim?.receive(from.site.address, { ...datagram, packet: { ...datagram.packet, bytes } });
  }

  #noteForger(peer: string, how: readonly ('sealed' | 'at all')[]): void {
    this.#forgers.set(peer, new Set([...(this.#forgers.get(peer) ?? []), ...how]));
  }

  #misreport(peer: PeerId, lie: Lie, forMs: number): void {
    const process = this.#processOf(peer);
    if (process === undefined) return;
    process.transport.misreports(new Misreporter(lie));
    this.#later(forMs, () => process.transport.misreports(null));
  }

  #cutOff(peer: PeerId, forMs: number): void {
    const restore = this.bus.cutOff(peer);
    const noticeMs = this.#random.fork(`away ${peer} ${this.clock.now()}`).between(0, NOTICED_WITHIN_MS);
    this.#later(noticeMs, () => {
      if (this.bus.isAway(peer)) this.#processOf(peer)?.noticeBus(false);
    });
    this.#later(forMs, () => {
      restore();
      if (!this.bus.isAway(peer)) this.#processOf(peer)?.noticeBus(true);
    });
  }

  /** It goes on from there after a restart. */
  #move(peer: PeerId, place: Place): void {
    const home = this.#homes.get(peer);
    if (home !== undefined) home.join = { ...home.join, place };
    const process = this.#processOf(peer);
    if (process === undefined) return;
    this.#internet.leave(process.site);
    process.moveTo(this.#internet.siteAt(place, process.port));
    this.#internet.enter(process.site, process);
    const noticeMs = this.#random.fork(`move ${peer} ${this.clock.now()}`).between(0, MOVE_NOTICED_WITHIN_MS);
    this.#later(noticeMs, () => process.noticeNetwork());
  }

  #rebind(peer: PeerId): void {
    const process = this.#processOf(peer);
    if (process !== undefined) this.#internet.rebind(process.site);
  }

  #babble(peer: PeerId, forMs: number): void {
    const process = this.#processOf(peer);
    if (process === undefined) return;
    const babbler = new Babbler(process, this.#random.fork(`babble ${peer} ${this.clock.now()}`), this.alive);
    const untilMs = this.clock.now() + forMs;
    const again = () => {
      if (!process.alive) return;
      if (this.clock.now() >= untilMs) {
        babbler.end();
        return;
      }
      babbler.speak();
      this.#later(babbler.pauseMs(), again);
    };
    again();
  }

  #later(delayMs: number, run: () => void): void {
    this.clock.setTimeout(run, delayMs);
  }

  #send(from: PeerProcess, to: Endpoint, bits: number, datagram: Datagram, hasWaited: boolean): void {
    if (datagram.kind === 'media' && datagram.hops > MOST_HOPS)
      this.#violate(`${from.id} sends a packet on its hop ${datagram.hops}`);
    const passage = this.#internet.send(from.site, to, this.clock.now());
    if (passage === 'lost') return;
    if (passage === 'strange') {
      const wrong = this.#strangers.sent(datagram.kind, from.id, to, this.clock.now());
      if (wrong !== undefined) this.#violate(wrong);
      return;
    }
    const { to: receiver, from: seenAs, isNear, arrives } = passage;
    const urgent = datagram.kind !== 'media' || datagram.packet.source.media === 'audio';
    const tampered = this.#tamperers.get(`${from.id}>${receiver.id}`)?.passes(datagram);
    const arrive = () => {
      if (!receiver.alive || receiver.asleep || !arrives(this.clock.now())) return;
      for (const made of tampered?.before ?? []) {
        receiver.receive(seenAs, made);
        // Whoever fills a relay's limit with rubbish has it drop what is beyond that.
        if (datagram.kind === 'media' && receiver.transport.relays(readSsrc(datagram.packet.bytes)))
          this.voices.lostOnLink(datagram.packet);
      }
      receiver.receive(seenAs, datagram);
      for (const made of tampered?.behind ?? []) receiver.receive(seenAs, made);
      this.#pretend(receiver.id, from, datagram);
    };
    const isWithinHome = isNear && from.site.segment.router !== null && from.uplink instanceof AccessLine;
    const outlet = isWithinHome ? WITHIN_HOME : from.uplink;
    const passed = this.#network.send(outlet, from.id, receiver.id, { bits, urgent, hasWaited }, () => {
      if (isWithinHome) arrive();
      else this.#comeDown(receiver, bits, arrive);
    });
    if (!passed && datagram.kind === 'media') this.voices.lostOnLink(datagram.packet);
  }

  /** Through the receiver's line. */
  #comeDown({ downlink }: PeerProcess, bits: number, arrive: () => void): void {
    const waitMs = downlink === null ? 0 : downlink.take(bits, this.clock.now());
    if (waitMs === 0) arrive();
    else if (waitMs !== undefined) this.#later(waitMs, arrive);
  }

  #afterStep(process: PeerProcess): void {
    const watch = this.#watches.get(process);
    if (watch === undefined || !process.alive) return;
    const nowMs = this.clock.now();
    for (const violation of watch.check(process, nowMs)) this.#violate(violation);
  }

  #look(): void {
    this.#later(WATCH_MS, () => this.#look());
    const nowMs = this.clock.now();
    for (const violation of this.#agreements.check(this.alive, nowMs)) this.#violate(violation);
    for (const violation of this.#twins.check(this.alive, nowMs)) this.#violate(violation);
    for (const violation of this.#lines.check(this.alive, nowMs)) this.#violate(violation);
  }

  #changed(): void {
    this.changedMs = this.clock.now();
    this.changes += 1;
  }

  #violate(text: string): void {
    this.violations.push(`${Math.round(this.clock.now())} ms: ${text}`);
    this.trace.line(this.clock.now(), `violation ${text}`);
  }
}
