/**
 * A peer's media path in the simulator: the packet path's own rules (`infra/path`) on header bytes, the shipped liveness core,
 * and the reports that prove a relay to its clients and a member to the room.
 */
import { fromCallback } from 'xstate';
import type { MeasuredDownlink } from '../../../actors/downlink/measured-downlink.ts';
import { type AddressedTable, addressedTable, EMPTY_TABLE, placesOf } from '../../../actors/media/addressed-table.ts';
import type { Signing } from '../../../actors/media/digests/digests.ts';
import { MemberPlaces } from '../../../actors/media/member-places.ts';
import { pathTable } from '../../../actors/media/path-table.ts';
import { type Again, ResendQueue } from '../../../actors/media/repair/resend-queue.ts';
import type { ReachOptions } from '../../../actors/reach/contract.ts';
import { Reach } from '../../../actors/reach/reach.ts';
import type { MeasuredUplink } from '../../../actors/uplink/measured-uplink.ts';
import type { InterfaceAddress } from '../../../infra/network/interfaces.ts';
import type { Endpoint, PathRoute } from '../../../infra/path/contract.ts';
import { CounterBlock } from '../../../infra/path/counters.ts';
import {
  ACTION,
  decide,
  decideClear,
  decideOwn,
  destinationsOf,
  Verdict,
} from '../../../infra/path/decision/decision.ts';
import { PathState } from '../../../infra/path/state.ts';
import { endpointText, UNKNOWN_ADDRESS } from '../../../infra/path/table/addresses.ts';
import type { StreamEntry } from '../../../infra/path/table/table.ts';
import { readSealedTexts, writeSealedText } from '../../../infra/rtcp/sealed-text.ts';
import { readSequence, readSsrc, readSsrcKey, ssrcKey } from '../../../infra/rtp/header.ts';
import { extendSequence } from '../../../infra/rtp/sequence.ts';
import { Liveness } from '../../../machines/forwarding/liveness.ts';
import { BacklogWatch } from '../../../machines/forwarding/pushback.ts';
import { reportEveryMs } from '../../../machines/forwarding/report-pace.ts';
import { SentLately } from '../../../machines/forwarding/sent-lately.ts';
import { SliceWatch } from '../../../machines/forwarding/slice-watch.ts';
import { type Reception, StoppedStreams } from '../../../machines/forwarding/stopped-streams.ts';
import type { Kind, PeerId, StreamName } from '../../../machines/messages.ts';
import type { PeerEvent } from '../../../machines/peer.ts';
import type { TransportCommand, TransportEvent, TransportTable } from '../../../machines/ports.ts';
import { ALL, isKind } from '../../../machines/subjects.ts';
import { DELAYS } from '../../../machines/timers.ts';
import type { ToldKeys } from '../hostile/counterfeiter.ts';
import type { MediaForger } from '../hostile/media-forger.ts';
import type { Misreporter } from '../hostile/misreport.ts';
import { LeaseLimit } from '../verdict/lease-limit.ts';
import { bitsOf, type Datagram, type Forwarding, HEADERS_BITS, MOST_HOPS, type Report } from './datagram.ts';
import type { ProcessClock } from './process-clock.ts';
import type { Random } from './random.ts';
import { SealedMedia, type SealedMediaHost } from './sealed-media.ts';
import type { MediaPacket, MediaSource } from './source.ts';
import { Wire, type WireOptions } from './wire.ts';

