/**
 * Makes one endless stream of those that come one after the other, each under an SSRC of its own: receivers should not notice
 * the change. Packets are changed in place.
 */
import { readMarker, readSsrc } from './header.ts';
import { type Numbering, Renumbering } from './renumbering.ts';
import { MAX_DROPOUT, MAX_MISORDER } from './track.ts';
import { writePayloadType, writeSsrc } from './write.ts';

/**
 * A stream with another SSRC takes over once the one before has been silent for this long, in ms: longer than a frame, so
 * that two do not alternate, and shorter than the restart of a program.
 */
export const TAKEOVER_SILENCE_MS = 250;

export interface SplicerOptions extends Numbering {
  /** What the stream that goes out has. */
  readonly ssrc: number;
  readonly payloadType: number;
}

/** `began`: the first packet of a new stream. `other`: a second stream beside the one that runs; the packet is as it was. */
export type Splice = 'continued' | 'began' | 'other';

export class StreamSplicer {
  readonly #options: SplicerOptions;
  readonly #numbering: Renumbering;
  /** The stream that is taken now; null before the first. */
  #theirSsrc: number | null = null;
  #newestAtMs = 0;
  #handsOver = false;

  constructor(options: SplicerOptions) {
    this.#options = options;
    this.#numbering = new Renumbering(options);
  }

  /** Lets the next stream take over at once, however lately the one that runs has been heard. */
  handOver(): void {
    this.#handsOver = true;
  }

  /** What is added to the timestamps of the stream that is taken now, and whose it is; undefined before the first. */
  get offset(): { readonly ssrc: number; readonly timestamp: number } | undefined {
    return this.#theirSsrc === null ? undefined : { ssrc: this.#theirSsrc, timestamp: this.#numbering.timestampOffset };
  }

  /** Gives an RTP packet its place in the stream. It must have a whole header. */
  splice(packet: Uint8Array, nowMs: number): Splice {
    const result = this.#place(packet, nowMs);
    if (result === 'other') return result;
    if (result === 'began') this.#begin(packet, nowMs);
    if (this.#numbering.ahead(packet) > 0) this.#newestAtMs = nowMs;
    this.#numbering.number(packet, nowMs);
    writeSsrc(packet, this.#options.ssrc);
    writePayloadType(packet, this.#options.payloadType, readMarker(packet));
    return result;
  }

  #place(packet: Uint8Array, nowMs: number): Splice {
    if (this.#theirSsrc === null) return 'began';
    if (readSsrc(packet) !== this.#theirSsrc) {
      return this.#handsOver || nowMs - this.#newestAtMs >= TAKEOVER_SILENCE_MS ? 'began' : 'other';
    }
    const ahead = this.#numbering.ahead(packet);
    return ahead > MAX_DROPOUT || ahead < -MAX_MISORDER ? 'began' : 'continued';
  }

  #begin(packet: Uint8Array, nowMs: number): void {
    this.#handsOver = false;
    this.#theirSsrc = readSsrc(packet);
    this.#numbering.begin(packet, nowMs);
  }
}
