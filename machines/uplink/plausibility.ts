/**
 * What of a receiver's report can be so at all. It cannot lie about what it was not sent, nor twice about one packet, nor about what it
 * has not got yet. What is left it can lie about; then it is judged against the other legs, and harms itself.
 */
import type { Feedback } from './contract.ts';

/** A clock that shows so much less than before has been set. */
const SET_BACK_MS = 1000;
/** Packets that one report may tell of: what comes in 200 ms at 100 Mbit/s in full packets. */
const MOST_PACKETS = 2048;
/** The stamps of RFC 8888 count 1/1024 s. */
const STAMP_MS = 2;

/** What was not believed, by reason. */
export interface Disbelieved {
  /** It was not sent to this leg, or so long ago that it is forgotten. */
  neverSent: number;
  /** It came before it was sent, or after the report was written. */
  impossible: number;
  /** Whole reports: written before one that has come already. */
  stale: number;
  /** Whole reports: of more packets than any receiver gets. How many reports come is limited where they are read. */
  flood: number;
}

export class Plausibility {
  readonly disbelieved: Disbelieved = { neverSent: 0, impossible: 0, stale: 0, flood: 0 };
  #newestMs = Number.NEGATIVE_INFINITY;

  /** Whether a report may be looked at. */
  admits({ reportedAtMs, packets }: Feedback): boolean {
    if (packets.length > MOST_PACKETS || !Number.isFinite(reportedAtMs)) {
      this.disbelieved.flood += 1;
      return false;
    }
    // A clock that is set back by hand is another clock: it is one again when it has gone on for so long without the old one.
    // One report may be several datagrams, of one time.
    if (reportedAtMs < this.#newestMs && this.#newestMs - reportedAtMs < SET_BACK_MS) {
      this.disbelieved.stale += 1;
      return false;
    }
    this.#newestMs = reportedAtMs;
    return true;
  }

  /** Whether a packet can have arrived then: the time since, by the receiver's clock, is no longer than the time since it was sent. */
  allows({ atMs, reportedAtMs }: Feedback, arrivedAtMs: number, sentAtMs: number): boolean {
    const sinceMs = reportedAtMs - arrivedAtMs;
    const isPossible = sinceMs >= -STAMP_MS && sinceMs <= atMs - sentAtMs + STAMP_MS;
    if (!isPossible) this.disbelieved.impossible += 1;
    return isPossible;
  }
}