/** RTCP that is not sealed goes to whoever is there. */
const ANYBODY = '';
/** An urgent message as it goes by RTCP: its kind, and what it says. */
const URGENT = /^([a-z.]+) (.*)$/s;
export interface TransportHost {
  readonly clock: ProcessClock;
  /** What its socket is bound to. */
  readonly bound: Endpoint;
  /** The addresses that its machine has. */
  readonly interfaces: () => readonly InterfaceAddress[];
  /** Who it is to the checks of others. */
  readonly reach: Omit<ReachOptions, 'clock'>;
  /** Of the own streams. */
  readonly sources: ReadonlyMap<StreamName, MediaSource>;
  /** How long video of so many bits waits for its turn, undefined where it is dropped; null: nobody paces it, or whoever measures does. */
  readonly pacing: (bits: number) => { readonly waitMs: number | undefined } | null;
  /** For how long video has waited whose turn comes now, in ms. */
  readonly waitedMs: () => number;
  /** @param hasWaited its turn at the uplink has come */
  readonly send: (to: Endpoint, bits: number, datagram: Datagram, hasWaited: boolean) => void;
  /** A voice packet leaves. */
  readonly sent: (packet: MediaPacket) => void;
  readonly deliver: (packet: MediaPacket, hops: number) => void;
  /** A member has something urgent to say. */
  readonly hurried: (kind: Kind, from: PeerId, text: string) => void;
  /** The SSRCs that are played from now on. */
  readonly playOnly: (ssrcs: ReadonlySet<number>) => void;
  /** Whether this member says that it sends us this stream. */
  readonly expects: (owner: PeerId, stream: StreamName) => boolean;
  /** Packets are as large as on the wire; null: they stand for many small ones. */
  readonly wire: WireOptions | null;
  /** Media between members that speak RPR is sealed, as it is in a real room; else every hop gets the same packets. */
  readonly isSealed: boolean;
  readonly freshKey: () => Uint8Array;
  /** How it and others sign. */
  readonly signing: Pick<Signing, 'identity' | 'keyOf'>;
  readonly forges: SealedMediaHost['forges'];
  readonly forgery: SealedMediaHost['forgery'];
  readonly rtcpTruth: SealedMediaHost['rtcpTruth'];
  readonly hereSinceMs: SealedMediaHost['hereSinceMs'];
  readonly violate: (text: string) => void;
  /** The table is another one; `moved`: a route is not what it was. */
  readonly changed: (moved: boolean) => void;
}

export class SimulatedTransport {
  /** It takes what it should relay, reports so, and forwards nothing. */
  lies = false;
  /** It makes up packets beside those that it forwards; null: it does not. */
  forger: MediaForger | null = null;
  /** It forwards nothing to this member. */
  withholdsFrom: PeerId | null = null;
  /** With the addresses that have proved themselves. */
  table = EMPTY_TABLE;
  readonly reach: Reach;
  readonly #host: TransportHost;
  readonly #path = new PathState();
  readonly #counters = new CounterBlock();
  readonly #verdict = new Verdict();
  readonly #liveness = new Liveness();
  readonly #slices = new SliceWatch();
  readonly #stopped = new StoppedStreams();
  readonly #sentLately = new SentLately();
  readonly #backlog = new BacklogWatch();
  readonly #again: ResendQueue;
  readonly #wire: Wire | null;
  readonly #sealed: SealedMedia | null;
  /** By SSRC. */
  readonly #limits = new Map<number, LeaseLimit>();
  #sentBits = 0;
  /** By host and port. */
  readonly #bitsTo = new Map<string, number>();
  /** As the machines have it. */
  #asked: TransportTable = EMPTY_TABLE;
  #places = new MemberPlaces([]);
  #sourceBySsrc: ReadonlyMap<number, MediaSource> = new Map();
  #tell: (event: TransportEvent) => void = () => undefined;

