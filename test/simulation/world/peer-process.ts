/** One process of a peer: the shipped root machine over a simulated bus and media path, from its start to its end. */
import { type Actor, createActor, fromCallback } from 'xstate';
import type { Keys } from '../../../actors/bus/sealing/contract.ts';
import { downloadOf } from '../../../actors/downlink/measure.ts';
import type { ToldUpload, UploadChoice } from '../../../actors/uplink/upload.ts';
import type { InterfaceAddress } from '../../../infra/network/interfaces.ts';
import { scopeOf } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { STREAM_KEY_BYTES } from '../../../infra/srtp/stream-seal.ts';
import { type KeyPair, keyPairOfSecret } from '../../../infra/stun/pair-key.ts';
import type { PeerId, StreamName, Wants } from '../../../machines/messages.ts';
import { type PeerEvent, peerMachine } from '../../../machines/peer.ts';
import type { JournalEntry } from '../../../machines/ports.ts';
import { type Member, NO_PROFILE, sendsUs, type View } from '../../../machines/view.ts';
import type { Join, SimulatedStream } from '../script/script.ts';
import type { AccessLine, Outlet } from './access-line.ts';
import { ROOM } from './bus.ts';
import { BusClient } from './bus-client.ts';
import type { Datagram } from './datagram.ts';
import { Sinks } from './delivery.ts';
import type { Site } from './internet.ts';
import type { Place } from './place.ts';
import { ProcessClock } from './process-clock.ts';
import type { Random } from './random.ts';
import { Show } from './show.ts';
import type { MediaSource } from './source.ts';
import type { ProcessSetting, Surroundings } from './surroundings.ts';
import { SimulatedTransport } from './transport.ts';
import type { SealingOptions } from './transport-host.ts';
import type { Measures, WireOptions } from './wire.ts';

/** The share of its upload that a peer uses (DESIGN.md section 4). */
export const HEADROOM = 0.95;

/** Its socket listens at whatever address its machine has. */
const ANY_HOST = '0.0.0.0';
/** Until it is measured an uplink is taken to carry so much, as `--upload auto` does, in bit/s. */
const UNMEASURED_BPS = 500_000;
/** Of an X25519 secret. */
const KEY_BYTES = 32;

