/** A whole room in virtual time: runs a script from its first join to its last second. */

import type { PeerId } from '../../../machines/messages.ts';
import { Attacks } from '../hostile/attacks.ts';
import { PRESETS } from '../script/presets.ts';
import { endOf, type Fault, printFault, type Script } from '../script/script.ts';
import { BusTruth, RtcpTruth } from '../verdict/bus-truth.ts';
import { excuse } from '../verdict/excuses.ts';
import { Forgers } from '../verdict/forgers.ts';
import { AgreementWatch, LineWatch, TwinWatch, UplinkWatch } from '../verdict/invariants.ts';
import { Trace } from '../verdict/trace.ts';
import { VoiceWatch } from '../verdict/voice.ts';
import { Bus } from './bus/bus.ts';
import { Identities } from './bus/identities.ts';
import { VirtualClock } from './clock.ts';
import type { Window } from './media/delivery.ts';
import { Members } from './members.ts';
import { AccessLine, type Outlet } from './network/access-line.ts';
import { Internet } from './network/internet.ts';
import { Network } from './network/network.ts';
import { PacketWay } from './network/packet-way.ts';
import type { PeerProcess } from './peer/peer-process.ts';
import { Random } from './random.ts';
import type { Surroundings } from './surroundings.ts';

/** How often the room as a whole is looked at, in ms. */
const WATCH_MS = 250;
/** The last packets that count were sent so long before the end, so that they can arrive. */
const ARRIVAL_MS = 1000;

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

export class World {
  readonly clock = new VirtualClock();
  readonly script: Script;
  readonly window: Window;
  readonly bus: Bus;
  readonly trace: Trace;
  readonly voices = new VoiceWatch();
  readonly forgers = new Forgers();
  readonly violations: string[] = [];
  /** When the last fault was over, in ms. */
  readonly lastFaultMs: number;
  /** When any peer last changed what it sends, to whom or at which rate. */
  changedMs = 0;
  changes = 0;
  readonly #network: Network;
  readonly #members: Members;
  readonly #attacks: Attacks;
  readonly #way: PacketWay;
  readonly #agreements: AgreementWatch;
  readonly #twins: TwinWatch;
  readonly #lines = new LineWatch();
  readonly #watches = new Map<PeerProcess, UplinkWatch>();

  constructor(options: WorldOptions) {
    const { script, windowMs, watch } = options;
    const { clock, voices, forgers } = this;
    const preset = PRESETS[script.preset];
    this.script = script;
    const random = new Random(script.seed);
    this.trace = new Trace(watch);
    this.bus = new Bus(clock, random.fork('bus'), preset.bus, this.trace);
    this.#network = new Network(clock, random.fork('network'), preset.link);
    this.#agreements = new AgreementWatch(this.bus);
    this.#twins = new TwinWatch(this.bus);
    this.lastFaultMs = Math.max(0, ...script.faults.map(endOf));
    const endMs = script.seconds * 1000;
    this.window = { fromMs: endMs - ARRIVAL_MS - windowMs, untilMs: endMs - ARRIVAL_MS };
    const around = this.#surroundings(options, new Identities(random.fork('identities')));
    const internet = new Internet<PeerProcess>();
    this.#members = new Members({
      ...{ script, random, internet, around },
      stalled: (process, forMs) => this.#watchOf(process).delay(forMs),
    });
    this.#attacks = new Attacks({
      ...{ script, random, clock, voices, forgers, bus: this.bus },
      ...{ identities: around.identities, members: this.#members },
    });
    this.#way = new PacketWay({
      ...{ clock, internet, voices, network: this.#network, attacks: this.#attacks },
      violate: around.violate,
    });
    for (const fault of script.faults) clock.setTimeout(() => this.#happen(fault), fault.at);
    clock.setTimeout(() => this.#look(), WATCH_MS);
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
    return this.#members.alive;
  }

  /** Who has joined, and neither left nor crashed since. */
  get expected(): PeerId[] {
    return this.#members.expected;
  }

  /** Stop all processes. */
  end(): void {
    for (const process of this.alive) process.end();
  }

  #surroundings({ script, packetsPerSecond, isBursty = false }: WorldOptions, identities: Identities): Surroundings {
    const { clock, bus, trace, voices, forgers, window } = this;
    return {
      ...{ clock, bus, trace, voices, forgers, window, identities, packetsPerSecond, isBursty },
      isSealed: script.sealed === true,
      // Whoever measures has to see packets as they are, and so have those whom it sends them to.
      isWire: script.faults.some((fault) => fault.do === 'join' && fault.auto === true),
      ...{ busTruth: new BusTruth(), rtcpTruth: new RtcpTruth() },
      send: (...packet) => this.#way.send(...packet),
      hereSinceMs: (peer) => this.#members.processOf(peer)?.startedMs ?? Number.POSITIVE_INFINITY,
      afterStep: (process) => this.#afterStep(process),
      uploadTold: (process) => this.#watchOf(process).excuse(Math.max(clock.now(), process.clock.stalledUntilMs)),
      changed: () => this.#changed(),
      violate: (text) => this.#violate(text),
    };
  }

  #happen(fault: Fault): void {
    this.trace.line(this.clock.now(), `fault ${printFault(fault)}`);
    excuse(fault, this.voices, { script: this.script, members: this.#members });
    switch (fault.do) {
      case 'link':
        this.#later(fault.forMs, this.#network.trouble(fault.from, fault.to, fault));
        break;
      case 'upload':
      case 'downlink':
      case 'foreign':
      case 'overclaim':
      case 'vanish':
        this.#changeLine(fault);
        break;
      case 'misreport':
      case 'lie':
      case 'counterfeit':
      case 'forge':
      case 'intercept':
      case 'tamper':
      case 'impersonate':
      case 'babble':
        this.#attacks.begin(fault);
        break;
      default:
        this.#members.happen(fault);
    }
  }

  #changeLine(fault: Extract<Fault, { do: 'upload' | 'downlink' | 'foreign' | 'overclaim' | 'vanish' }>): void {
    const process = this.#members.processOf(fault.peer);
    if (process === undefined) return;
    const { downlink, uplink } = process;
    switch (fault.do) {
      case 'upload':
        // Who measures finds out.
        if (process.profile.measures) uplink.rateBps = fault.uploadBps;
        else process.profile.changeUpload(fault.uploadBps);
        break;
      case 'downlink':
        if (downlink !== null) downlink.rateBps = fault.downlinkBps;
        break;
      case 'foreign':
        if (uplink instanceof AccessLine) this.#later(fault.forMs, uplink.shareWith(fault.bps));
        break;
      case 'overclaim':
        this.#overclaim(uplink, fault.share, fault.forMs);
        break;
      case 'vanish':
        this.#overclaim(uplink, 0, fault.forMs);
        break;
    }
  }

  /** It carries but this share of what its owner tells. */
  #overclaim(uplink: Outlet, share: number, forMs: number): void {
    uplink.share = share;
    this.#later(forMs, () => {
      uplink.share = 1;
    });
  }

  #later(delayMs: number, run: () => void): void {
    this.clock.setTimeout(run, delayMs);
  }

  #watchOf(process: PeerProcess): UplinkWatch {
    const watch = this.#watches.get(process) ?? new UplinkWatch();
    this.#watches.set(process, watch);
    return watch;
  }

  #afterStep(process: PeerProcess): void {
    if (!process.alive) return;
    for (const violation of this.#watchOf(process).check(process, this.clock.now())) this.#violate(violation);
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
