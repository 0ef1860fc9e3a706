/**
 * One run of a sender: packets under one SSRC whose sequence numbers and timestamps go on from each other. Tells whether a
 * packet belongs to the run or to another, and what rhythm the run has.
 */
import { readSequence, readSsrc, readTimestamp } from './header.ts';
import { nextSequence, sequenceDistance } from './sequence.ts';

/** A jump of the sequence number beyond these is a new start and no loss or late arrival (RFC 3550 appendix A.1). */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

/** Timestamps are ahead of the time that has passed by no more than this, in ms: what an encoder hands over at once. */
const MAX_AHEAD_MS = 2000;
/** Pictures that are sent before those they are shown after, in ms: 16 of them at 8 a second. */
const MAX_BACK_MS = 2000;
/** What is late, or goes back in time, follows the newest packet within this, in ms: later, it is a new start. */
const MAX_LATE_MS = 500;
/** Timestamps that go back while numbers leap ahead by more than this are a new start: no pictures in between were lost. */
const MAX_LEAP_BACK = 64;
/**
 * So many packets one behind the other, all under numbers that have come before, are a new start if they take longer than this, in
 * ms: at once come copies. What was lost before us and has been got again comes at once too, but under numbers that have not come.
 */
const MAX_LATE_RUN = 3;
const LEAST_LATE_RUN_MS = 50;
/** Of so many numbers it is known whether they have come; more than are ever looked at. */
const REMEMBERED = 128;
/** So many packets one behind the other are no accident (RFC 3550 appendix A.1, MIN_SEQUENTIAL). */
const SEQUENTIAL = 2;

export class Track {
  readonly ssrc: number;
  readonly firstAtMs: number;
  readonly #clockRate: number;
  /** Of the newest packet. */
  #sequence: number;
  #timestamp: number;
  #atMs: number;
  #longestPauseMs = 0;
  #inOrder = 1;
  readonly #firstSequence: number;
  /** By their lowest bits, the numbers that came last. */
  readonly #came = new Int32Array(REMEMBERED).fill(-1);
  /** The number that would go on with what has come before, how many have so far, and since when. */
  #againNext = 0;
  #againRun = 0;
  #againSinceMs = 0;

  /** @param packet the run's first, with a whole header */
  constructor(packet: Uint8Array, nowMs: number, clockRate: number) {
    this.ssrc = readSsrc(packet);
    this.firstAtMs = nowMs;
    this.#clockRate = clockRate;
    this.#firstSequence = readSequence(packet);
    this.#sequence = this.#firstSequence;
    this.#timestamp = readTimestamp(packet);
    this.#atMs = nowMs;
    this.#remember(this.#firstSequence);
  }

  /** When the newest packet came, in ms. */
  get atMs(): number {
    return this.#atMs;
  }

  /** The longest time between two packets so far, in ms: a voice that pauses has paused before. */
  get longestPauseMs(): number {
    return this.#longestPauseMs;
  }

  /** Whether packets have followed each other: a single one is no stream. */
  get isEstablished(): boolean {
    return this.#inOrder >= SEQUENTIAL;
  }

  /** Whether the packet goes on with the run: by its SSRC, its number, its timestamp, and the time that has passed. */
  fits(packet: Uint8Array, nowMs: number): boolean {
    if (readSsrc(packet) !== this.ssrc) return false;
    const ahead = sequenceDistance(this.#sequence, readSequence(packet));
    const passedMs = nowMs - this.#atMs;
    const mediaMs = (((readTimestamp(packet) - this.#timestamp) | 0) * 1000) / this.#clockRate;
    if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER || mediaMs > passedMs + MAX_AHEAD_MS) return false;
    if (ahead > 0 && mediaMs >= 0) return true;
    if (passedMs > MAX_LATE_MS || mediaMs < -MAX_BACK_MS || ahead > MAX_LEAP_BACK) return false;
    return ahead > 0 || !this.#startsAnew(readSequence(packet), nowMs);
  }

  /** Whether the packet has a number shortly before the first of this run: it comes from the time before, and late. */
  isAfter(packet: Uint8Array): boolean {
    if (readSsrc(packet) !== this.ssrc) return false;
    const ahead = sequenceDistance(this.#firstSequence, readSequence(packet));
    return ahead < 0 && ahead >= -MAX_MISORDER;
  }

  /** Goes on with a packet that fits. @returns whether it is the newest now, not one that comes late or again */
  take(packet: Uint8Array, nowMs: number): boolean {
    const sequence = readSequence(packet);
    const again = this.#hasCome(sequence);
    this.#remember(sequence);
    if (sequenceDistance(this.#sequence, sequence) > 0) {
      this.#longestPauseMs = Math.max(this.#longestPauseMs, nowMs - this.#atMs);
      this.#sequence = sequence;
      this.#timestamp = readTimestamp(packet);
      this.#atMs = nowMs;
      this.#inOrder++;
      this.#againRun = 0;
      return true;
    }
    if (!again) return false;
    if (this.#againRun === 0 || sequence !== this.#againNext) {
      this.#againRun = 0;
      this.#againSinceMs = nowMs;
    }
    this.#againRun++;
    this.#againNext = nextSequence(sequence);
    return false;
  }

  #startsAnew(sequence: number, nowMs: number): boolean {
    if (this.#againRun < MAX_LATE_RUN || sequence !== this.#againNext || !this.#hasCome(sequence)) return false;
    return nowMs - this.#againSinceMs >= LEAST_LATE_RUN_MS;
  }

  #hasCome(sequence: number): boolean {
    return this.#came[sequence % REMEMBERED] === sequence;
  }

  #remember(sequence: number): void {
    this.#came[sequence % REMEMBERED] = sequence;
  }
}