  constructor(host: TransportHost) {
    this.#host = host;
    this.reach = new Reach(
      { ...host.reach, clock: host.clock },
      {
        bound: host.bound,
        send: (bytes, to) => this.#send(to, HEADERS_BITS + 8 * bytes.length, { kind: 'stun', bytes }),
      },
    );
    this.#again = new ResendQueue({
      clock: host.clock,
      sentBits: () => this.#sentBits,
      send: (packet) => this.#sendAgain(packet),
    });
    this.#wire = host.wire && this.#openWire(host.wire);
    this.#sealed = host.isSealed ? this.#seal() : null;
  }

  #seal(): SealedMedia {
    return new SealedMedia({
      ...{
        clock: this.#host.clock,
        freshKey: this.#host.freshKey,
        forges: this.#host.forges,
        forgery: this.#host.forgery,
        rtcpTruth: this.#host.rtcpTruth,
        hereSinceMs: this.#host.hereSinceMs,
      },
      ...{ signing: { ...this.#host.reach, ...this.#host.signing }, violate: this.#host.violate },
      keyOf: (peer) => this.reach.keyOf(peer),
      memberAt: (place) => this.#places.at(place),
      tell: (event) => this.#tell(event),
      sendRtcp: (bytes, to) => this.#sendRtcp(bytes, to),
      onRefused: () => this.#setPath(),
      deliverAgain: (ssrc, sequence) => this.#path.deliverAgain(ssrc, sequence),
      opened: (packet, hops, sequence) => this.#deliver(packet, hops, sequence),
    });
  }

  /** Whether it passes this stream on. */
  relays(ssrc: number): boolean {
    return this.table.relayed.some((relayed) => relayed.ssrc === ssrc);
  }

  /** It makes up packets with the keys that it has been told, and keys, or stops. */
  counterfeits(random: Random | null): void {
    this.#sealed?.counterfeits(random);
  }

  /** The keys that it has been told; undefined where nothing is sealed. */
  get toldKeys(): ToldKeys | undefined {
    return this.#sealed?.toldKeys;
  }

  /** Whoever measures its uplink; null where its upload is told. */
  get uplink(): MeasuredUplink | null {
    return this.#wire?.uplink ?? null;
  }

  /** Whoever measures its downlink; null where that is told. */
  get downlink(): MeasuredDownlink | null {
    return this.#wire?.downlink ?? null;
  }

  /** It tells others by this what has come; null: honestly. */
  misreports(by: Misreporter | null): void {
    if (this.#wire !== null) this.#wire.misreporter = by;
  }

  #openWire(wire: WireOptions): Wire {
    return new Wire({
      ...wire,
      clock: this.#host.clock,
      table: () => this.table,
      compiled: () => this.#path.compiled,
      sentBytes: () => this.#sentBits / 8,
      sentTo: (to) => (this.#bitsTo.get(endpointText(to)) ?? 0) / 8,
      report: (to, bytes) => this.#send(to, 8 * bytes.length, { kind: 'feedback', bytes }),
      pad: (to, ssrc, sequence, bytes) => this.#send(to, 8 * bytes, { kind: 'padding', ssrc, sequence, bytes }),
      leave: (packet, hops, stream) => this.#leave(packet, hops, stream),
    });
  }

  readonly logic = fromCallback<TransportCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
    this.#tell = sendBack;
    const reportEvery = () => reportEveryMs(this.table.relayed, this.table.paceBps);
    this.#every(DELAYS.reportInterval / 2, () => this.#checkRelays());
    this.#every(DELAYS.reportInterval / 2, () => this.#tellStopped());
    this.#every(DELAYS.backlogLook, () =>
      this.#tellAll(this.#backlog.look(this.#wire?.waitedMs ?? this.#host.waitedMs())),
    );
    this.#every(DELAYS.mediaSilence / 5, () => this.#tellAll(this.#liveness.checkMembers(this.#now())));
    this.#every(reportEvery, () => this.#reportToClients());
    this.#every(DELAYS.receiverReport, () => this.#reportToMembers());
    const [first] = this.#host.sources.values();
    if (first !== undefined) this.#every(1000 / first.packetsPerSecond, () => this.#sendOwn());
    receive((command) => {
      switch (command.type) {
        case 'transport.table':
          this.#asked = command.table;
          this.reach.follow(command.table.members);
          this.#apply();
          break;
        case 'transport.rates':
          this.#setRates(command.rates);
          break;
        case 'transport.resend':
          this.#resend(command);
          break;
        case 'transport.keys':
          this.#sealed?.take(command.message);
          break;
        case 'transport.digests':
          this.#sealed?.takeDigests(command.message);
          break;
        case 'transport.candidates':
          this.reach.named(command.peer, command);
          break;
      }
    });
    this.reach.start(this.#host.interfaces(), { tell: sendBack, onMoved: () => this.#apply() });
  });

  #checkRelays(): void {
    this.#again.observe();
    this.#tellAll(this.#liveness.checkRelays(this.#now()));
  }

  /** A datagram has arrived from this address. */
  take(from: Endpoint, datagram: Datagram): void {
    if (datagram.kind === 'media') this.#takeMedia(from, datagram.packet, datagram.hops);
    else if (datagram.kind === 'stun') this.reach.takeStun(datagram.bytes, from);
    else if (datagram.kind === 'urgent') this.#takeUrgent(from, datagram.message, datagram.text);
    else if (datagram.kind === 'rtcp') this.#takeRtcp(from, datagram.bytes);
    else if (datagram.kind === 'feedback') this.#takeFeedback(from, datagram.bytes);
    else if (datagram.kind === 'padding') this.#noteArrival(from, datagram.ssrc, datagram.sequence, datagram.bytes);
    else this.#takeReport(from, datagram);
  }

  #takeRtcp(from: Endpoint, bytes: Uint8Array): void {
    const peer = this.#places.at(from);
    const datagram = peer === undefined ? undefined : this.#sealed?.openRtcp(peer, bytes);
    if (peer === undefined || datagram === undefined) return;
    this.reach.heard(peer, from);
    this.#tellAll(this.#liveness.heard(peer, this.#now()));
    this.#sealed?.takeRtcp(peer, datagram);
    for (const sealed of readSealedTexts(datagram, () => this.reach.keyOf(peer))) {
      const [, kind = '', text = ''] = URGENT.exec(sealed) ?? [];
      if (isKind(kind)) this.#host.hurried(kind, peer, text);
    }
  }

  #sendRtcp(datagram: Uint8Array, to: Endpoint): void {
    const peer = this.#host.rtcpTruth === null ? ANYBODY : this.#places.at(to);
    const bytes = peer === undefined ? undefined : this.#sealed?.sealRtcp(peer, datagram);
    if (bytes !== undefined) this.#send(to, HEADERS_BITS + 8 * bytes.length, { kind: 'rtcp', bytes });
  }

  #takeFeedback(from: Endpoint, bytes: Uint8Array): void {
    const peer = this.#places.at(from);
    if (peer === undefined) return;
    this.reach.heard(peer, from);
    this.#tellAll(this.#liveness.heard(peer, this.#now()));
    this.#wire?.takeReport(peer, bytes);
  }

  /** Of an address that the table names, as the path knows it. */
  #noteArrival({ host, port }: Endpoint, ssrc: number, sequence: number, bytes: number): void {
    const { addresses } = this.#path.compiled;
    const address = addresses.find(host, port);
    if (address !== UNKNOWN_ADDRESS) this.#wire?.note('arrived', ssrc, sequence, bytes, addresses.endpoint(address));
  }

  #takeUrgent(from: Endpoint, message: Kind, text: string): void {
    const peer = this.#places.at(from);
    if (peer === undefined) return;
    this.reach.heard(peer, from);
    this.#tellAll(this.#liveness.heard(peer, this.#now()));
    this.#host.hurried(message, peer, text);
  }

  hasten(to: PeerId | 'all', message: Kind, text: string): void {
    const [place] = placesOf(this.table, [to]);
    if (place === undefined) return;
    if (this.#host.rtcpTruth === null) {
      this.#send(place, HEADERS_BITS + 8 * text.length, { kind: 'urgent', message, text });
      return;
    }
    const key = to === ALL ? undefined : this.reach.keyOf(to);
    const datagram = key && writeSealedText(`${message} ${text}`, 0, key);
    if (datagram !== undefined) this.#sendRtcp(datagram, place);
  }

  #takeReport(from: Endpoint, datagram: Report): void {
    const peer = this.#places.at(from);
    if (peer === undefined) return;
    const nowMs = this.#now();
    this.reach.heard(peer, from);
    this.#stopped.heard(nowMs);
    this.#tellAll(this.#liveness.heard(peer, nowMs));
    if (datagram.kind === 'stopped') this.#takeStopped(peer, datagram.streams);
    else if (datagram.kind === 'report') {
      for (const { ssrc, packets } of datagram.streams) this.#tellAll(this.#slices.reported(ssrc, packets));
      if (datagram.streams.length > 0) this.#wire?.takeSenderReport(peer, datagram.shortNtp);
    } else {
      for (const { ssrc, newest } of datagram.streams)
        if (this.#sourceBySsrc.has(ssrc)) this.#tellAll(this.#liveness.reported(peer, ssrc, newest, nowMs));
    }
  }

  #tellStopped(): void {
    for (const { owner, streams } of this.#stopped.check(this.#now())) {
      const [place] = placesOf(this.table, [owner]);
      if (place !== undefined) this.#sendReport(place, { kind: 'stopped', streams });
    }
  }

  #takeStopped(receiver: PeerId, streams: readonly Reception[]): void {
    const nowMs = this.#now();
    const ssrc = this.#sentLately.missedOf(receiver, streams, nowMs);
    if (ssrc === undefined) return;
    const relays = this.#liveness.heardOf(
      this.table.relays.map(({ relay }) => relay),
      nowMs,
    );
    const acknowledged = streams.flatMap(({ ssrc: of, newest }) => {
      const sent = this.#path.own.newest(of);
      return sent === undefined ? [] : [{ ssrc: of, sequence: extendSequence(sent, newest) }];
    });
    this.#tell({ type: 'legs.withheld', receiver, ssrc, relays, acknowledged });
  }

  /** Who sends us what changes without a word to the transport: it is looked at with each report. */
  #watchSlices(): void {
    const all = this.table.members.flatMap(({ peer: owner, streams }) =>
      streams.map(({ name: stream, ssrc }) => ({ owner, stream, ssrc })),
    );
    const expected = all.filter(({ owner, stream }) => this.#host.expects(owner, stream));
    this.#slices.watch(expected);
    this.#stopped.watch(expected);
  }

  #takeMedia(from: Endpoint, packet: MediaPacket, hops: number): void {
    const { compiled } = this.#path;
    const address = compiled.addresses.find(from.host, from.port);
    const { bytes } = packet;
    const action = decide(compiled, this.#counters, this.#verdict, bytes, bytes.length, address, this.#now());
    if (address !== UNKNOWN_ADDRESS) this.#wire?.noteMedia('arrived', packet, compiled.addresses.endpoint(address));
    const peer = this.#places.at(from);
    if (peer !== undefined) {
      this.#stopped.heard(this.#now());
      this.reach.heard(peer, from);
      this.#tellAll(this.#liveness.heard(peer, this.#now()));
    }
    if (action & ACTION.FORWARD) this.#forward(packet, hops);
    if (!(action & ACTION.DELIVER)) return;
    const { extendedSequence } = this.#verdict;
    if (this.#sealed === null) this.#deliver(packet, hops, extendedSequence);
    else this.#sealed.open(packet, hops, extendedSequence, from);
  }

  /** A packet has come, and is what its source has sent. */
  #deliver(packet: MediaPacket, hops: number, sequence: number): void {
    // While ways change it may have come by another relay: whoever gets it in the clear relays nothing, so that no loop can be.
    if (this.#sealed !== null) this.#sendClear(packet, Math.min(hops + 1, MOST_HOPS));
    const ssrc = readSsrc(packet.bytes);
    this.#slices.arrived(ssrc, sequence);
    this.#stopped.arrived(ssrc, sequence, this.#now());
    this.#host.deliver(packet, hops);
  }

  #forward(packet: MediaPacket, hops: number): void {
    const { stream } = this.#verdict;
    if (stream === null || this.lies) return;
    const made = [...(this.forger?.forged(packet.bytes) ?? []), ...(this.#sealed?.madeUp(packet.bytes) ?? [])];
    for (const bytes of made) this.#leave({ ...packet, bytes, bits: 8 * bytes.length }, hops + 1, stream);
    const copies = destinationsOf(stream, packet.bytes).length;
    if (this.#wire === null && !this.#limits.get(stream.ssrc)?.lets(packet.bits, copies, this.#now())) return;
    this.#offer(packet, hops + 1, stream);
  }

  /** To those that get the stream in the clear. */
  #sendClear(packet: MediaPacket, hops: number): void {
    const stream = this.#path.compiled.streams.get(readSsrcKey(packet.bytes));
    const clear = decideClear(stream, this.#counters, packet.bytes, this.#now());
    if (clear !== null) this.#offer(packet, hops, clear, true);
  }

  /** Sends a packet now, or when its turn comes: then to those who are to get it then. */
  #offer(packet: MediaPacket, hops: number, stream: StreamEntry, isClear = false): void {
    if (this.#wire !== null) {
      this.#wire.offer(packet, hops, stream);
      return;
    }
    const bits = packet.bits * destinationsOf(stream, packet.bytes).length;
    const pacing = stream.audio ? null : this.#host.pacing(bits);
    if (pacing === null) this.#leave(packet, hops, stream);
    else if (pacing.waitMs === 0) this.#leave(packet, hops, stream, true);
    else if (pacing.waitMs !== undefined)
      this.#host.clock.setTimeout(() => {
        const now = this.#path.compiled.streams.get(readSsrcKey(packet.bytes));
        const legs = isClear ? now?.clear : now;
        if (legs) this.#leave(packet, hops, legs, true);
      }, pacing.waitMs);
  }

  #leave(packet: MediaPacket, hops: number, stream: StreamEntry, hasWaited = false): void {
    const { addresses } = this.#path.compiled;
    const datagram = { kind: 'media', packet, hops } as const;
    const destinations = destinationsOf(stream, packet.bytes);
    const isClear = this.#path.compiled.streams.get(readSsrcKey(packet.bytes)) !== stream;
    if (hops === 1 && !isClear) this.#sentLately.sent(stream.ssrc, readSequence(packet.bytes), this.#now());
    const withheld = hops > 1 && this.withholdsFrom !== null ? placesOf(this.table, [this.withholdsFrom]) : [];
    for (const address of destinations) {
      const to = addresses.endpoint(address);
      if (withheld.some(({ host, port }) => host === to.host && port === to.port)) continue;
      this.#wire?.noteMedia('sent', packet, to);
      this.#send(to, packet.bits, datagram, hasWaited);
    }
  }

  #sendOwn(): void {
    for (const [ssrc, source] of this.#sourceBySsrc) if (source.rateBps > 0) this.#sendFrame(ssrc, source);
  }

  #sendFrame(ssrc: number, source: MediaSource): void {
    for (const made of source.frame(ssrc, this.#now())) {
      const packet = this.#sealed === null ? made : this.#sealed.seal(made);
      const stream = packet && decideOwn(this.#path.compiled, this.#counters, packet.bytes, this.#now());
      if (packet === undefined || stream === undefined || stream === null) continue;
      if (source.media === 'audio') this.#host.sent(packet);
      this.#path.own.record(ssrc, packet.bytes, this.#now());
      this.#offer(packet, 1, stream);
      if (packet !== made) this.#sendClear(made, 1);
    }
  }

  #resend({ ssrc, afterSequence, slices, to }: Extract<TransportCommand, { type: 'transport.resend' }>): void {
    const sequences = this.#path.own.storedAfter(ssrc, afterSequence, slices, this.#now());
    const places = placesOf(this.table, to);
    this.#again.add(sequences.flatMap((sequence) => places.map((place) => ({ ssrc, sequence, to: place }))));
  }

  #sendAgain({ ssrc, sequence, to }: Again): number {
    const bytes = this.#path.own.stored(ssrc, sequence, this.#now());
    const made = bytes && this.#sourceBySsrc.get(ssrc)?.packetOf(bytes);
    if (bytes === undefined || made === undefined) return 0;
    const packet = this.#sealed?.isKeptFor(this.#places.at(to), ssrc) ? { ...made, bytes } : made;
    this.#wire?.noteMedia('resent', packet, to);
    this.#send(to, packet.bits, { kind: 'media', packet, hops: 1 });
    return packet.bits;
  }

  /** The table, or a way, is another one. */
  #apply(): void {
    const addressed = addressedTable(this.#asked, (peer) => this.reach.waysOf(peer));
    const table = this.#sealed === null ? inTheClear(addressed) : addressed;
    const moved = routesText(table) !== routesText(this.table);
    this.table = table;
    this.#places = new MemberPlaces(table.members);
    this.#sourceBySsrc = new Map(
      table.own.flatMap(({ stream, ssrc }) => {
        const source = this.#host.sources.get(stream);
        return source === undefined ? [] : [[ssrc, source]];
      }),
    );
    this.#sealed?.follow(table);
    const routes = this.#setPath();
    this.#wire?.follow(table);
    this.#again.limit(table.resendLimitBps);
    for (const { ssrc, limitBps } of routes) {
      if (limitBps === null) continue;
      const limit = this.#limits.get(ssrc) ?? new LeaseLimit();
      limit.limitBps = limitBps;
      this.#limits.set(ssrc, limit);
    }
    const relayed = new Set(routes.map(({ ssrc }) => ssrc));
    for (const ssrc of this.#limits.keys()) if (!relayed.has(ssrc)) this.#limits.delete(ssrc);
    const played = new Set(table.members.flatMap(({ streams }) => streams.map(({ ssrc }) => ssrc)));
    this.#watchSlices();
    this.#host.playOnly(played);
    const members = table.members.map(({ peer }) => peer);
    this.#sentLately.watch([...this.#sourceBySsrc.keys()], members);
    this.#liveness.watch(table.relays, members, (ssrc) => this.#path.own.newest(ssrc), this.#now());
    this.#host.changed(moved);
  }

  #setPath(): readonly PathRoute[] {
    const isRefused = (owner: PeerId, via: PeerId) => this.#sealed?.isRefused(owner, via) === true;
    const { routes, sinks, reporters } = pathTable(this.table, isRefused);
    // Limits are kept apart: one simulated packet may be more than the path's buckets hold.
    const limited = this.#wire === null ? routes.map((route) => ({ ...route, limitBps: null })) : routes;
    this.#path.setTable({ routes: limited, sinks, reporters });
    return routes;
  }

  #setRates(rates: ReadonlyMap<StreamName, number>): void {
    let moved = false;
    for (const [stream, source] of this.#host.sources) {
      const rateBps = rates.get(stream) ?? 0;
      moved ||= source.rateBps !== rateBps;
      source.rateBps = rateBps;
    }
    if (moved) this.#host.changed(true);
  }

  #reportToClients(): void {
    const byClient = new Map<PeerId, { readonly to: Endpoint; readonly streams: Forwarding[] }>();
    for (const { client, ssrc, upstream: to } of this.table.relayed) {
      const newest = this.#path.compiled.streams.get(ssrcKey(ssrc))?.state.window.highest;
      const streams = byClient.get(client)?.streams ?? [];
      streams.push({ ssrc, newest });
      byClient.set(client, { to, streams });
    }
    for (const { to, streams } of byClient.values()) this.#sendReport(to, { kind: 'forwarding', streams });
  }

  #reportToMembers(): void {
    this.#watchSlices();
    const streams = [...this.#sourceBySsrc].map(([ssrc, { packets }]) => ({ ssrc, packets }));
    for (const { address } of this.table.members) {
      if (address !== null)
        this.#sendReport(address, { kind: 'report', streams, shortNtp: this.#wire?.shortNtp() ?? 0 });
    }
  }

  #sendReport(to: Endpoint, datagram: Report): void {
    this.#send(to, bitsOf(datagram), datagram);
  }

  #send(to: Endpoint, bits: number, datagram: Datagram, hasWaited = false): void {
    this.#sentBits += bits;
    if (this.#wire !== null && datagram.kind === 'media') {
      const place = endpointText(to);
      this.#bitsTo.set(place, (this.#bitsTo.get(place) ?? 0) + bits);
    }
    const isBare = datagram.kind === 'media' || datagram.kind === 'padding' || datagram.kind === 'feedback';
    this.#host.send(to, this.#wire !== null && isBare ? bits + HEADERS_BITS : bits, datagram, hasWaited);
  }

  #every(interval: number | (() => number), run: () => void): void {
    const wait = () => this.#host.clock.setTimeout(again, typeof interval === 'number' ? interval : interval());
    const again = () => {
      wait();
      run();
    };
    wait();
  }

  #tellAll(events: readonly TransportEvent[]): void {
    for (const event of events) this.#tell(event);
  }

  #now(): number {
    return this.#host.clock.now();
  }
}

/** What of a table says where packets go; agreements' promises alone do not. */
function routesText({ own, relayed }: TransportTable): string {
  const hops = own.flatMap(({ stream, hops }) => hops.map(({ peer, slices }) => `${stream}>${peer}/${slices}`));
  const legs = relayed.flatMap(({ client, stream, legs }) =>
    legs.map(({ receiver, slices }) => `${client} ${stream}>${receiver}/${slices}`),
  );
  return `${hops.sort()} ${legs.sort()}`;
}

/** Nothing is sealed, so every hop gets the same packets. */
function inTheClear(table: AddressedTable): AddressedTable {
  return {
    ...table,
    own: table.own.map((stream) => ({ ...stream, holders: [] })),
    members: table.members.map((member) => ({ ...member, isSealed: false })),
  };
}
