/**
 * Makes one stream of the layers of a group, of which one comes at a time: players hold on to one SSRC and one numbering, and a
 * change of the layer should look like a change of the encoder's mind. What comes of the old layer while the new one runs is left
 * out.
 */
import { readSsrc } from '../../infra/rtp/header.ts';
import { type SplicerOptions, StreamSplicer, TAKEOVER_SILENCE_MS } from '../../infra/rtp/splicer.ts';

/** Where a sender report has its SSRC and its RTP timestamp (RFC 3550 section 6.4.1). */
const REPORT_SSRC_AT = 4;
const REPORT_TIMESTAMP_AT = 16;

export class LayerSwitch {
  /** Of the one stream. */
  readonly ssrc: number;
  readonly #splicer: StreamSplicer;
  /** By SSRC, when a layer was heard last, in ms. */
  readonly #heardMs = new Map<number, number>();

  constructor(options: SplicerOptions) {
    this.ssrc = options.ssrc;
    this.#splicer = new StreamSplicer(options);
  }

  /** Forgets all layers but these. */
  keepOnly(ssrcs: ReadonlySet<number>): void {
    for (const ssrc of this.#heardMs.keys()) if (!ssrcs.has(ssrc)) this.#heardMs.delete(ssrc);
  }

  /** A copy of the packet with its place in the one stream; undefined for what is left out. */
  take(packet: Uint8Array, nowMs: number): Uint8Array | undefined {
    const ssrc = readSsrc(packet);
    const heardMs = this.#heardMs.get(ssrc) ?? Number.NEGATIVE_INFINITY;
    this.#heardMs.set(ssrc, nowMs);
    // A layer that begins is the one that we were moved to.
    if (ssrc !== this.#splicer.offset?.ssrc && nowMs - heardMs >= TAKEOVER_SILENCE_MS) this.#splicer.handOver();
    const copy = Uint8Array.from(packet);
    return this.#splicer.splice(copy, nowMs) === 'other' ? undefined : copy;
  }

  /** A sender report of the layer that runs, as if of the one stream; undefined for one of another layer. */
  report(rtcp: Uint8Array): Uint8Array | undefined {
    const { offset } = this.#splicer;
    const copy = Uint8Array.from(rtcp);
    const view = new DataView(copy.buffer);
    if (offset === undefined || view.getUint32(REPORT_SSRC_AT) !== offset.ssrc) return undefined;
    view.setUint32(REPORT_SSRC_AT, this.ssrc);
    view.setUint32(REPORT_TIMESTAMP_AT, view.getUint32(REPORT_TIMESTAMP_AT) + offset.timestamp);
    return copy;
  }
}
