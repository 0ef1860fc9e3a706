/** What has come under one SSRC of whoever feeds a stream of ours, as reports tell it (RFC 3550 section 6.4.1, appendix A.3). */
import type { ReportBlock } from '../../../infra/rtcp/reception-report.ts';
import { extendSequence } from '../../../infra/rtp/sequence.ts';

export class FeedReception {
  readonly ssrc: number;
  readonly #first: number;
  #highest: number;
  #received = 0;
  /** Up to the last report. */
  #expectedBefore = 0;
  #receivedBefore = 0;

  /** @param first the number of the packet that comes first */
  constructor(ssrc: number, first: number) {
    this.ssrc = ssrc;
    this.#first = first;
    this.#highest = first;
  }

  /** A packet has come. @returns its extended sequence number */
  arrived(sequence: number): number {
    const extended = extendSequence(this.#highest, sequence);
    this.#highest = Math.max(this.#highest, extended);
    this.#received++;
    return extended;
  }

  /** What a report says of it; it counts as said. */
  block(measured: Pick<ReportBlock, 'jitter' | 'lastReport' | 'delaySinceLastReport'>): ReportBlock {
    const expected = this.#highest - this.#first + 1;
    const due = expected - this.#expectedBefore;
    const lost = due - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return {
      ssrc: this.ssrc,
      fractionLost: due <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost / due) * 256)),
      packetsLost: Math.max(0, expected - this.#received),
      highestSequence: this.#highest,
      ...measured,
    };
  }
}
