/**
 * The packets of one stream that are missing before later ones that have come: since when, by which way they should have come,
 * whether that way has lost them, and when to ask whom for them. Pure: the time is given.
 */

import { Allowance } from '../../../machines/hearing/allowance.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { SLICE_COUNT } from '../../../machines/slices.ts';
import { DEAD_WAY_MS, type Patience, SWAP_MS } from './patience.ts';

/** Each time a packet is asked for fails at 10 % loss there and back once in ten. */
const MOST_ASKS = 5;

/** Of packets that nobody waits for any more: when so many of them were asked for is remembered, since their answers tell how far away they are. */
const MOST_GIVEN_UP = 32;

/** What may be asked of one stream: half of 10 Mbit/s in full packets; at once, half a second of it. */
const ASKS = { burst: 512, perSecond: 512 };

interface Gap {
  readonly noticedMs: number;
  /** By which way it should have come; undefined where that is not known. */
  readonly way: PeerId | undefined;
  /** Since when it is known to be lost: a later packet has come the same way. */
  lostMs: number | undefined;
  /** When it was asked for, and of whom the last time. */
  readonly askedMs: number[];
  askedOf: PeerId | undefined;
  /** Not to be asked for before that. */
  notBeforeMs: number;
}

export class Missing {
  readonly #patience: Patience;
  readonly #allowance = new Allowance(ASKS);
  /** By extended sequence number, in ascending order. */
  readonly #gaps = new Map<number, Gap>();
  /** Given up though they were asked for. */
  readonly #givenUp = new Map<number, Gap>();
  /** By which way the newest packet of each slice came, and its number. */
  readonly #ways = new Array<PeerId | undefined>(SLICE_COUNT).fill(undefined);
  readonly #newest = new Array<number>(SLICE_COUNT).fill(Number.NEGATIVE_INFINITY);

  #highest: number;
  /** By which way that came. */
  #newestWay: PeerId;
  /** When a slice has come by another way than before. */
  #changedMs = Number.NEGATIVE_INFINITY;

  /** @param first the number that has come first, by `way` */
  constructor(patience: Patience, first: number, way: PeerId) {
    this.#patience = patience;
    this.#highest = first;
    this.#newestWay = way;
    this.#noteWay(first, way, Number.NEGATIVE_INFINITY);
  }

  get size(): number {
    return this.#gaps.size;
  }

  /** The highest number that has come. */
  get highest(): number {
    return this.#highest;
  }

