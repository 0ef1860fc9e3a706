/**
 * Members that receive a stream share its key, and each could make up packets of it for another. So its source tells and signs what it has
 * sent, and its receivers hold that against what they have played. Here are the clock, the timers and the ways that digests take: along
 * the first hops of the stream, through its relays, and, where one has not come, from the source itself when it is asked: by the bus, where
 * no way leads to it but through relays, one of which may be it that drops them.
 */
import { type Identity, signed, verifierOf } from '../../../infra/crypto/identity-key.ts';
import type { Endpoint, PacketPath } from '../../../infra/path/contract.ts';
import { readDigestAsks, readStreamDigests, writeDigestAsk } from '../../../infra/rtcp/stream-digest.ts';
import type { Forgery } from '../../../machines/digests/hop-faults.ts';
import { Allowance, type Limit } from '../../../machines/hearing/allowance.ts';
import { MAX_STREAMS, MOST_DIGESTS, type PeerId } from '../../../machines/messages.ts';
import type { DigestsMessage, TransportEvent } from '../../../machines/ports.ts';
import { DELAYS } from '../../../machines/timers.ts';
import type { Clock } from '../../clock.ts';
import { Interval } from '../../interval.ts';
import { type AddressedTable, EMPTY_TABLE, rtcpPlacesOf } from '../addressed-table.ts';
import { type MemberStream, streamsBySsrc } from '../streams-by-ssrc.ts';
import { PassedDigests } from './passed-digests.ts';
import { SentDigests, type WrittenDigest } from './sent-digests.ts';
import { type CheckedCounts, type ForgedPackets, type Signer, TakenDigests } from './taken-digests.ts';

const CHECK_MS = DELAYS.digestInterval / 2;
/** What one member is told again, in bytes. */
const ANSWERS: Limit = { burst: 128_000, perSecond: 16_000 };
/** What one member is asked by the bus, where no way leads to it: whoever drops all digests is found by the first. */
const BUS_ASKS: Limit = { burst: 8, perSecond: 1 };
/** The least that IPv6 carries, less headers, what tunnels add and the seal. */
const MOST_BYTES = 1150;

/** Who signs what it sends, and by which keys others sign. */
export interface Signing {
  readonly room: string;
  readonly self: { readonly id: PeerId; readonly epoch: number };
  /** Null: we sign nothing. */
  readonly identity: Identity | null;
  /** By which key (base64url) this process of a member has proved itself; null: by none. */
  readonly keyOf: (peer: PeerId, epoch: number) => string | null;
}

export interface DigestsOptions extends Signing {
  readonly clock: Clock;
  /** Seals what goes to a member. */
  readonly path: Pick<PacketPath, 'sendTo'>;
  /** Under which SSRC we speak. */
  readonly ssrc: () => number;
  readonly memberAt: (place: Endpoint) => PeerId | undefined;
  readonly tell: (event: TransportEvent) => void;
  /** Nothing of a member's streams is to come from somebody any more. */
  readonly onRefused: () => void;
  /** Something was made up: what the stream's source sends under the same indices is no copy of it. */
  readonly onForged: (forged: ForgedPackets) => void;
}

type KnownSigner = Signer & { readonly key: string };

export class Digests {
  readonly #options: DigestsOptions;
  /** Null: we sign nothing. */
  readonly #sent: SentDigests | null;
  readonly #passed: PassedDigests;
  readonly #taken: TakenDigests;
  readonly #closing: Interval;
  readonly #checking: Interval;
  readonly #answers = new Map<PeerId, Allowance>();
  readonly #busAsks = new Map<PeerId, Allowance>();
  #table: AddressedTable = EMPTY_TABLE;
  #streams: ReadonlyMap<number, MemberStream> = new Map();
  #epochs: ReadonlyMap<PeerId, number> = new Map();
  #signers = new Map<PeerId, KnownSigner | undefined>();

