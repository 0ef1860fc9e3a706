/** One process of a peer, from its start to its end: the shipped root machine, its bus, its media path and its clock. */
import type { Keys } from '../../../../actors/bus/sealing/contract.ts';
import type { Endpoint } from '../../../../infra/path/contract.ts';
import { STREAM_KEY_BYTES } from '../../../../infra/srtp/stream-seal.ts';
import { keyPairOfSecret } from '../../../../infra/stun/pair-key.ts';
import type { PeerId, StreamName } from '../../../../machines/messages.ts';
import type { PeerEvent } from '../../../../machines/peer.ts';
import { sendsUs, type View } from '../../../../machines/view.ts';
import type { Join } from '../../script/script.ts';
import { ROOM } from '../bus/bus.ts';
import { BusClient } from '../bus/bus-client.ts';
import type { Datagram } from '../media/datagram.ts';
import { Sinks } from '../media/delivery.ts';
import type { MediaSource } from '../media/source.ts';
import { SimulatedTransport } from '../media/transport.ts';
import type { SealingOptions } from '../media/transport-host.ts';
import type { WireOptions } from '../media/wire.ts';
import type { AccessLine, Outlet } from '../network/access-line.ts';
import type { Site } from '../network/internet.ts';
import type { Random } from '../random.ts';
import type { ProcessSetting, Surroundings } from '../surroundings.ts';
import { createPeerActor, type PeerActor } from './peer-actor.ts';
import { ProcessClock } from './process-clock.ts';
import { Profile } from './profile.ts';
import { Show } from './show.ts';
import { Whereabouts } from './whereabouts.ts';

/** Its socket listens at whatever address its machine has. */
const ANY_HOST = '0.0.0.0';
/** Of an X25519 secret. */
const KEY_BYTES = 32;

export class PeerProcess {
  readonly id: PeerId;
  readonly epoch: number;
  readonly compatible: boolean;
  /** Its number among all processes of the run. */
  readonly port: number;
  readonly uplink: Outlet;
  /** What its line holds on the way to it; null: nothing waits there. */
  readonly downlink: AccessLine | null;
  readonly clock: ProcessClock;
  /** What it can show, and what of it it shows. */
  readonly show: Show;
  readonly profile: Profile;
  readonly bus: BusClient;
  readonly sinks: Sinks;
  readonly transport: SimulatedTransport;
  readonly startedMs: number;
  alive = true;
  asleep = false;
  /** When it ended, was told to leave, or another process took its place. */
  leftMs = Number.POSITIVE_INFINITY;
  readonly whereabouts: Whereabouts<PeerProcess>;
  readonly #around: Surroundings;
  readonly #actor: PeerActor;
  #hops: ReadonlyMap<StreamName, readonly PeerId[]> = new Map();
  #hasStarted = false;

