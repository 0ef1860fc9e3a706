/** Members' streams as they come: each packet is opened with the key that it names, before anybody else sees it. */
import type { Endpoint } from '../../../infra/path/contract.ts';
import { wireSequence } from '../../../infra/rtp/sequence.ts';
import { readMki, StreamOpener } from '../../../infra/srtp/stream-seal.ts';
import { DELAYS } from '../../../machines/timers.ts';
import type { ForgedPackets } from '../digests/taken-digests.ts';
import { HeldPackets } from './held-packets.ts';
import type { StreamKey } from './key-list.ts';

/** No datagram that is taken is longer. */
const MOST_BYTES = 1500;
/** Keys of one stream at once: what comes, and those of three seconds, which change every half of one at most. */
const MOST_KEYS = 12;
/** After so many packets in a row that its keys do not open, something else is wrong than the packets. */
const SUSPICIOUS = 16;

/** Packets that were not played, of one stream. */
export interface RefusedCounts {
  /** Of no such length or header. */
  malformed: number;
  /** Forged or changed on the way, in whole or in part. */
  notAuthentic: number;
  /** Come before, or too late to know. */
  replayed: number;
  /** Sealed with a key that has not come in time. */
  noKey: number;
}

interface Opener {
  readonly key: Uint8Array;
  readonly opener: StreamOpener;
  /** Not used any more after this; infinity: it is the newest. */
  untilMs: number;
}

interface RemoteStream {
  readonly openers: Map<number, Opener>;
  /** The epoch of the newest key that has opened something; null: none has. */
  newest: number | null;
  failures: number;
  readonly refused: RefusedCounts;
}

export interface RemoteSealsOptions {
  /** Takes what was opened. Only valid during the call. */
  readonly opened: (packet: Uint8Array, ssrc: number, sequence: number, from: Endpoint) => void;
  /** Something opened: whether it is known that the stream's source has not sent it, so that it is not played. Only valid during the call. */
  readonly isForged: (packet: Uint8Array, ssrc: number, index: number, from: Endpoint, nowMs: number) => boolean;
  /** A packet that the stream's key does not open, though it opens others. */
  readonly onBroken: (ssrc: number, from: Endpoint, nowMs: number) => void;
  /** What came under this number is none of the stream, or waits for a key: another packet under it may be what was sent. */
  readonly onRefused: (ssrc: number, sequence: number) => void;
  /** A packet of this stream waits for a key, or many do not fit theirs. */
  readonly lacking: (ssrc: number, nowMs: number) => void;
}

export class RemoteSeals {
  readonly #options: RemoteSealsOptions;
  readonly #streams = new Map<number, RemoteStream>();
  readonly #held = new HeldPackets();
  /** Of all streams that have been. */
  readonly #refused = noneRefused();
  readonly #clear = Buffer.alloc(MOST_BYTES);

  constructor(options: RemoteSealsOptions) {
    this.#options = options;
  }