/** What it looks at. */
export interface Wishes {
  readonly wants: Wants;
  readonly downloadBps: number | null;
}

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
  /** It measures its uplink. */
  readonly measures: boolean;
  readonly bus: BusClient;
  readonly sinks: Sinks;
  readonly transport: SimulatedTransport;
  readonly startedMs: number;
  alive = true;
  asleep = false;
  /** When it ended, was told to leave, or another process took its place. */
  leftMs = Number.POSITIVE_INFINITY;
  /** What its machine was last told it has. */
  uploadBps: number;
  lendBps: number;
  /** What its downlink has shown; null: no limit. */
  #seenDownloadBps: number | null = null;
  /** What its machine was told that it looks at, and when. */
  readonly #wishes: (Wishes & { readonly atMs: number })[];
  #site: Site<PeerProcess>;
  /** Where it has been since when. */
  readonly #places: { readonly place: Place; readonly atMs: number }[];
  readonly #around: Surroundings;
  readonly #keys: KeyPair;
  readonly #actor: Actor<typeof peerMachine>;
  readonly #show: Show;
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
    this.#keys = keyPairOfSecret(bytesOf(random.fork('key'), KEY_BYTES));
    this.uplink = uplink;
    this.downlink = downlink;
    this.compatible = join.compatible;
    this.#around = around;
    this.startedMs = around.clock.now();
    this.measures = join.auto === true;
    this.uploadBps = this.measures ? UNMEASURED_BPS : join.uploadBps;
    this.lendBps = Math.min(this.uploadBps, join.lendBps);
    this.#site = site;
    this.#places = [{ place: site.place, atMs: this.startedMs }];
    this.#wishes = [{ wants: join.wants, downloadBps: join.downloadBps, atMs: this.startedMs }];
    this.clock = new ProcessClock(around.clock, () => around.afterStep(this));
    const { packetsPerSecond, isWire, isBursty, window } = around;
    this.#show = new Show(join.streams, { packetsPerSecond, isWire, isBursty, window }, random);
    this.sinks = new Sinks(around.window);
    this.transport = new SimulatedTransport({
      clock: this.clock,
      bound: { host: ANY_HOST, port: this.port },
      interfaces: () => this.#interfaces,
      reach: {
        ...{ room: ROOM, self: { id: this.id, epoch }, keys: this.#keys, advertised: null, policy: 'all' },
        luck: random.fork('luck').next,
      },
      sources: this.sources,
      pacing: (bits) => (this.uplink.isPacer ? { waitMs: this.uplink.take(bits, this.clock.now()) } : null),
      waitedMs: () => this.uplink.pacedMs(this.clock.now()),
      send: (to, bits, datagram, hasWaited) => this.#send(to, bits, datagram, hasWaited),
      sent: (packet) => this.#around.voices.sent(this, packet),
      deliver: (packet, hops) => this.#deliver(packet, hops),
      hurried: (kind, from, text) => this.bus.takeHurried(kind, from, text),
      wire: around.isWire ? this.#wireOf(join, random) : null,
      playOnly: (ssrcs) => this.sinks.playOnly(ssrcs),
      expects: (owner, stream) => {
        const { view } = this;
        return view !== undefined && sendsUs(view, owner, stream);
      },
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
    this.#actor = this.#createActor(this.#profileOf(join));
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
    return this.#site;
  }

  /** Its machine is in another network, and has not noticed. */
  moveTo(site: Site<PeerProcess>): void {
    this.#site = site;
    this.#places.push({ place: site.place, atMs: this.clock.now() });
  }

  placeAt(atMs: number): Place {
    return this.#places.findLast((place) => place.atMs <= atMs)?.place ?? this.#site.place;
  }

  /** It notices that its machine has another address. */
  noticeNetwork(): void {
    this.clock.enter(() => this.transport.reach.networkChanged(this.#interfaces, 'addresses'));
  }

  /** What it has, if it knows or not. */
  get trueUploadBps(): number {
    return this.measures ? this.uplink.rateBps : this.uploadBps;
  }

  changeUpload(uploadBps: number): void {
    const lendBps = this.lendBps === 0 ? 0 : uploadBps;
    if (!this.measures) this.uplink.rateBps = uploadBps;
    this.#tellUpload({ uploadBps, usableBps: uploadBps * HEADROOM, lendBps, line: null });
  }

  #tellUpload(change: ToldUpload): void {
    this.lendBps = change.lendBps;
    this.uploadBps = change.uploadBps;
    this.#around.uploadTold(this);
    this.tell({ type: 'profile.changed', change });
  }

  changeWishes(wishes: Wishes): void {
    this.#wishes.push({ ...wishes, atMs: this.clock.now() });
    this.tell({ type: 'profile.changed', change: { wants: wishes.wants, downloadBps: this.toldDownloadBps } });
  }

  /** What its machine was last told that it can receive. */
  get toldDownloadBps(): number | null {
    return downloadOf(this.wishes.downloadBps, this.#seenDownloadBps);
  }

  /** All that it can show. */
  get sources(): ReadonlyMap<StreamName, MediaSource> {
    return this.#show.sources;
  }

  /** What it shows now. */
  get streams(): readonly SimulatedStream[] {
    return this.#show.streams;
  }

  /** Of all that it can show it shows these from now on. */
  show(names: ReadonlySet<StreamName>): void {
    this.#show.change(names);
    this.tell({ type: 'profile.changed', change: { streams: this.#show.told } });
  }

  get wishes(): Wishes {
    return this.wishesAt(Number.POSITIVE_INFINITY);
  }

  wishesAt(atMs: number): Wishes {
    return this.#wishes.findLast((wish) => wish.atMs <= atMs) ?? { wants: 'all', downloadBps: null };
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

  get #interfaces(): InterfaceAddress[] {
    const { host } = this.site.address;
    return [{ host, scope: scopeOf(host) }];
  }

  #send(to: Endpoint, bits: number, datagram: Datagram, hasWaited = false): void {
    if (!this.asleep) this.#around.send(this, to, bits, datagram, hasWaited);
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

  #wireOf({ lendBps }: Join, random: Random): WireOptions {
    const luck = random.fork('wire');
    const choice: UploadChoice = { uploadBps: null, lendBps, headroom: HEADROOM };
    const measures: Measures = {
      ssrc: luck.integer(0, 0xffff_ffff),
      ...{ choice: () => choice, view: () => (this.#hasStarted ? this.view : undefined) },
      onUpload: (told) => this.#tellUpload(told),
      onNarrow: (narrow) => this.tell({ type: 'profile.changed', change: { narrow } }),
      onLimit: (bps) => {
        this.#seenDownloadBps = bps;
        this.tell({ type: 'profile.changed', change: { downloadBps: this.toldDownloadBps } });
      },
    };
    return {
      ssrc: luck.integer(0, 0xffff_ffff),
      unixMs: (nowMs) => this.epoch + nowMs,
      measures: this.measures ? measures : null,
    };
  }

  #sealingOf(keys: Keys | null, luck: Random): SealingOptions {
    const { forgers, hereSinceMs, identities, violate } = this.#around;
    return {
      freshKey: () => bytesOf(luck, STREAM_KEY_BYTES),
      signing: {
        identity: keys === null ? identities.of(this.id) : keys.identity,
        keyOf: (peer, of) => (keys === null ? identities.of(peer).publicKey : this.bus.provenKey(peer, of)),
      },
      forges: (via, how) => forgers.forges(via, how, this.id),
      forgery: (what, via) => forgers.forgeries[what].push(via),
      ...{ hereSinceMs, violate },
    };
  }

  #createActor(profile: Member): Actor<typeof peerMachine> {
    const machine = peerMachine.provide({
      actors: {
        bus: this.bus.logic,
        transport: this.transport.logic,
        journal: fromCallback<JournalEntry, undefined, PeerEvent>(({ receive }) => {
          receive((entry) => this.#around.trace.line(this.clock.now(), `${this.id} notes ${JSON.stringify(entry)}`));
        }),
      },
    });
    return createActor(machine, { clock: this.clock, input: { profile } });
  }

  #profileOf({ wants, downloadBps }: Join): Member {
    return {
      ...NO_PROFILE,
      id: this.id,
      epoch: this.epoch,
      name: '',
      software: 'rpr',
      version: '1',
      compatible: this.compatible,
      media: { ...this.site.address, rtcpPort: this.site.address.port },
      key: this.#keys.publicKey,
      streams: this.#show.told,
      uploadBps: this.uploadBps,
      usableBps: this.uploadBps * HEADROOM,
      lendBps: this.lendBps,
      downloadBps,
      ...{ wants, plain: 'allow', outside: null },
    };
  }
}

function bytesOf(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(0, 255));
}
