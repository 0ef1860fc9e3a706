/** The own streams on their way out: each packet is sealed once, for all that have its key. */
import { randomBytes } from 'node:crypto';
import { readSequence } from '../../../infra/rtp/header.ts';
import { SentIndex } from '../../../infra/srtp/sent-index.ts';
import { SEAL_BYTES, STREAM_KEY_BYTES, StreamOpener, StreamSealer } from '../../../infra/srtp/stream-seal.ts';
import type { StreamKey } from './key-list.ts';

/** No datagram that is sent is longer. */
const MOST_BYTES = 1600;

/** A stream whose numbers leap back gets new keys for it no sooner than so long after the last time, in ms. */
const LEAST_BETWEEN_MS = 500;

/** One stream under the key of one epoch. */
interface Seal {
  readonly epoch: number;
  readonly key: Uint8Array;
  readonly sealer: StreamSealer;
}

interface OwnStream {
  readonly index: SentIndex;
  /** That in force, those before as far as something sealed with them is kept, and the one that comes. */
  readonly seals: Map<number, Seal>;
  anewMs: number;
}

/** What has not been sent, in packets. */
export interface UnsealedCounts {
  /** Under a number that the stream has had: to seal another packet under it would give both away. */
  repeated: number;
}

export interface OwnSealsOptions {
  /** Takes each packet as it is sealed; only valid during the call. */
  readonly onSealed: (ssrc: number, index: number, packet: Uint8Array) => void;
  /** Of {@link STREAM_KEY_BYTES}, which nobody can guess; left out: by chance. */
  readonly freshKey?: () => Uint8Array;
}

export class OwnSeals {
  readonly counts: UnsealedCounts = { repeated: 0 };
  readonly #onSealed: OwnSealsOptions['onSealed'];
  readonly #streams = new Map<number, OwnStream>();
  readonly #sealed = Buffer.alloc(MOST_BYTES);
  readonly #clear = Buffer.alloc(MOST_BYTES);
  readonly #freshKey: () => Uint8Array;

  constructor({ onSealed, freshKey = () => randomBytes(STREAM_KEY_BYTES) }: OwnSealsOptions) {
    this.#onSealed = onSealed;
    this.#freshKey = freshKey;
  }

  /** These are sealed from now on, by SSRC, with keys of these epochs; the keys of all others are forgotten. */
  follow(ssrcs: ReadonlySet<number>, epochs: readonly number[]): void {
    for (const ssrc of this.#streams.keys()) if (!ssrcs.has(ssrc)) this.#streams.delete(ssrc);
    for (const ssrc of ssrcs) {
      const stream = this.#streams.get(ssrc) ?? begun();
      this.#streams.set(ssrc, stream);
      for (const epoch of stream.seals.keys()) if (!epochs.includes(epoch)) stream.seals.delete(epoch);
      for (const epoch of epochs)
        if (!stream.seals.has(epoch)) stream.seals.set(epoch, sealOf(epoch, this.#freshKey()));
    }
  }

  /** The keys of these streams, in each epoch. */
  keysOf(ssrcs: readonly number[], epochs: readonly number[]): StreamKey[] {
    return ssrcs.flatMap((ssrc) => {
      const { index, seals } = this.#streams.get(ssrc) ?? begun();
      return epochs.flatMap((epoch) => {
        const key = seals.get(epoch)?.key;
        return key === undefined ? [] : [{ ssrc, epoch, index: Math.max(0, index.highest), key }];
      });
    });
  }

  has(ssrc: number): boolean {
    return this.#streams.has(ssrc);
  }

  /**
   * @param beginAnew the stream's numbers have leapt back: makes another epoch be in force, whose number it returns
   * @returns valid until the next call; undefined: the packet must not be sent
   */
  seal(
    ssrc: number,
    packet: Uint8Array,
    epoch: number,
    nowMs: number,
    beginAnew: () => number,
  ): Uint8Array | undefined {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined || packet.length + SEAL_BYTES > MOST_BYTES) return undefined;
    const sequence = readSequence(packet);
    let index = stream.index.next(sequence);
    let now = epoch;
    if (index === 'behind' && nowMs - stream.anewMs >= LEAST_BETWEEN_MS) {
      stream.anewMs = nowMs;
      index = stream.index.beginAnew(sequence);
      now = beginAnew();
    }
    const sealer = stream.seals.get(now)?.sealer;
    if (typeof index === 'string' || sealer === undefined) {
      this.counts.repeated++;
      return undefined;
    }
    const sealed = this.#sealed.subarray(0, sealer.seal(packet, index, this.#sealed));
    this.#onSealed(ssrc, index, sealed);
    return sealed;
  }

  /** What a sealed packet that is kept was before, for whoever gets the stream in the clear. Valid until the next call. */
  reopen(ssrc: number, packet: Uint8Array): Uint8Array | undefined {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined) return undefined;
    for (const { key } of stream.seals.values()) {
      const length = new StreamOpener(key, stream.index.highest).open(packet, this.#clear);
      if (typeof length === 'number') return this.#clear.subarray(0, length);
    }
    return undefined;
  }
}

function begun(): OwnStream {
  return { index: new SentIndex(), seals: new Map(), anewMs: Number.NEGATIVE_INFINITY };
}

function sealOf(epoch: number, key: Uint8Array): Seal {
  return { epoch, key, sealer: new StreamSealer(key, epoch) };
}
