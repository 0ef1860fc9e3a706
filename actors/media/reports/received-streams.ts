/** What a receiver measures of each remote stream beside what the packet path counts: jitter, and the newest sender report. */

import { SHORT_UNITS_PER_SECOND } from '../../../infra/rtcp/ntp.ts';
import { readTimestamp } from '../../../infra/rtp/header.ts';

/** A timestamp that jumps by more than this has begun anew: no network delays a packet by that much against the one before. In s. */
const MOST_JITTER_S = 5;
/** How much one packet weighs in the mean (RFC 3550 section 6.4.1). */
const GAIN = 1 / 16;

/** What a report block says of a stream beyond its numbers. */
export interface Measured {
  readonly jitter: number;
  readonly lastReport: number;
  readonly delaySinceLastReport: number;
}

class ReceivedStream {
  readonly clockRate: number;
  jitter = 0;
  lastReport = 0;
  lastReportMs = 0;
  /** How long the newest packet was under way, and a constant, in ticks. */
  #transit: number | null = null;

  constructor(clockRate: number) {
    this.clockRate = clockRate;
  }

  arrived(timestamp: number, nowMs: number): void {
    const transit = (Math.round((nowMs * this.clockRate) / 1000) - timestamp) | 0;
    const difference = this.#transit === null ? 0 : Math.abs((transit - this.#transit) | 0);
    this.#transit = transit;
    if (difference < MOST_JITTER_S * this.clockRate) this.jitter += GAIN * (difference - this.jitter);
  }
}

export class ReceivedStreams {
  readonly #streams = new Map<number, ReceivedStream>();

  /** Measures these from now on, by SSRC, each with the ticks of its timestamp in a second; forgets all others. */
  follow(clockRates: ReadonlyMap<number, number>): void {
    for (const ssrc of this.#streams.keys()) if (!clockRates.has(ssrc)) this.#streams.delete(ssrc);
    for (const [ssrc, clockRate] of clockRates) {
      if (this.#streams.get(ssrc)?.clockRate !== clockRate) this.#streams.set(ssrc, new ReceivedStream(clockRate));
    }
  }

  /** A packet has come. Cheap enough to be called for every packet. */
  arrived(ssrc: number, packet: Uint8Array, nowMs: number): void {
    this.#streams.get(ssrc)?.arrived(readTimestamp(packet), nowMs);
  }

  /** A sender report of the stream has come, with the short form of its NTP timestamp. */
  reported(ssrc: number, shortNtp: number, nowMs: number): void {
    const stream = this.#streams.get(ssrc);
    if (stream === undefined) return;
    stream.lastReport = shortNtp;
    stream.lastReportMs = nowMs;
  }

  measured(ssrc: number, nowMs: number): Measured {
    const { jitter = 0, lastReport = 0, lastReportMs = 0 } = this.#streams.get(ssrc) ?? {};
    const delayMs = lastReport === 0 ? 0 : nowMs - lastReportMs;
    const delaySinceLastReport = Math.min(0xffff_ffff, Math.round((delayMs * SHORT_UNITS_PER_SECOND) / 1000));
    return { jitter: Math.round(jitter), lastReport, delaySinceLastReport };
  }
}