  /** Forgets the keys and the counts of all streams but these, by SSRC. */
  keepOnly(ssrcs: { has(ssrc: number): boolean }): void {
    for (const ssrc of this.#streams.keys()) if (!ssrcs.has(ssrc)) this.#streams.delete(ssrc);
    this.#held.keepOnly(ssrcs);
  }

  /** Forgets the keys of a stream: another process sends it. */
  forget(ssrc: number): void {
    this.#streams.delete(ssrc);
    this.#held.take(ssrc);
  }

  get refused(): Readonly<RefusedCounts> {
    return this.#refused;
  }

  refusedOf(ssrc: number): RefusedCounts | undefined {
    return this.#streams.get(ssrc)?.refused;
  }

  /** A key has come from the stream's owner. What has waited for it is opened. */
  takeKey({ ssrc, epoch, key, index }: StreamKey, nowMs: number): void {
    const { openers } = this.#streamOf(ssrc);
    const known = openers.get(epoch);
    if (known !== undefined && Buffer.compare(known.key, key) === 0) known.opener.told(index);
    else {
      openers.delete(epoch);
      openers.set(epoch, { key, opener: new StreamOpener(key, index), untilMs: Number.POSITIVE_INFINITY });
    }
    if (openers.size > MOST_KEYS) openers.delete(openers.keys().next().value ?? epoch);
    for (const { packet, sequence, from } of this.#held.take(ssrc)) this.take(packet, ssrc, sequence, from, nowMs);
  }

  /** Something has been made up, under these indices: what the stream's source sends under the same comes through, and is opened. */
  disown({ ssrc, highest, indices }: ForgedPackets): void {
    for (const { opener } of this.#streams.get(ssrc)?.openers.values() ?? []) opener.disown(indices, highest);
    for (const index of indices) this.#options.onRefused(ssrc, wireSequence(index));
  }

  /** A sealed packet has come. The bytes are copied where they have to wait. */
  take(packet: Uint8Array, ssrc: number, sequence: number, from: Endpoint, nowMs: number): void {
    const stream = this.#streamOf(ssrc);
    const epoch = readMki(packet);
    const opener = stream.openers.get(epoch);
    if (opener === undefined || nowMs > opener.untilMs) {
      const held = { packet: Uint8Array.from(packet), sequence, from, atMs: nowMs };
      this.#count(stream, 'noKey', this.#held.hold(ssrc, held));
      this.#options.onRefused(ssrc, sequence);
      this.#options.lacking(ssrc, nowMs);
      return;
    }
    const length = opener.opener.open(packet, this.#clear);
    if (typeof length !== 'number') {
      this.#refuse(stream, length, ssrc, nowMs);
      if (length !== 'replayed') this.#options.onRefused(ssrc, sequence);
      if (length === 'not-authentic' && stream.newest === epoch) this.#options.onBroken(ssrc, from, nowMs);
      return;
    }
    stream.failures = 0;
    if (stream.newest !== epoch) this.#follow(stream, epoch, nowMs);
    if (this.#options.isForged(packet, ssrc, opener.opener.index, from, nowMs)) {
      this.#count(stream, 'notAuthentic');
      return;
    }
    this.#options.opened(this.#clear.subarray(0, length), ssrc, sequence, from);
  }

  /** Another key has opened something: those that came before it open what is on its way, and no more. */
  #follow(stream: RemoteStream, epoch: number, nowMs: number): void {
    if (stream.openers.get(epoch)?.untilMs !== Number.POSITIVE_INFINITY) return;
    stream.newest = epoch;
    for (const [each, opener] of stream.openers) {
      if (each === epoch) return;
      if (opener.untilMs === Number.POSITIVE_INFINITY) opener.untilMs = nowMs + DELAYS.keyDrain;
      else if (opener.untilMs < nowMs) stream.openers.delete(each);
    }
  }

  #refuse(stream: RemoteStream, why: 'malformed' | 'not-authentic' | 'replayed', ssrc: number, nowMs: number): void {
    if (why !== 'not-authentic') {
      this.#count(stream, why);
      return;
    }
    this.#count(stream, 'notAuthentic');
    stream.failures++;
    if (stream.failures >= SUSPICIOUS) this.#options.lacking(ssrc, nowMs);
  }

  #count(stream: RemoteStream, why: keyof RefusedCounts, packets = 1): void {
    stream.refused[why] += packets;
    this.#refused[why] += packets;
  }

  #streamOf(ssrc: number): RemoteStream {
    const known = this.#streams.get(ssrc);
    if (known !== undefined) return known;
    const stream: RemoteStream = { openers: new Map(), newest: null, failures: 0, refused: noneRefused() };
    this.#streams.set(ssrc, stream);
    return stream;
  }
}

export function noneRefused(): RefusedCounts {
  return { malformed: 0, notAuthentic: 0, replayed: 0, noKey: 0 };
}