  /** `epoch`: by its machine's clock. */
  constructor(
    join: Join,
    { epoch, site, uplink, downlink, keys }: ProcessSetting,
    random: Random,
    around: Surroundings,
  ) {
    this.id = join.peer;
    this.epoch = epoch;
    this.port = site.address.port;
    const pairKeys = keyPairOfSecret(random.fork('key').bytes(KEY_BYTES));
    this.uplink = uplink;
    this.downlink = downlink;
    this.compatible = join.compatible;
    this.#around = around;
    this.startedMs = around.clock.now();
    this.whereabouts = new Whereabouts(site, this.startedMs);
    this.clock = new ProcessClock(around.clock, () => around.afterStep(this));
    const { packetsPerSecond, isWire, isBursty, window } = around;
    this.show = new Show(join.streams, { packetsPerSecond, isWire, isBursty, window }, random);
    this.profile = new Profile({
      ...{ join, show: this.show, clock: this.clock, uplink },
      view: () => (this.#hasStarted ? this.view : undefined),
      tell: (event) => this.tell(event),
      uploadTold: () => around.uploadTold(this),
    });
    this.sinks = new Sinks(around.window);
    this.transport = new SimulatedTransport({
      clock: this.clock,
      bound: { host: ANY_HOST, port: this.port },
      interfaces: () => this.whereabouts.interfaces,
      reach: {
        ...{ room: ROOM, self: { id: this.id, epoch }, keys: pairKeys, advertised: null, policy: 'all' },
        luck: random.fork('luck').next,
      },
      sources: this.show.sources,
      pacing: (bits) => (this.uplink.isPacer ? { waitMs: this.uplink.take(bits, this.clock.now()) } : null),
      waitedMs: () => this.uplink.pacedMs(this.clock.now()),
      send: (...packet) => {
        if (!this.asleep) around.send(this, ...packet);
      },
      sent: (packet) => this.#around.voices.sent(this, packet),
      deliver: (packet, hops) => this.#deliver(packet, hops),
      hurried: (kind, from, text) => this.bus.takeHurried(kind, from, text),
      wire: around.isWire ? this.#wireOf(random.fork('wire')) : null,
      playOnly: (ssrcs) => this.sinks.playOnly(ssrcs),
      expects: (owner, stream) => this.view !== undefined && sendsUs(this.view, owner, stream),
      sealing: around.isSealed ? this.#sealingOf(keys, random.fork('stream keys')) : null,
      rtcpTruth: keys === null ? null : around.rtcpTruth,
      changed: (moved) => this.#tableChanged(moved),
    });
    this.bus = new BusClient({
      ...{ id: this.id, epoch, compatible: this.compatible, clock: this.clock, keys },
      ...{ bus: around.bus, truth: around.busTruth, violate: around.violate },
      isAsleep: () => this.asleep,
      view: () => this.view,
      tell: (event) => this.#actor.send(event),
      hasten: (to, kind, text) => this.transport.hasten(to, kind, text),
    });
    this.#actor = createPeerActor({
      ...{ clock: this.clock, bus: this.bus, transport: this.transport },
      noted: (entry) => around.trace.line(this.clock.now(), `${this.id} notes ${JSON.stringify(entry)}`),
      profile: this.profile.first({
        ...{ id: this.id, epoch, key: pairKeys.publicKey },
        media: { ...site.address, rtcpPort: site.address.port },
      }),
    });
  }

  start(): void {
    this.bus.open();
    this.#actor.subscribe({
      error: (error) => {
        this.#around.violate(`a machine threw: ${error instanceof Error ? error.message : error}`);
        this.#around.trace.line(this.clock.now(), String(error instanceof Error ? error.stack : error));
        this.end();
      },
      complete: () => {
        if (!this.alive) return;
        this.#around.trace.line(this.clock.now(), `${this.id} has ended: ${this.#actor.getSnapshot().value}`);
        this.end();
      },
    });
    this.#hasStarted = true;
    this.clock.enter(() => {
      this.#actor.start();
      this.transport.uplink?.start();
      this.transport.downlink?.start();
    });
  }

  /** It stops where it stands: no word to anybody. */
  end(): void {
    if (!this.alive) return;
    this.alive = false;
    this.leftMs = Math.min(this.leftMs, this.clock.now());
    this.clock.end();
    this.bus.close();
    this.#actor.stop();
  }

  leave(): void {
    this.leftMs = Math.min(this.leftMs, this.clock.now());
    this.tell({ type: 'peer.leave' });
  }

  tell(event: PeerEvent): void {
    this.clock.enter(() => this.#actor.send(event));
  }

  receive(from: Endpoint, datagram: Datagram): void {
    this.clock.enter(() => this.transport.take(from, datagram));
  }

  /** Where its socket is. */
  get site(): Site<PeerProcess> {
    return this.whereabouts.site;
  }

  /** Its machine is in another network, and has not noticed. */
  moveTo(site: Site<PeerProcess>): void {
    this.whereabouts.moveTo(site, this.clock.now());
  }

  /** It notices that its machine has another address. */
  noticeNetwork(): void {
    this.clock.enter(() => this.transport.reach.networkChanged(this.whereabouts.interfaces, 'addresses'));
  }

  /** All that it can show. */
  get sources(): ReadonlyMap<StreamName, MediaSource> {
    return this.show.sources;
  }

  /** To whom its transport sends a stream. */
  hopsOf(stream: StreamName): readonly PeerId[] {
    return this.#hops.get(stream) ?? [];
  }

  get joined(): boolean {
    return this.alive && this.#actor.getSnapshot().value === 'joined';
  }

  /** Who is there for all it knows. */
  get view(): View | undefined {
    return this.#actor.getSnapshot().children.signaling?.getSnapshot().context.view;
  }

  /** What its negotiation machine knows. */
  get negotiation() {
    return this.#actor.getSnapshot().children.negotiation?.getSnapshot().context;
  }

  /** The rate that a stream of its own should have, bit/s. */
  rateOf(stream: StreamName): number {
    return this.negotiation?.rates.get(stream) ?? 0;
  }

  #deliver(packet: Parameters<Sinks['take']>[0], hops: number): void {
    const nowMs = this.clock.now();
    this.#around.trace.packet(nowMs, this.port, hops, packet);
    if (!this.sinks.take(packet, nowMs)) this.#around.violate(`${this.id} played a packet twice`);
    if (packet.source.media === 'audio') this.#around.voices.arrived(packet, this);
  }

  #tableChanged(moved: boolean): void {
    this.#hops = new Map(this.transport.table.own.map(({ stream, hops }) => [stream, hops.map(({ peer }) => peer)]));
    if (moved) this.#around.changed();
  }

  #wireOf(luck: Random): WireOptions {
    const { profile } = this;
    const measuring = profile.measuring(luck.integer(0, 0xffff_ffff));
    const ssrc = luck.integer(0, 0xffff_ffff);
    return { ssrc, unixMs: (nowMs) => this.epoch + nowMs, measures: profile.measures ? measuring : null };
  }

  #sealingOf(keys: Keys | null, luck: Random): SealingOptions {
    const { forgers, hereSinceMs, identities, violate } = this.#around;
    return {
      freshKey: () => luck.bytes(STREAM_KEY_BYTES),
      signing: {
        identity: keys === null ? identities.of(this.id) : keys.identity,
        keyOf: (peer, of) => (keys === null ? identities.of(peer).publicKey : this.bus.provenKey(peer, of)),
      },
      forges: (via, how) => forgers.forges(via, how, this.id),
      forgery: (what, via) => forgers.forgeries[what].push(via),
      ...{ hereSinceMs, violate, wishesSinceMs: () => this.profile.wishesSinceMs },
    };
  }
}
