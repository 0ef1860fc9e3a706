/**
 * A peer's sealed media in the simulator: what ships seals it, opens it, and holds it against what its source says. What relays make up
 * without a key must never come out; what they make up with one may, for a second, and then from there no more.
 */

import type { AddressedTable } from '../../../../actors/media/addressed-table.ts';
import { Digests, type Signing } from '../../../../actors/media/digests/digests.ts';
import { Sealing } from '../../../../actors/media/sealing/sealing.ts';
import type { Endpoint } from '../../../../infra/path/contract.ts';
import { readSequence, readSsrc } from '../../../../infra/rtp/header.ts';
import { isNewerSequence } from '../../../../infra/rtp/sequence.ts';
import type { PeerId } from '../../../../machines/messages.ts';
import type { DigestsMessage, KeysMessage, TransportEvent } from '../../../../machines/ports.ts';
import { DELAYS } from '../../../../machines/timers.ts';
import { Counterfeiter, ToldKeys } from '../../hostile/counterfeiter.ts';
import { KeyForger } from '../../hostile/key-forger.ts';
import type { RtcpTruth } from '../../verdict/bus-truth.ts';
import type { ProcessClock } from '../peer/process-clock.ts';
import type { Random } from '../random.ts';
import type { MediaPacket, MediaSource } from './source.ts';

/** So long what one hop makes up of one member's streams may be played, from the first on. */
const PLAYED_MS = 1000;

export interface SealedMediaHost {
  readonly clock: ProcessClock;
  readonly signing: Signing;
  readonly keyOf: (peer: PeerId) => Uint8Array | undefined;
  readonly memberAt: (place: Endpoint) => PeerId | undefined;
  readonly tell: (event: TransportEvent) => void;
  /** RTCP to a member; on the wire it is sealed with the key of the pair. */
  readonly sendRtcp: (datagram: Uint8Array, to: Endpoint) => void;
  /** Another packet under this number is no copy. */
  readonly deliverAgain: (ssrc: number, sequence: number) => void;
  /** Nothing of a member's streams is to come from somebody any more. */
  readonly onRefused: () => void;
  /** A packet has proved itself: it is as its source has made it. */
  readonly opened: (packet: MediaPacket, hops: number, sequence: number) => void;
  /** Makes up packets: with the key of what it relays, or without. */
  readonly forges: (peer: PeerId, how: 'sealed' | 'at all') => boolean;
  /** Something that a hop had made up was played, or it was named for it. */
  readonly forgery: (what: 'played' | 'named', via: PeerId) => void;
  /** Since when the process that this member is now has run, in ms; infinity: it is gone. */
  readonly hereSinceMs: (peer: PeerId) => number;
  /** When it last changed what it wants, in ms. */
  readonly wishesSinceMs: () => number;
  readonly violate: (text: string) => void;
  readonly freshKey: () => Uint8Array;
  /** Null: RTCP goes as it is. */
  readonly rtcpTruth: RtcpTruth | null;
}

/** What has come of a stream. */
interface Come {
  readonly source: MediaSource;
  hops: number;
  /** Sequence number of the first that was true. */
  first?: number;
}

export class SealedMedia {
  /** For what its owner likes. */
  readonly toldKeys: ToldKeys;
  readonly #host: SealedMediaHost;
  readonly #sealing: Sealing;
  readonly #digests: Digests;
  /** Of what has come, by SSRC. */
  readonly #sources = new Map<number, Come>();
  /** It makes up packets with the keys that it has been told; null: it does not. */
  #counterfeiter: Counterfeiter | null = null;
  /** It tells others keys of streams that are not its own; null: it does not. */
  #keyForger: KeyForger | null = null;
  /** When the first that a hop had made up of a member's stream was played. */
  readonly #forgedMs = new Map<string, number>();
  /** Of whose streams whom it has named. */
  readonly #named = new Set<string>();
  #owners: ReadonlyMap<number, PeerId> = new Map();
  #members: ReadonlySet<PeerId> = new Set();

