/**
 * Which of the streams that come to one port is the one that is taken: told by SSRC, sequence number, timestamp and rhythm
 * together.
 *
 * - What goes on with the run that is taken is taken, also after seconds of silence.
 * - A new run under the same SSRC is a restart: it is taken at once.
 * - A new run under another SSRC is taken once the one before has been silent for longer than it ever was.
 * - A run that went on beside the one that is taken is a second sender: it is kept out until the other has surely ended.
 * - What comes late of the run before a restart is left out: it takes nothing back, nor does a single packet.
 * - Who turns out to have only paused when another took over gets its place back. So two never alternate.
 */
import { Track } from '../rtp/track.ts';

/** The least silence, in ms, after which another may take over: longer than a frame, shorter than the restart of a program. */
const LEAST_SILENCE_MS = 250;
/** The most, in ms: what takes over too soon gives the place back, so a restart need not wait for longer. */
const MOST_SILENCE_MS = 3000;
/** The same for who has run beside it, which would play in between; who is silent for longer is forgotten. */
const MOST_SILENCE_BESIDE_MS = 10_000;
/** How much longer than its longest pause so far a stream may be silent without having ended. */
const PAUSE_FACTOR = 2;
/** Runs that are remembered beside the one that is taken; anybody can make up any number of them. */
const MAX_OTHERS = 64;

export interface StreamChoiceOptions {
  /** Ticks of the timestamp in a second. */
  readonly clockRate: number;
  /** For how long, in ms, such a stream may be silent without having ended, though another has run beside it. */
  readonly usualPauseMs: number;
}

/** `began`: the first packet of a run that is taken. `other`: of one that is not. `late`: of the one before a restart. */
export type Choice = 'continued' | 'began' | 'other' | 'late';

export class StreamChoice {
  readonly #options: StreamChoiceOptions;
  #taken: Track | undefined;
  /** The newest last. */
  #others: Track[] = [];
  /** Who gave way to a newcomer, and may have only paused; and whether it has gone on since. */
  #displaced: Track | undefined;
  #displacedWentOn = false;

  constructor(options: StreamChoiceOptions) {
    this.#options = options;
  }

  /** Of the run that is taken; undefined before the first. */
  get takenSsrc(): number | undefined {
    return this.#taken?.ssrc;
  }

  /** Whether a packet goes on with the run that is taken. */
  goesOn(packet: Uint8Array, nowMs: number): boolean {
    return this.#taken?.fits(packet, nowMs) ?? false;
  }

  /** @param packet with a whole header */
  choose(packet: Uint8Array, nowMs: number): Choice {
    if (this.#taken?.fits(packet, nowMs)) {
      this.#taken.take(packet, nowMs);
      return 'continued';
    }
    this.#others = this.#others.filter(({ atMs }) => nowMs - atMs < MOST_SILENCE_BESIDE_MS).slice(-MAX_OTHERS);
    const known = this.#others.find((track) => track.fits(packet, nowMs));
    if (known !== undefined && this.#isLate(known, packet, known.take(packet, nowMs))) return 'late';
    const track = known ?? new Track(packet, nowMs, this.#options.clockRate);
    if (this.#takesOver(track, known === undefined, nowMs)) {
      this.#take(track);
      return 'began';
    }
    if (known === undefined) this.#others.push(track);
    return 'other';
  }

  /** Whether a packet of a run beside is one that was sent before the run that is taken began, under the same SSRC. */
  #isLate(track: Track, packet: Uint8Array, isNewest: boolean): boolean {
    if (track.ssrc !== this.#taken?.ssrc) return false;
    if (!isNewest || this.#taken.isAfter(packet)) return true;
    if (track !== this.#displaced || this.#displacedWentOn) return false;
    this.#displacedWentOn = true;
    return true;
  }

  #take(track: Track): void {
    const before = this.#taken;
    this.#others = this.#others.filter((other) => other !== track);
    if (before !== undefined) this.#others.push(before);
    const maybePaused = before !== undefined && track !== this.#displaced && !ranBeside(track, before);
    this.#displaced = maybePaused ? before : undefined;
    this.#displacedWentOn = false;
    this.#taken = track;
  }

  #takesOver(track: Track, isNew: boolean, nowMs: number): boolean {
    const taken = this.#taken;
    if (taken === undefined || track === this.#displaced) return true;
    if (isNew && track.ssrc === taken.ssrc) return true;
    if (!taken.isEstablished && track.isEstablished) return true;
    return nowMs - taken.atMs >= this.#silenceBefore(track, taken);
  }

  /** After how long a silence of the one that is taken, in ms, this one may take over. */
  #silenceBefore(track: Track, taken: Track): number {
    if (!taken.isEstablished) return LEAST_SILENCE_MS;
    const rhythmMs = PAUSE_FACTOR * taken.longestPauseMs;
    if (!ranBeside(track, taken)) return Math.min(MOST_SILENCE_MS, Math.max(LEAST_SILENCE_MS, rhythmMs));
    return Math.min(MOST_SILENCE_BESIDE_MS, Math.max(this.#options.usualPauseMs, rhythmMs));
  }
}

/** Whether the other was still heard when this one had begun. */
function ranBeside(track: Track, other: Track): boolean {
  return other.atMs > track.firstAtMs;
}
