/**
 * Seals what a peer sends to members that speak RPR, and opens what comes of them: media with a key for each stream, RTCP with one for
 * each pair. Here are the clock, the keys and their messages; when keys change, {@link KeyTurns} says.
 */
import type { Endpoint } from '../../../infra/path/contract.ts';
import { KeyLack } from '../../../machines/keys/key-lack.ts';
import { KeyTurns } from '../../../machines/keys/key-turns.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { KeysMessage, TransportEvent, TransportMember } from '../../../machines/ports.ts';
import { Alarm } from '../../bus/alarm.ts';
import type { Clock } from '../../clock.ts';
import type { AddressedTable } from '../addressed-table.ts';
import type { ForgedPackets } from '../digests/taken-digests.ts';
import { readKeyList, writeKeyList } from './key-list.ts';
import { OwnSeals, type OwnSealsOptions } from './own-seals.ts';
import { PairSeals } from './pair-seals.ts';
import { noneRefused, type RefusedCounts, RemoteSeals, type RemoteSealsOptions } from './remote-seals.ts';

export interface SealingOptions
  extends OwnSealsOptions,
    Pick<RemoteSealsOptions, 'opened' | 'isForged' | 'onBroken' | 'onRefused'> {
  readonly self: PeerId;
  readonly clock: Clock;
  /** The key that we share with the process that this member is now; undefined: there is none. */
  readonly sharedWith: (peer: PeerId) => Uint8Array | undefined;
  readonly tell: (event: TransportEvent) => void;
}

/**
 * Why something sealed was not used, or not sent. `rtcp`: it is not of the member that it seems to be of, or has come before. `repeated`:
 * a packet of an own stream, under a number that the stream has had.
 */
export type SealRefusal = keyof RefusedCounts | 'rtcp' | 'repeated';

type SealedMember = Pick<TransportMember, 'peer' | 'epoch' | 'isSealed'>;

export class Sealing {
  readonly #options: SealingOptions;
  readonly #turns = new KeyTurns();
  readonly #lack = new KeyLack();
  readonly #own: OwnSeals;
  readonly #remote: RemoteSeals;
  readonly #pairs: PairSeals;
  readonly #alarm: Alarm;
  #members: ReadonlyMap<PeerId, SealedMember> = new Map();
  /** Whose each sealed stream is, by SSRC. */
  #owners: ReadonlyMap<number, PeerId> = new Map();
  #sealed: ReadonlySet<number> = new Set();
  #epochBefore = 0;
  #refusedRtcp = 0;

  constructor(options: SealingOptions) {
    this.#options = options;
    this.#own = new OwnSeals(options);
    this.#pairs = new PairSeals(options.self, options.sharedWith);
    this.#remote = new RemoteSeals({ ...options, lacking: (ssrc, nowMs) => this.#ask(ssrc, nowMs) });
    this.#alarm = new Alarm(options.clock, () => this.#turn());
  }

