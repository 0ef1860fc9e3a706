/**
 * A relay that watches what it relays, so that it has the key, and makes up packets for the others that have it: in the place of what it
 * forwards, ahead of it or behind. What it makes up is opened by everybody; only the source's digests tell that it is not the source's.
 */

import { readKeyList, type StreamKey } from '../../../actors/media/sealing/key-list.ts';
import { PairSeals } from '../../../actors/media/sealing/pair-seals.ts';
import { readSsrc } from '../../../infra/rtp/header.ts';
import { wireSequence } from '../../../infra/rtp/sequence.ts';
import { writeSequence } from '../../../infra/rtp/write.ts';
import { readMki, SEAL_BYTES, StreamOpener, StreamSealer } from '../../../infra/srtp/stream-seal.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { KeysMessage } from '../../../machines/ports.ts';
import type { Random } from '../world/random.ts';

/** The RTP timestamp, which no simulated source sets. */
const TIMESTAMP_AT = 4;
const MADE_UP = 0xdead_beef;
/** So many of a hundred packets that it forwards it makes something up for. */
const PERCENT = 30;
/** How far from what it forwards a number may lie. */
const PLACES = { instead: [0, 0], near: [1, 50], far: [2000, 20_000], behind: [-200, -1] } as const;

/** The keys that a process was told, as it may use them for what it likes. */
export class ToldKeys {
  readonly #self: PeerId;
  readonly #pairs: PairSeals;
  readonly #keys = new Map<string, StreamKey>();

  constructor(self: PeerId, sharedWith: (peer: PeerId) => Uint8Array | undefined) {
    this.#self = self;
    this.#pairs = new PairSeals(self, sharedWith);
  }

  take(message: KeysMessage): void {
    if (message.kind !== 'media.keys') return;
    const box = message.body.keys.find(({ to }) => to === this.#self)?.box;
    const list = box === undefined ? undefined : this.#pairs.unbox(message.from, Buffer.from(box, 'base64url'));
    for (const key of (list && readKeyList(list)) ?? []) this.#keys.set(`${key.ssrc} ${key.epoch}`, key);
  }

  /** The keys of all streams that it was told of. */
  get all(): readonly StreamKey[] {
    return [...this.#keys.values()];
  }

  /** By which this packet was sealed. */
  of(packet: Uint8Array): StreamKey | undefined {
    return this.#keys.get(`${readSsrc(packet)} ${readMki(packet)}`);
  }
}

export class Counterfeiter {
  readonly #random: Random;
  readonly #keys: ToldKeys;

  constructor(random: Random, keys: ToldKeys) {
    this.#random = random;
    this.#keys = keys;
  }

  /** @param sealed a packet that it is to forward @returns what it sends before it */
  made(sealed: Uint8Array): Uint8Array[] {
    const key = this.#keys.of(sealed);
    if (key === undefined || this.#random.integer(1, 100) > PERCENT) return [];
    const opener = new StreamOpener(key.key, key.index);
    const clear = new Uint8Array(sealed.length);
    const length = opener.open(sealed, clear);
    if (typeof length === 'string') return [];
    const [least, most] = PLACES[this.#random.pick(['instead', 'near', 'far', 'behind'] as const) ?? 'instead'];
    const index = Math.max(0, opener.index + this.#random.integer(least, most));
    const packet = clear.subarray(0, length);
    new DataView(packet.buffer, packet.byteOffset).setUint32(TIMESTAMP_AT, MADE_UP);
    writeSequence(packet, wireSequence(index));
    const into = new Uint8Array(length + SEAL_BYTES);
    return [into.subarray(0, new StreamSealer(key.key, key.epoch).seal(packet, index, into))];
  }
}
