/**
 * The packets of one stream that are missing before later ones that have come: since when, by which way they should have come,
 * whether that way has lost them, and when to ask whom for them. Pure: the time is given.
 */
import type { PeerId } from '../../machines/messages.ts';
import { Allowance } from '../../machines/hearing/allowance.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';
import { type Patience, SWAP_MS } from './patience.ts';

/** Each time a packet is asked for fails at 10 % loss there and back once in ten. */
const MOST_ASKS = 5;

/** So long after later packets of other ways even a way that shows nothing is asked: it may have lost the end of a stream. */
const OVERDUE_MS = 100;

/** What may be asked of one stream: half of 10 Mbit/s in full packets; at once, half a second of it. */
const ASKS = { burst: 512, perSecond: 512 };

interface Gap {
  readonly noticedMs: number;
  /** By which way it should have come; undefined where that is not known. */
  readonly way: PeerId | undefined;
  /** Since when it is known to be lost: a later packet has come the same way. */
  lostMs: number | undefined;
  asks: number;
  askedMs: number;
}

export class Missing {
  readonly #patience: Patience;
  readonly #allowance = new Allowance(ASKS);
  /** By extended sequence number, in ascending order. */
  readonly #gaps = new Map<number, Gap>();
  /** By which way the newest packet of each slice came. */
  readonly #ways = new Array<PeerId | undefined>(SLICE_COUNT).fill(undefined);

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  get size(): number {
    return this.#gaps.size;
  }

  has(sequence: number): boolean {
    return this.#gaps.has(sequence);
  }

  /** A packet has come by `way` that is newer than all before: those from `after` on up to it are missing. */
  newest(sequence: number, after: number, way: PeerId, nowMs: number): void {
    for (let number = after + 1; number < sequence; number++) this.#notice(number, way, nowMs);
    this.#ways[sliceOf(sequence)] = way;
    this.seen(sequence, way, nowMs);
  }

  /** A packet has come by `way`: what should have come before it that way is lost. */
  seen(sequence: number, way: PeerId, nowMs: number): void {
    for (const [number, gap] of this.#gaps) {
      if (number < sequence && gap.way === way) gap.lostMs ??= nowMs;
    }
  }

  /** A missing packet has come. Returns whether it was one that had been asked for. */
  filled(sequence: number, nowMs: number): boolean {
    const gap = this.#gaps.get(sequence);
    if (gap === undefined) return false;
    this.#gaps.delete(sequence);
    if (gap.asks === 0) this.#patience.cameLate(nowMs - gap.noticedMs, nowMs);
    // After a second NACK nobody knows which was answered (Karn's algorithm, RFC 6298 section 3).
    if (gap.asks === 1) this.#patience.answered(nowMs - gap.askedMs);
    return gap.asks > 0;
  }

  /** Nobody waits for it any more. */
  giveUp(sequence: number): void {
    this.#gaps.delete(sequence);
  }

  /** Until when to wait for a missing packet. */
  deadlineMs(sequence: number, nowMs: number): number {
    const gap = this.#gaps.get(sequence);
    if (gap === undefined) return nowMs;
    const { noticedMs, lostMs, way } = gap;
    const { longestMs } = this.#patience;
    // Of a way that never was there is nothing to wait for either: the stream begins with what comes.
    const sinceMs = lostMs ?? (way === undefined ? noticedMs : undefined);
    if (sinceMs === undefined) return noticedMs + longestMs;
    return Math.min(noticedMs + longestMs, sinceMs + this.#patience.repairMs(nowMs));
  }

  /** Which packets to ask for now, by whom to ask; they count as asked for. */
  due(nowMs: number): Map<PeerId, number[]> {
    const asked = new Map<PeerId, number[]>();
    for (const [sequence, gap] of this.#gaps) {
      if (askAtMs(gap, this.#patience) > nowMs) continue;
      gap.askedMs = nowMs;
      const way = this.#ways[sliceOf(sequence)] ?? gap.way;
      if (way === undefined || !this.#allowance.take(1, nowMs)) continue;
      gap.asks++;
      const sequences = asked.get(way);
      if (sequences === undefined) asked.set(way, [sequence]);
      else sequences.push(sequence);
    }
    return asked;
  }

  /** When something is to be asked for next; infinity: never. */
  nextAskMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const gap of this.#gaps.values()) next = Math.min(next, askAtMs(gap, this.#patience));
    return next;
  }

  #notice(sequence: number, newestWay: PeerId, nowMs: number): void {
    const way = this.#ways[sliceOf(sequence)] ?? this.#onlyWay(newestWay);
    this.#gaps.set(sequence, { noticedMs: nowMs, way, lostMs: undefined, asks: 0, askedMs: Number.NEGATIVE_INFINITY });
  }

  /** The way of slices of which nothing has come yet, where all others come by one. */
  #onlyWay(newestWay: PeerId): PeerId | undefined {
    return this.#ways.every((way) => way === undefined || way === newestWay) ? newestWay : undefined;
  }
}

function askAtMs({ asks, askedMs, lostMs, noticedMs }: Gap, patience: Patience): number {
  if (asks >= MOST_ASKS) return Number.POSITIVE_INFINITY;
  const firstMs = Math.min(lostMs === undefined ? Number.POSITIVE_INFINITY : lostMs + SWAP_MS, noticedMs + OVERDUE_MS);
  return Math.max(firstMs, askedMs + patience.retryMs);
}

function sliceOf(sequence: number): number {
  return sequence & (SLICE_COUNT - 1);
}