  constructor(host: SealedMediaHost) {
    this.#host = host;
    const { clock, keyOf: sharedWith, freshKey, signing, memberAt } = host;
    const self = signing.self.id;
    const tell = (event: TransportEvent) => this.#tell(event);
    this.toldKeys = new ToldKeys(self, sharedWith);
    this.#sealing = new Sealing({
      ...{ self, clock, sharedWith, tell, freshKey },
      opened: (...opened) => this.#opened(...opened),
      onSealed: (...sealed) => this.#digests.sent(...sealed),
      isForged: (...opened) => this.#digests.isForged(...opened),
      onBroken: (...broken) => this.#digests.broken(...broken),
      onRefused: host.deliverAgain,
    });
    this.#digests = new Digests({
      ...{ ...signing, clock, memberAt, tell, onRefused: host.onRefused },
      ssrc: () => 0,
      path: { sendTo: (datagram, to) => host.sendRtcp(Uint8Array.from(datagram), to) },
      onForged: (forged) => this.#sealing.disown(forged),
    });
  }

  /** It makes up packets and keys, or stops. */
  counterfeits(random: Random | null): void {
    const { signing, keyOf: sharedWith } = this.#host;
    const told = this.toldKeys;
    this.#counterfeiter = random && new Counterfeiter(random.fork('packets'), told);
    this.#keyForger = random && new KeyForger({ random: random.fork('keys'), self: signing.self.id, sharedWith, told });
  }

  /** What it sends before a packet that it forwards. */
  madeUp(sealed: Uint8Array): Uint8Array[] {
    return this.#counterfeiter?.made(sealed) ?? [];
  }

  follow(table: AddressedTable): void {
    this.#sealing.follow(table);
    this.#digests.follow(table);
    this.#members = new Set(table.members.map(({ peer }) => peer));
    this.#owners = new Map(
      table.members.flatMap(({ peer, streams }) => streams.map(({ ssrc }) => [ssrc, peer] as const)),
    );
    const there = new Set(
      [...table.members.flatMap(({ streams }) => streams), ...table.relayed].map(({ ssrc }) => ssrc),
    );
    for (const ssrc of this.#sources.keys()) if (!there.has(ssrc)) this.#sources.delete(ssrc);
  }

  /** Whether nothing of this owner's streams is taken from there any more. */
  isRefused(owner: PeerId, via: PeerId): boolean {
    return this.#digests.isRefused(owner, via);
  }

  /** Keys of a member, or its wish for ours. */
  take(message: KeysMessage): void {
    this.toldKeys.take(message);
    this.#sealing.take(message);
  }

  /** What a member says by the bus that it has sent, or its question for what we have. */
  takeDigests(message: DigestsMessage): void {
    this.#digests.takeMessage(message);
  }

  takeRtcp(peer: PeerId, datagram: Uint8Array): void {
    this.#digests.takeRtcp(peer, datagram);
  }

  /** @returns undefined: it must not be sent */
  sealRtcp(peer: PeerId, datagram: Uint8Array): Uint8Array | undefined {
    const { rtcpTruth, signing } = this.#host;
    if (rtcpTruth === null) return datagram;
    rtcpTruth.sent(signing.self.id, peer, datagram);
    const sealed = this.#sealing.sealRtcp(peer, datagram);
    return sealed && Uint8Array.from(sealed);
  }

  /** @returns undefined: it is not of this member, or has come before */
  openRtcp(peer: PeerId, datagram: Uint8Array): Uint8Array | undefined {
    const { rtcpTruth, signing, violate } = this.#host;
    if (rtcpTruth === null) return datagram;
    const opened = this.#sealing.openRtcp(peer, datagram);
    if (opened !== undefined && !rtcpTruth.came(peer, signing.self.id, opened))
      violate(`${signing.self.id} takes RTCP that ${peer} has not sent, or twice`);
    return opened;
  }

  /** A packet of an own stream as it leaves; undefined: it must not. */
  seal(packet: MediaPacket): MediaPacket | undefined {
    const ssrc = readSsrc(packet.bytes);
    if (!this.#sealing.seals(ssrc)) return packet;
    const sealed = this.#sealing.seal(ssrc, packet.bytes);
    return sealed && { ...packet, bytes: Uint8Array.from(sealed) };
  }

  /** Whether a packet that is kept leaves for this member as it is kept. */
  isKeptFor(peer: PeerId | undefined, ssrc: number): boolean {
    return !this.#sealing.seals(ssrc) || peer === undefined || this.#sealing.isSealed(peer);
  }

  /** A packet has come, whoever made it up. */
  open({ source, bytes }: MediaPacket, hops: number, sequence: number, from: Endpoint): void {
    const ssrc = readSsrc(bytes);
    const known = this.#sources.get(ssrc);
    // Whoever repeats one stream's packets beside another's does not say whose they are.
    if (known !== undefined) known.hops = hops;
    else if (source.ssrc === ssrc) this.#sources.set(ssrc, { source, hops });
    this.#sealing.open(bytes, ssrc, sequence, from);
  }

  #opened(clear: Uint8Array, ssrc: number, sequence: number, from: Endpoint): void {
    const come = this.#sources.get(ssrc);
    if (come === undefined) return;
    const packet = come.source.packetOf(clear);
    if (packet === undefined || Buffer.compare(packet.bytes, clear) !== 0) {
      // Nobody can know what was sent before the first has come, and no player shows it.
      const isKnowable = come.first !== undefined && isNewerSequence(readSequence(clear), come.first);
      this.#playedForged(ssrc, from, isKnowable);
      return;
    }
    come.first ??= readSequence(clear);
    this.#host.opened(packet, come.hops, sequence);
  }

  #playedForged(ssrc: number, from: Endpoint, isKnowable: boolean): void {
    const { clock, signing, memberAt, forges, forgery, violate } = this.#host;
    const via = memberAt(from);
    const { id } = signing.self;
    if (via === undefined || !forges(via, 'sealed')) {
      violate(`${id} took a packet that nobody has sent`);
      return;
    }
    forgery('played', via);
    if (!isKnowable) return;
    const of = `${ssrc} ${via}`;
    const firstMs = this.#forgedMs.get(of);
    this.#forgedMs.set(of, firstMs ?? clock.now());
    if (firstMs === undefined) clock.after(PLAYED_MS, () => this.#mustBeNamed(ssrc, via));
    else if (clock.now() - firstMs > PLAYED_MS && !this.#isOwner(ssrc, via))
      violate(`${id} took forged packets of ${via} for more than a second`);
  }

  /** It was deceived a second ago. Who has gone since, or started anew, need not be named. */
  #mustBeNamed(ssrc: number, via: PeerId): void {
    const { clock, signing, hereSinceMs, wishesSinceMs, violate } = this.#host;
    const playedMs = clock.now() - PLAYED_MS;
    const owner = this.#owners.get(ssrc);
    if (owner === undefined || !this.#members.has(via) || this.#named.has(`${owner} ${via}`)) return;
    // Nobody says any more what a process has sent that has ended.
    if (hereSinceMs(owner) > playedMs - DELAYS.digestInterval) return;
    // Who does not want a stream any more is told nothing of it.
    if (wishesSinceMs() > playedMs) return;
    violate(`${signing.self.id} has not named ${via}, who forged packets of ${owner} a second ago`);
  }

  #isOwner(ssrc: number, peer: PeerId): boolean {
    return this.#owners.get(ssrc) === peer;
  }

  #tell(told: TransportEvent): void {
    const event = told.type === 'keys.tell' ? this.#keysTold(told) : told;
    const { signing, forges, forgery, violate, tell } = this.#host;
    if (event.type === 'media.forged' && event.fault !== 'unchecked') {
      if (event.fault === 'forged') this.#named.add(`${event.owner} ${event.via}`);
      if (forges(event.via, 'at all')) forgery('named', event.via);
      else violate(`${signing.self.id} named ${event.via}, who forged nothing: ${event.fault}`);
    }
    tell(event);
  }

  #keysTold(event: Extract<TransportEvent, { type: 'keys.tell' }>): TransportEvent {
    return this.#keyForger === null ? event : { ...event, body: this.#keyForger.forged(event.body) };
  }
}
