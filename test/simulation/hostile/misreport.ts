/** A member whose reports of arrivals lie, each in one way: what it says is written as honest ones are, so that everybody reads it. */
import {
  type Arrival,
  type ArrivalReport,
  readArrivalReports,
  writeArrivalReport,
} from '../../../infra/rtcp/arrival-report.ts';

export const LIES = [
  'all came at once',
  'all came late',
  'nothing came',
  'every other came',
  'of other streams',
  'again and again',
  'a flood',
  'nothing is said',
  'the clock leaps',
] as const;
export type Lie = (typeof LIES)[number];

/** As long ago as reports wait on average, in ms. */
const HELD_MS = 25;
const FLOOD = 40;
const REMEMBERED = 20;
/** Of the short form of NTP's timestamps: a minute. */
const LEAP = 60 << 16;
const OTHER_SSRC = 0x1234_5678;

export class Misreporter {
  readonly #lie: Lie;
  readonly #said: Uint8Array[] = [];
  #reports = 0;

  constructor(lie: Lie) {
    this.#lie = lie;
  }

  /** What is sent in the place of an honest report. */
  say(honest: Uint8Array): readonly Uint8Array[] {
    this.#reports += 1;
    const arrivals = (change: (arrival: Arrival, index: number) => Arrival) =>
      rewritten(honest, (report) => ({
        ...report,
        streams: report.streams.map((stream) => ({ ...stream, arrivals: stream.arrivals.map(change) })),
      }));
    switch (this.#lie) {
      case 'all came at once':
        return arrivals(() => HELD_MS);
      case 'all came late':
        return arrivals((arrival) => (typeof arrival === 'number' ? 0 : arrival));
      case 'nothing came':
        return arrivals(() => 'missing');
      case 'every other came':
        return arrivals((arrival, index) => (index % 2 === 0 ? arrival : 'missing'));
      case 'of other streams':
        return rewritten(honest, (report) => ({
          ...report,
          streams: report.streams.map((stream) => ({ ...stream, ssrc: (stream.ssrc ^ OTHER_SSRC) >>> 0 })),
        }));
      case 'again and again':
        this.#said.push(honest);
        return [honest, ...this.#said.splice(0, Math.max(0, this.#said.length - REMEMBERED)), ...this.#said];
      case 'a flood':
        return Array.from({ length: FLOOD }, () => honest);
      case 'nothing is said':
        return [];
      case 'the clock leaps': {
        const leap = this.#reports % 2 === 0 ? LEAP : 0;
        return rewritten(honest, (report) => ({ ...report, shortNtp: (report.shortNtp + leap) >>> 0 }));
      }
    }
  }
}

function rewritten(datagram: Uint8Array, change: (report: ArrivalReport) => ArrivalReport): Uint8Array[] {
  return readArrivalReports(datagram).map((report) => writeArrivalReport(change(report)));
}
