/**
 * Makes one endless stream out of those that a program sends one after the other: each start of a program has a new SSRC,
 * sequence number and timestamp, and receivers should not notice. Packets are changed in place.
 */
import { readMarker, readSequence, readSsrc, readTimestamp } from './header.ts';
import { isNewerSequence, nextSequence, sequenceDistance } from './sequence.ts';
import { writePayloadType, writeSequence, writeSsrc, writeTimestamp } from './write.ts';

/** A jump of the sequence number beyond these is a new start and no loss or late arrival (RFC 3550 appendix A.1). */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

/**
 * A stream with another SSRC takes over once the one before has been silent for this long, in ms: longer than a frame, so
 * that two programs on one port do not alternate, and shorter than the restart of a program.
 */
export const TAKEOVER_SILENCE_MS = 250;

export interface SplicerOptions {
  /** What the stream that goes out has. */
  readonly ssrc: number;
  readonly payloadType: number;
  /** Ticks of the timestamp in a second. */
  readonly clockRate: number;
  readonly firstSequence: number;
  readonly firstTimestamp: number;
}

/** `began`: the first packet of a new stream. `other`: a second stream beside the one that runs; the packet is as it was. */
export type Splice = 'continued' | 'began' | 'other';

export class StreamSplicer {
  readonly #options: SplicerOptions;
  /** The program's stream that is taken now; null before the first. */
  #theirSsrc: number | null = null;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  /** Of the newest packet that went out. */
  #newestSequence: number;
  #newestTimestamp: number;
  #newestAtMs = 0;
  #handsOver = false;

  constructor(options: SplicerOptions) {
    this.#options = options;
    this.#newestSequence = options.firstSequence - 1;
    this.#newestTimestamp = options.firstTimestamp;
  }

  /** Lets the next stream take over at once, however lately the one that runs has been heard. */
  handOver(): void {
    this.#handsOver = true;
  }

  /** What is added to the timestamps of the stream that is taken now, and whose it is; undefined before the first. */
  get offset(): { readonly ssrc: number; readonly timestamp: number } | undefined {
    return this.#theirSsrc === null ? undefined : { ssrc: this.#theirSsrc, timestamp: this.#timestampOffset };
  }

  /** Gives an RTP packet of a program its place in the stream. It must have a whole header. */
  splice(packet: Uint8Array, nowMs: number): Splice {
    const result = this.#place(packet, nowMs);
    if (result === 'other') return result;
    if (result === 'began') this.#begin(packet, nowMs);
    const sequence = (readSequence(packet) + this.#sequenceOffset) & 0xffff;
    const timestamp = (readTimestamp(packet) + this.#timestampOffset) >>> 0;
    writeSequence(packet, sequence);
    writeTimestamp(packet, timestamp);
    writeSsrc(packet, this.#options.ssrc);
    writePayloadType(packet, this.#options.payloadType, readMarker(packet));
    if (result === 'began' || isNewerSequence(sequence, this.#newestSequence)) {
      this.#newestSequence = sequence;
      this.#newestTimestamp = timestamp;
      this.#newestAtMs = nowMs;
    }
    return result;
  }

  #place(packet: Uint8Array, nowMs: number): Splice {
    if (this.#theirSsrc === null) return 'began';
    if (readSsrc(packet) !== this.#theirSsrc) {
      return this.#handsOver || nowMs - this.#newestAtMs >= TAKEOVER_SILENCE_MS ? 'began' : 'other';
    }
    const jump = sequenceDistance(this.#newestSequence, readSequence(packet) + this.#sequenceOffset);
    return jump > MAX_DROPOUT || jump < -MAX_MISORDER ? 'began' : 'continued';
  }

  /** Lets the stream go on with the next number, and with the timestamp that it would have by now. */
  #begin(packet: Uint8Array, nowMs: number): void {
    const first = this.#theirSsrc === null;
    const pause = first ? 0 : Math.max(1, Math.round(((nowMs - this.#newestAtMs) * this.#options.clockRate) / 1000));
    this.#handsOver = false;
    this.#theirSsrc = readSsrc(packet);
    this.#sequenceOffset = nextSequence(this.#newestSequence) - readSequence(packet);
    this.#timestampOffset = this.#newestTimestamp + pause - readTimestamp(packet);
  }
}