  /** A packet has come by `way`. Returns whether it is one that had been asked for. */
  arrived(sequence: number, way: PeerId, nowMs: number): boolean {
    for (let number = this.#highest + 1; number < sequence; number++) this.#notice(number, way, nowMs);
    if (sequence > this.#highest) {
      this.#highest = sequence;
      this.#newestWay = way;
    }
    this.#noteWay(sequence, way, nowMs);
    const gap = this.#gaps.get(sequence);
    this.#gaps.delete(sequence);
    // Where nothing later has come by its way, that is only slower, be it that somebody was asked meanwhile.
    const isSlower = gap?.way === way && gap.lostMs === undefined;
    if (gap !== undefined && (gap.askedOf === undefined || isSlower))
      this.#patience.cameLate(nowMs - gap.noticedMs, nowMs);
    if (gap?.askedOf !== undefined) {
      if (gap.askedOf === way) this.#learnAnswer(gap, way, nowMs);
      return true;
    }
    for (const [number, { way: expected }] of this.#gaps) {
      if (number < sequence && expected === way) this.#lose(number, nowMs);
    }
    return false;
  }

  /** Nobody waits for it any more. */
  giveUp(sequence: number): void {
    const gap = this.#gaps.get(sequence);
    this.#gaps.delete(sequence);
    if (gap?.askedOf === undefined) return;
    this.#givenUp.set(sequence, gap);
    for (const oldest of this.#givenUp.keys()) {
      if (this.#givenUp.size <= MOST_GIVEN_UP) break;
      this.#givenUp.delete(oldest);
    }
  }

  /** One that nobody waits for any more has come: whom it was asked of is further away than was thought. */
  cameTooLate(sequence: number, way: PeerId, nowMs: number): void {
    const gap = this.#givenUp.get(sequence);
    this.#givenUp.delete(sequence);
    if (gap?.askedOf === way) this.#learnAnswer(gap, way, nowMs);
  }

  #learnAnswer({ askedMs }: Gap, way: PeerId, nowMs: number): void {
    this.#patience.roundTrip(way).answered(askedMs.map((ms) => nowMs - ms));
  }

  /** Until when to wait for a missing packet. */
  deadlineMs(sequence: number, nowMs: number): number {
    const gap = this.#gaps.get(sequence);
    if (gap === undefined) return nowMs;
    const { noticedMs, lostMs, way } = gap;
    const { longestMs } = this.#patience;
    // What a way has swallowed that was left comes again along the new one, before and between what is new.
    if (noticedMs - this.#changedMs < DEAD_WAY_MS) return noticedMs + longestMs;
    // Of a way that never was there is nothing to wait for either: the stream begins with what comes.
    const sinceMs = lostMs ?? (way === undefined ? noticedMs : undefined);
    if (sinceMs === undefined) return noticedMs + longestMs;
    return Math.min(noticedMs + longestMs, sinceMs + this.#patience.repairMs(way, nowMs));
  }

  /** Which packets to ask for now, by whom to ask; they count as asked for. */
  due(nowMs: number): Map<PeerId, number[]> {
    const asked = new Map<PeerId, number[]>();
    const overdueMs = this.#patience.overdueMs(nowMs);
    for (const [sequence, gap] of this.#gaps) {
      if (askAtMs(gap, overdueMs) > nowMs) continue;
      const way = this.#toAsk(sequence, gap, nowMs);
      gap.notBeforeMs = nowMs + (way === undefined ? overdueMs : this.#patience.roundTrip(way).retryMs);
      if (way === undefined || !this.#allowance.take(1, nowMs)) continue;
      gap.askedMs.push(nowMs);
      gap.askedOf = way;
      const sequences = asked.get(way);
      if (sequences === undefined) asked.set(way, [sequence]);
      else sequences.push(sequence);
    }
    return asked;
  }

  /**
   * The way of the packet's slice. Where that shows nothing more, and others have been left lately or it has not answered, it may be dead,
   * and so few packets may come that none of this slice has shown the new one yet: then whoever shows the newest. A relay that has
   * not got it asks the owner.
   */
  #toAsk(sequence: number, { way, lostMs, askedMs }: Gap, nowMs: number): PeerId | undefined {
    const isSilent = lostMs === undefined && (askedMs.length > 0 || nowMs - this.#changedMs < DEAD_WAY_MS);
    return isSilent ? this.#newestWay : (this.#ways[sliceOf(sequence)] ?? way);
  }

  /** When something is to be asked for next; infinity: never. */
  nextAskMs(nowMs: number): number {
    const overdueMs = this.#patience.overdueMs(nowMs);
    let next = Number.POSITIVE_INFINITY;
    for (const gap of this.#gaps.values()) next = Math.min(next, askAtMs(gap, overdueMs));
    return next;
  }

  #noteWay(sequence: number, way: PeerId, nowMs: number): void {
    const slice = sliceOf(sequence);
    if (sequence < (this.#newest[slice] ?? 0)) return;
    this.#newest[slice] = sequence;
    if (this.#ways[slice] !== undefined && this.#ways[slice] !== way) this.#changedMs = nowMs;
    this.#ways[slice] = way;
  }

  /** Its way has shown a later one. */
  #lose(sequence: number, nowMs: number): void {
    const gap = this.#gaps.get(sequence);
    if (gap !== undefined) gap.lostMs ??= nowMs;
  }

  #notice(sequence: number, newestWay: PeerId, nowMs: number): void {
    const way = this.#ways[sliceOf(sequence)] ?? this.#onlyWay(newestWay);
    const unasked = { askedMs: [], askedOf: undefined, notBeforeMs: nowMs };
    this.#gaps.set(sequence, { noticedMs: nowMs, way, lostMs: undefined, ...unasked });
  }

  /** The way of slices of which nothing has come yet, where all others come by one. */
  #onlyWay(newestWay: PeerId): PeerId | undefined {
    return this.#ways.every((way) => way === undefined || way === newestWay) ? newestWay : undefined;
  }
}

/** @param overdueMs after how long somebody is asked where its way shows nothing */
function askAtMs({ askedMs, notBeforeMs, lostMs, noticedMs }: Gap, overdueMs: number): number {
  if (askedMs.length >= MOST_ASKS) return Number.POSITIVE_INFINITY;
  const firstMs = Math.min(lostMs === undefined ? Number.POSITIVE_INFINITY : lostMs + SWAP_MS, noticedMs + overdueMs);
  return Math.max(firstMs, notBeforeMs);
}

function sliceOf(sequence: number): number {
  return sequence & (SLICE_COUNT - 1);
}