  /** Of all streams, and of those that have gone. Totals that only grow. */
  get refused(): Readonly<Record<SealRefusal, number>> {
    return { ...this.#remote.refused, ...this.#own.counts, rtcp: this.#refusedRtcp };
  }

  /** Packets of a member's stream that were not played. */
  refusedOf(ssrc: number): RefusedCounts {
    return this.#remote.refusedOf(ssrc) ?? noneRefused();
  }

  /** These are the own streams, the members and their streams from now on. Tells keys to those that are to have them. */
  follow({ own, members, relayed }: AddressedTable): void {
    const nowMs = this.#now;
    this.#forgetOthers(members);
    this.#members = new Map(members.map((member) => [member.peer, member]));
    this.#pairs.keepOnly(new Set(this.#members.keys()));
    this.#lack.keepOnly(new Set(this.#members.keys()));
    const ours = new Set(own.map(({ ssrc }) => ssrc));
    const owners = new Map<number, PeerId>();
    const remote = [
      ...members.flatMap(({ peer, streams }) => streams.map(({ ssrc }) => ({ ssrc, owner: peer }))),
      ...relayed.map(({ ssrc, client }) => ({ ssrc, owner: client })),
    ];
    for (const { ssrc, owner } of remote) {
      if (!ours.has(ssrc) && !owners.has(ssrc) && this.#members.get(owner)?.isSealed) owners.set(ssrc, owner);
    }
    this.#owners = owners;
    this.#remote.keepOnly(owners);
    const sealed = own.filter(({ holders }) => holders.length > 0);
    this.#sealed = new Set(sealed.map(({ ssrc }) => ssrc));
    this.#turns.follow(sealed, new Map(members.map(({ peer, epoch }) => [peer, epoch])), nowMs);
    this.#turn();
  }

  /** Whether all that this member and we send each other is sealed. */
  isSealed(peer: PeerId): boolean {
    return this.#members.get(peer)?.isSealed === true;
  }

  /** Whether anybody gets this own stream sealed. */
  seals(ssrc: number): boolean {
    return this.#sealed.has(ssrc);
  }

  /** @returns valid until the next call; undefined: the packet must not be sent */
  seal(ssrc: number, packet: Uint8Array): Uint8Array | undefined {
    const nowMs = this.#now;
    return this.#own.seal(ssrc, packet, this.#turns.epoch, nowMs, () => this.#beginAnew(nowMs));
  }

  /** A sealed packet of an own stream as it was before. Valid until the next call. */
  reopen(ssrc: number, packet: Uint8Array): Uint8Array | undefined {
    return this.#own.reopen(ssrc, packet);
  }

  /** A packet of a member's stream has come: `opened` gets it once it has proved itself. What is not sealed goes there as it is. */
  open(packet: Uint8Array, ssrc: number, sequence: number, from: Endpoint): void {
    if (this.#owners.has(ssrc)) this.#remote.take(packet, ssrc, sequence, from, this.#now);
    else this.#options.opened(packet, ssrc, sequence, from);
  }

  /** Something has been made up of a stream. */
  disown(forged: ForgedPackets): void {
    this.#remote.disown(forged);
  }

  /** @returns undefined: it must not be sent */
  sealRtcp(peer: PeerId, datagram: Uint8Array): Uint8Array | undefined {
    return this.isSealed(peer) ? this.#pairs.sealRtcp(peer, datagram) : datagram;
  }

  /** @returns only valid until the next call; undefined: it is not of this member, or has come before */
  openRtcp(peer: PeerId, datagram: Uint8Array): Uint8Array | undefined {
    if (!this.isSealed(peer)) return datagram;
    const opened = this.#pairs.openRtcp(peer, datagram);
    if (typeof opened !== 'string') return opened;
    this.#refusedRtcp++;
    return undefined;
  }

  /** A member tells the keys of its streams, or asks for ours. */
  take({ kind, from, epoch, body }: KeysMessage): void {
    const member = this.#members.get(from);
    if (member?.epoch !== epoch || !member.isSealed) return;
    if (kind === 'media.keys.ask') {
      this.#turns.asked(from, this.#now);
      this.#turn();
      return;
    }
    const box = body.keys.find(({ to }) => to === this.#options.self)?.box;
    const list = box === undefined ? undefined : this.#pairs.unbox(from, Buffer.from(box, 'base64url'));
    const keys = list && readKeyList(list);
    if (keys === undefined) return;
    const nowMs = this.#now;
    this.#lack.told(from, nowMs);
    for (const key of keys) if (this.#owners.get(key.ssrc) === from) this.#remote.takeKey(key, nowMs);
  }

  stop(): void {
    this.#alarm.stop();
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  /** Of a member's process that has ended nothing is known any more. */
  #forgetOthers(members: readonly SealedMember[]): void {
    const epochs = new Map(members.map(({ peer, epoch }) => [peer, epoch]));
    for (const [ssrc, owner] of this.#owners) {
      if (epochs.get(owner) !== this.#members.get(owner)?.epoch) this.#remote.forget(ssrc);
    }
  }

  #beginAnew(nowMs: number): number {
    this.#epochBefore = this.#turns.epoch;
    this.#turns.beginAnew(nowMs);
    this.#makeKeys();
    // The packet under way is counted first, so that its index is told.
    this.#alarm.set(nowMs);
    return this.#turns.epoch;
  }

  /** Does what is due, and wakes up when more is. */
  #turn(): void {
    const before = this.#turns.epoch;
    const { alone, toAll } = this.#turns.due(this.#now);
    if (this.#turns.epoch !== before) this.#epochBefore = before;
    this.#makeKeys();
    if (toAll) this.#tell('all', this.#turns.holders);
    for (const peer of alone) this.#tell(peer, [peer]);
    for (const to of this.#lack.due(this.#now)) this.#options.tell({ type: 'keys.ask', to });
    this.#wait();
  }

  #wait(): void {
    this.#alarm.set(Math.min(this.#turns.dueMs, this.#lack.dueMs));
  }

  #makeKeys(): void {
    this.#own.follow(this.#sealed, [this.#epochBefore, ...this.#epochs]);
  }

  /** That in force, and the one that comes. */
  get #epochs(): number[] {
    const { epoch, next } = this.#turns;
    return next === null ? [epoch] : [epoch, next];
  }

  #tell(to: PeerId | 'all', peers: readonly PeerId[]): void {
    const keys = peers.flatMap((peer) => {
      const list = this.#own.keysOf(this.#turns.streamsOf(peer), this.#epochs);
      const box = list.length === 0 ? undefined : this.#pairs.box(peer, writeKeyList(list));
      return box === undefined ? [] : [{ to: peer, box: Buffer.from(box).toString('base64url') }];
    });
    if (keys.length > 0) this.#options.tell({ type: 'keys.tell', to, body: { keys } });
  }

  #ask(ssrc: number, nowMs: number): void {
    const owner = this.#owners.get(ssrc);
    if (owner === undefined) return;
    if (this.#lack.lacking(owner, nowMs)) this.#options.tell({ type: 'keys.ask', to: owner });
    this.#wait();
  }
}
