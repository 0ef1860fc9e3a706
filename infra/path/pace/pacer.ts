/**
 * Sends the main thread's video at the uplink's pace. A key frame of many packets to many receivers is spread over the time that the
 * uplink takes for it; without this the first full queue on the way drops part of it. Audio does not wait. A full send buffer is a
 * short wait too.
 */
import { readSsrcKey } from '../../rtp/header.ts';
import { destinationsOf } from '../decision/decision.ts';
import type { CompiledTable, StreamEntry } from '../table/table.ts';
import type { Pace } from './pace.ts';
import { Turns } from './turns.ts';

/**
 * Video that has waited for so long leaves no more: a slide of 96 kB takes 1.3 s at 0.6 Mbit/s; who waits longer than this sends more
 * than there is upload for. In ms.
 */
export const MOST_WAIT_MS = 2000;
/** So many packets wait at most: a second of 100 Mbit/s, in some 12 MB. */
export const MOST_WAITING = 8192;
/** The least wait for a timer, and for room in the send buffer, in ms. */
const RETRY_MS = 2;

interface Waiting {
  readonly packet: Uint8Array;
  readonly sinceMs: number;
  readonly forwarded: boolean;
  /** For the clear legs of its stream. */
  readonly isClear: boolean;
}

export interface PacerOptions {
  readonly pace: Pace;
  readonly now: () => number;
  /** The table in force when a packet leaves, which may be another one than when it came. */
  readonly compiled: () => CompiledTable;
  /** @returns false where the send buffer is full, and nothing was sent */
  readonly send: (packet: Uint8Array, stream: StreamEntry, forwarded: boolean) => boolean;
  /** So many copies will not be sent. */
  readonly dropped: (copies: number) => void;
  /** Calls `go` once after so long, unless the returned function is called before. */
  readonly wake?: (go: () => void, ms: number) => () => void;
}

const wakeByTimer = (go: () => void, ms: number): (() => void) => {
  const timer = setTimeout(go, ms);
  return () => clearTimeout(timer);
};

export class Pacer {
  readonly #options: PacerOptions;
  readonly #waiting = new Turns<Waiting>();
  /** Ends the wait for the next turn. */
  #endWait: (() => void) | null = null;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /**
   * Sends a packet now, or when its turn comes.
   *
   * @param forwarded whether it is another peer's; its bytes stay as they are then, own ones are copied
   * @param isClear whether `stream` is the clear legs of one
   */
  offer(packet: Uint8Array, stream: StreamEntry, forwarded: boolean, isClear = false): void {
    const { pace, now } = this.#options;
    const nowMs = now();
    const isFree = this.#waiting.size === 0 && pace.waitMs(nowMs) <= 0;
    if ((stream.audio || isFree) && this.#send(packet, stream, forwarded, nowMs)) return;
    if (stream.audio) {
      this.#options.dropped(destinationsOf(stream, packet).length);
      return;
    }
    if (this.#waiting.size === MOST_WAITING) this.#makeRoom();
    this.#waiting.add(readSsrcKey(packet), {
      packet: forwarded ? packet : new Uint8Array(packet),
      sinceMs: nowMs,
      ...{ forwarded, isClear },
    });
    this.#awaitTurn(nowMs);
  }

  /** For how long the packet has waited whose turn it is, in ms; 0: none waits. */
  get waitedMs(): number {
    const first = this.#waiting.first();
    return first === undefined ? 0 : this.#options.now() - first.sinceMs;
  }

  /** What waits is not sent any more. */
  stop(): void {
    this.#endWait?.();
    this.#endWait = null;
    while (this.#waiting.take() !== undefined);
  }

  #go(): void {
    this.#endWait = null;
    const { pace, now, dropped } = this.#options;
    const nowMs = now();
    for (let first = this.#waiting.first(); first !== undefined; first = this.#waiting.first()) {
      const stream = this.#streamOf(first);
      const isLate = nowMs - first.sinceMs > MOST_WAIT_MS;
      if (stream !== undefined && !isLate) {
        if (pace.waitMs(nowMs) > 0 || !this.#send(first.packet, stream, first.forwarded, nowMs)) break;
      } else if (stream !== undefined) dropped(destinationsOf(stream, first.packet).length);
      this.#waiting.take();
    }
    if (this.#waiting.size > 0) this.#awaitTurn(nowMs);
  }

  #makeRoom(): void {
    const waiting = this.#waiting.dropFromLongest();
    const stream = waiting && this.#streamOf(waiting);
    if (waiting && stream) this.#options.dropped(destinationsOf(stream, waiting.packet).length);
  }

  #streamOf({ packet, isClear }: Waiting): StreamEntry | undefined {
    const stream = this.#options.compiled().streams.get(readSsrcKey(packet));
    return isClear ? (stream?.clear ?? undefined) : stream;
  }

  #awaitTurn(nowMs: number): void {
    const { pace, wake = wakeByTimer } = this.#options;
    this.#endWait ??= wake(() => this.#go(), Math.max(RETRY_MS, pace.waitMs(nowMs)));
  }

  #send(packet: Uint8Array, stream: StreamEntry, forwarded: boolean, nowMs: number): boolean {
    if (!this.#options.send(packet, stream, forwarded)) return false;
    this.#options.pace.spend(packet.length * destinationsOf(stream, packet).length, nowMs);
    return true;
  }
}