  constructor(options: DigestsOptions) {
    this.#options = options;
    const { identity, self, room, path, clock, onForged } = options;
    this.#closing = new Interval(DELAYS.digestInterval, () => this.#close(), 0, clock);
    this.#checking = new Interval(CHECK_MS, () => this.#check(), 0, clock);
    const context = contextOf(room, self.id, self.epoch);
    this.#sent = identity && new SentDigests((bytes) => signed(identity, Buffer.concat([context, bytes])));
    this.#passed = new PassedDigests(path);
    this.#taken = new TakenDigests({
      streamOf: (ssrc) => this.#streams.get(ssrc),
      signerOf: (owner) => this.#signers.get(owner),
      onFaulty: (faulty) => {
        options.tell({ type: 'media.forged', ...faulty });
        if (faulty.fault === 'forged' && faulty.via !== faulty.owner) options.onRefused();
      },
      onForged,
    });
  }

  /** Of all packets that were held against what their sources say. */
  get counts(): Readonly<CheckedCounts> {
    return this.#taken.counts;
  }

  /** Who has brought packets of whose streams that those have not sent. */
  get forgeries(): Forgery[] {
    return this.#taken.forgeries;
  }

  /** Whether nothing of this owner's streams is taken from there any more. */
  isRefused(owner: PeerId, via: PeerId): boolean {
    return this.#taken.isRefused(owner, via);
  }

  /** These are the own streams, the members and theirs from now on. */
  follow(table: AddressedTable): void {
    const { members, own } = table;
    const streams = streamsBySsrc(
      own,
      members.filter(({ isSealed }) => isSealed),
    );
    const epochs = new Map(members.map(({ peer, epoch }) => [peer, epoch]));
    for (const [peer, epoch] of this.#epochs) {
      if (epochs.get(peer) === epoch) continue;
      this.#taken.forget(
        peer,
        [...this.#streams].flatMap(([ssrc, { owner }]) => (owner === peer ? [ssrc] : [])),
      );
      this.#answers.delete(peer);
      this.#busAsks.delete(peer);
    }
    this.#table = table;
    this.#streams = streams;
    this.#epochs = epochs;
    this.#meet();
    this.#taken.keepOnly(streams, epochs);
    this.#passed.follow(table);
    const sealed = new Set(own.flatMap(({ ssrc, holders }) => (holders.length > 0 ? [ssrc] : [])));
    this.#sent?.follow(sealed);
    this.#closing.run(this.#sent !== null && sealed.size > 0);
    this.#checking.run(streams.size > 0);
  }

  /** A packet of an own stream leaves sealed, for the first time. */
  sent(ssrc: number, index: number, packet: Uint8Array): void {
    this.#sent?.sent(ssrc, index, packet);
  }

  /** A member's packet has been opened, and would be played. @returns whether it is known that its source has not sent it */
  isForged(packet: Uint8Array, ssrc: number, index: number, from: Endpoint, nowMs: number): boolean {
    const via = this.#options.memberAt(from);
    return via !== undefined && this.#taken.isForged(ssrc, index, packet, via, nowMs);
  }

  /** No key opens a packet. */
  broken(ssrc: number, from: Endpoint, nowMs: number): void {
    const via = this.#options.memberAt(from);
    if (via !== undefined) this.#taken.broken(ssrc, via, nowMs);
  }

  /** RTCP of a member, as it was before it was sealed. */
  takeRtcp(peer: PeerId, datagram: Uint8Array): void {
    const nowMs = this.#now;
    for (const digest of readStreamDigests(datagram)) {
      this.#passed.pass(digest, peer, nowMs);
      this.#taken.take(digest, peer, nowMs);
    }
    for (const { streamSsrc, after } of readDigestAsks(datagram).slice(0, MAX_STREAMS))
      this.#send(this.#answerTo(peer, streamSsrc, after), peer);
  }

  /** A member says by the bus, signed, what it has sent; or asks so what we have. */
  takeMessage({ kind, from, epoch, body }: DigestsMessage): void {
    if (this.#epochs.get(from) !== epoch || !this.#isSealed(from)) return;
    if (kind === 'media.digests.ask') {
      const digests = this.#answerTo(from, body.ssrc, body.after).slice(0, MOST_DIGESTS);
      if (digests.length > 0)
        this.#options.tell({ type: 'digests.tell', to: from, body: { digests: digests.map(textOf) } });
      return;
    }
    const nowMs = this.#now;
    for (const text of body.digests)
      for (const digest of readStreamDigests(Buffer.from(text, 'base64url'))) this.#taken.take(digest, from, nowMs);
  }

  stop(): void {
    this.#closing.stop();
    this.#checking.stop();
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  /** Who signs is known once it has proved itself. */
  #meet(): void {
    const owners = new Set([...this.#streams.values()].map(({ owner }) => owner));
    const before = this.#signers;
    this.#signers = new Map([...owners].map((owner) => [owner, this.#signerOf(owner, before.get(owner))]));
  }

  #signerOf(owner: PeerId, known: KnownSigner | undefined): KnownSigner | undefined {
    const { keyOf, room } = this.#options;
    const epoch = this.#epochs.get(owner) ?? 0;
    const key = keyOf(owner, epoch);
    if (key === null) return undefined;
    const context = contextOf(room, owner, epoch);
    if (known?.key === key && Buffer.compare(known.context, context) === 0) return known;
    const verifier = verifierOf(key);
    return verifier && { key, verifier, context };
  }

  #check(): void {
    this.#meet();
    for (const { ssrc, after } of this.#taken.check(this.#now)) {
      const owner = this.#streams.get(ssrc)?.owner;
      if (owner !== undefined) this.#ask(owner, ssrc, after);
    }
  }

  #ask(owner: PeerId, ssrc: number, after: number): void {
    const { path, tell } = this.#options;
    const [place] = rtcpPlacesOf(this.#table, [owner]);
    if (place !== undefined) path.sendTo(writeDigestAsk({ streamSsrc: ssrc, after }, this.#options.ssrc()), place);
    else if (this.#mayAskByBus(owner)) tell({ type: 'digests.ask', to: owner, body: { ssrc, after } });
  }

  #mayAskByBus(owner: PeerId): boolean {
    const asks = this.#busAsks.get(owner) ?? new Allowance(BUS_ASKS);
    this.#busAsks.set(owner, asks);
    return asks.take(1, this.#now);
  }

  #close(): void {
    this.#spread(this.#sent?.write(this.#options.ssrc(), this.#now) ?? []);
  }

  /** To those that get the streams from us, of whom relays pass it on; what goes to one goes together as far as it fits. */
  #spread(written: readonly WrittenDigest[]): void {
    const hops = new Map<PeerId, Uint8Array[]>();
    for (const { ssrc, bytes } of written) {
      for (const { peer } of this.#table.own.find((own) => own.ssrc === ssrc)?.hops ?? [])
        if (this.#isSealed(peer)) hops.set(peer, [...(hops.get(peer) ?? []), bytes]);
    }
    for (const [peer, packets] of hops) this.#send(packets, peer);
  }

  #send(packets: readonly Uint8Array[], peer: PeerId): void {
    const [place] = rtcpPlacesOf(this.#table, [peer]);
    if (place === undefined) return;
    for (const datagram of datagramsOf(packets)) this.#options.path.sendTo(datagram, place);
  }

  /** What this member is to be told again of a stream, if it has its key. */
  #answerTo(peer: PeerId, ssrc: number, after: number): Uint8Array[] {
    if (!this.#table.own.some((own) => own.ssrc === ssrc && own.holders.includes(peer))) return [];
    const nowMs = this.#now;
    this.#spread(this.#sent?.closeFor(ssrc, this.#options.ssrc(), nowMs) ?? []);
    const answers = this.#answers.get(peer) ?? new Allowance(ANSWERS);
    this.#answers.set(peer, answers);
    const again = this.#sent?.after(ssrc, after) ?? [];
    return again.filter(({ length }) => answers.take(length, nowMs));
  }

  #isSealed(peer: PeerId): boolean {
    return this.#table.members.some((member) => member.peer === peer && member.isSealed);
  }
}

/** What is signed is of this process of this member in this room, and of nothing else that it signs. */
function contextOf(room: string, id: PeerId, epoch: number): Uint8Array {
  return Buffer.from(`rpr media digest 1\n${room}\n${id}\n${epoch}\n`);
}

function textOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64url');
}

/** As few datagrams as they fit into, each of which passes everywhere in one piece, sealed. */
function datagramsOf(packets: readonly Uint8Array[]): Uint8Array[] {
  const datagrams: Uint8Array[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const packet of packets) {
    if (bytes + packet.length > MOST_BYTES) {
      datagrams.push([]);
      bytes = 0;
    }
    datagrams.at(-1)?.push(packet);
    bytes += packet.length;
  }
  return datagrams.map((each) => Buffer.concat(each));
}
