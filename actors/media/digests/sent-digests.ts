/** What has been sent of the own streams since it was told last, told and signed, and kept for whoever asks for it again. Pure: the time is given. */
import { MOST_DIGESTED, type StreamDigest, writeStreamDigest } from '../../../infra/rtcp/stream-digest.ts';
import { wireSequence } from '../../../infra/rtp/sequence.ts';
import { packetDigest } from '../../../infra/srtp/packet-digest.ts';
import { DELAYS } from '../../../machines/timers.ts';

/** A stream is told of out of turn no sooner than so long after the last time, whoever asks. In ms. */
const LEAST_BETWEEN_MS = DELAYS.digestInterval * 0.8;
/** Of one stream: what is sent within three seconds at 30 Mbit/s. */
const MOST_KEPT = 96;

/** One stream's digest, as it goes to all that get the stream. */
export interface WrittenDigest {
  readonly ssrc: number;
  readonly bytes: Uint8Array;
}

interface Kept {
  readonly number: number;
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

interface OwnStream {
  packets: { readonly sequence: number; readonly digest: number }[];
  highest: number;
  number: number;
  writtenMs: number;
  readonly kept: Kept[];
}

export class SentDigests {
  readonly #sign: (bytes: Uint8Array) => Uint8Array;
  readonly #streams = new Map<number, OwnStream>();

  constructor(sign: (bytes: Uint8Array) => Uint8Array) {
    this.#sign = sign;
  }

  /** These are told of from now on, by SSRC, also where nothing is sent: somebody may make up what we have never sent. */
  follow(ssrcs: ReadonlySet<number>): void {
    for (const ssrc of this.#streams.keys()) if (!ssrcs.has(ssrc)) this.#streams.delete(ssrc);
    for (const ssrc of ssrcs) if (!this.#streams.has(ssrc)) this.#streams.set(ssrc, begun());
  }

  /** A sealed packet leaves, for the first time. */
  sent(ssrc: number, index: number, packet: Uint8Array): void {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined) return;
    stream.packets.push({ sequence: wireSequence(index), digest: packetDigest(packet) });
    stream.highest = Math.max(stream.highest, index);
  }

  /** Tells of what has been sent of all streams. */
  write(senderSsrc: number, nowMs: number): WrittenDigest[] {
    return [...this.#streams].flatMap(([ssrc, stream]) =>
      stream.packets.length === 0 ? [] : this.#close(ssrc, stream, senderSsrc, nowMs),
    );
  }

  /** Somebody asks what has been told of a stream. @returns what is told now for that, to all: it may be nothing new */
  closeFor(ssrc: number, senderSsrc: number, nowMs: number): WrittenDigest[] {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined || nowMs - stream.writtenMs < LEAST_BETWEEN_MS) return [];
    return this.#close(ssrc, stream, senderSsrc, nowMs);
  }

  /** What has been told of a stream lately, after this number. */
  after(ssrc: number, number: number): Uint8Array[] {
    const kept = this.#streams.get(ssrc)?.kept ?? [];
    return kept.flatMap((each) => (each.number > number ? [each.bytes] : []));
  }

  #close(streamSsrc: number, stream: OwnStream, senderSsrc: number, nowMs: number): WrittenDigest[] {
    const written: WrittenDigest[] = [];
    const { packets } = stream;
    stream.packets = [];
    stream.writtenMs = nowMs;
    let from = 0;
    do {
      const digest: StreamDigest = {
        ...{ streamSsrc, number: ++stream.number, writtenMs: Math.floor(nowMs), highest: Math.max(0, stream.highest) },
        packets: packets.slice(from, from + MOST_DIGESTED),
      };
      const bytes = writeStreamDigest(digest, senderSsrc, this.#sign);
      stream.kept.push({ number: digest.number, atMs: nowMs, bytes });
      written.push({ ssrc: streamSsrc, bytes });
      from += MOST_DIGESTED;
    } while (from < packets.length);
    while (stream.kept.length > MOST_KEPT || nowMs - (stream.kept[0]?.atMs ?? nowMs) > DELAYS.digestsKept)
      stream.kept.shift();
    return written;
  }
}

function begun(): OwnStream {
  return { packets: [], highest: -1, number: 0, writtenMs: Number.NEGATIVE_INFINITY, kept: [] };
}
