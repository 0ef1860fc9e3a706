/**
 * Whether somebody who takes a phone's media has shown that it wants them, where all that is known of the address is a word of the caller
 * and packets that say to come from there. Anybody can write both. Pure: the time and chance are given.
 */
import { ntpWords, shortNtp } from '../../infra/rtcp/ntp.ts';

/** As many bytes go there as come from there, three times (RFC 9000 section 8.1 has that rule): nobody is flooded for less than a flood. */
const FOR_EACH_BYTE = 3;
/** And so many more, so that there is a picture to report on, and to ask for: three packets. */
const FIRST_BYTES = 3600;
/** Our reports there tell the time wrong by up to so much, in ms: who names one has read it. As many tries as nobody guesses it in. */
const SPREAD_MS = 32;
const MOST_WRONG = 4;
/** Reports that a phone may be late to answer. */
const MOST_REMEMBERED = 8;

export class MediaProof {
  readonly #random: () => number;
  #host: string | null = null;
  #heardBytes = 0;
  #sentBytes = 0;
  #reports: number[] = [];
  #wrong = 0;
  #isGiven = false;

  /** @param random as {@link Math.random}, and unguessable */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** It is about this host from now on; another one has shown nothing. */
  follow(host: string | null): void {
    if (host === this.#host) return;
    this.#host = host;
    [this.#heardBytes, this.#sentBytes, this.#wrong, this.#isGiven] = [0, 0, 0, false];
    this.#reports = [];
  }

  heard(bytes: number): void {
    this.#heardBytes += bytes;
  }

  /** Whether so much may be sent there; then it counts as sent. */
  takes(bytes: number): boolean {
    if (this.#isGiven) return true;
    if (this.#sentBytes + bytes > FIRST_BYTES + FOR_EACH_BYTE * this.#heardBytes) return false;
    this.#sentBytes += bytes;
    return true;
  }

  /** The moment that a report there is to tell, which is this one once it has proved itself. */
  momentOf(unixMs: number): number {
    if (this.#isGiven) return unixMs;
    const told = unixMs + (2 * this.#random() - 1) * SPREAD_MS;
    const { seconds, fraction } = ntpWords(told);
    this.#reports = [...this.#reports, shortNtp(seconds, fraction)].slice(-MOST_REMEMBERED);
    return told;
  }

  /** It names a report of ours; 0: none. @returns whether that is the proof */
  echoed(report: number): boolean {
    if (this.#isGiven || report === 0 || this.#wrong >= MOST_WRONG) return false;
    if (this.#reports.includes(report)) this.#isGiven = true;
    else this.#wrong++;
    return this.#isGiven;
  }
}
