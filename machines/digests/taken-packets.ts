/**
 * Whether the packets that were played of one stream are those that its source has sent: they are held against what the source says, four
 * times a second, of each packet. Packets and what is said of them may come in any order, late or not at all. Pure: the time is given.
 */
import { DELAYS } from '../timers.ts';
import { type ToldPacket, ToldPackets } from './told-packets.ts';

/** Of packets that nothing is known of yet; as many as 30 Mbit/s bring until it is given up to ask. */
const MOST_PENDING = 8192;
/** Of what a source has told: with 128 packets each, of {@link DELAYS.digestsListed} at 120 Mbit/s. */
const MOST_LISTED = 512;
/** Further apart than this two numbers are not: the source has been out of reach for a quarter of a minute. */
const MOST_AHEAD = 64;
/** Ways become slower, and clocks drift: so much is forgotten with each digest of how fast packets came once, in ms. */
const FORGOTTEN_MS = 5;

/** What a source has said. */
export interface Told {
  readonly number: number;
  /** By the source's clock. */
  readonly writtenMs: number;
  /** The highest index that it has sent by then. */
  readonly highest: number;
  readonly packets: readonly ToldPacket[];
}

/** What has been found of packets. `unchecked`: nothing, though their source was asked. */
export type Finding<H> =
  | { readonly hop: H; readonly finding: 'genuine' | 'unchecked'; readonly packets: number }
  /** Under these indices came what the source has not sent: what it sends under them may still come. */
  | { readonly hop: H; readonly finding: 'forged'; readonly indices: readonly number[] };

interface Taken<H> {
  readonly index: number;
  readonly digest: number;
  readonly hop: H;
  readonly atMs: number;
}

interface Listed {
  readonly untilMs: number;
  readonly packets: ToldPackets;
}

/** @typeParam H who brought a packet */
export class TakenPackets<H> {
  /** Packets that the source has not told of, the oldest first. */
  #pending: Taken<H>[] = [];
  /** What it has told, the oldest first. */
  readonly #listed: Listed[] = [];
  /** Of no packet above this has it told. */
  #highestTold = -1;
  /** Up to this one nothing is missing that it has told; undefined: it has told nothing. */
  #number: number | undefined;
  /** That one was written at this time; undefined: it has not come yet, and was asked for. */
  #writtenMs: number | undefined;
  /** Those that have come before one that is missing, by number. */
  readonly #ahead = new Map<number, Told>();
  /** Packets up to this index may have been told of where we did not hear it, or have been forgotten: they are not judged. */
  #unknownUpTo = -1;
  /** Since when nothing is missing that was told. */
  #begunMs = Number.POSITIVE_INFINITY;
  /**
   * What comes now was sent before this on the source's clock, beside ours: as far as it shows by packets that it has told of, and by the
   * telling itself.
   */
  #aheadMs = Number.NEGATIVE_INFINITY;
  #askedMs = Number.NEGATIVE_INFINITY;
  #gapMs: number | undefined;

  /** Whether this one has been told already. */
  knows(number: number): boolean {
    return this.#number !== undefined && (number <= this.#number || this.#ahead.has(number));
  }

  /** Whether a packet comes so late that nobody knows any more whether its source has sent it: no player waits for it. */
  isTooLate(index: number, nowMs: number): boolean {
    if (index > this.#unknownUpTo || nowMs - this.#begunMs < DELAYS.digestPatience) return false;
    return this.#digestOf(index) === undefined;
  }

  /** A packet has been played. */
  take(index: number, digest: number, hop: H, nowMs: number): Finding<H>[] {
    const told = this.#digestOf(index);
    if (told === digest) return [{ hop, finding: 'genuine', packets: 1 }];
    if (told !== undefined) return [{ hop, finding: 'forged', indices: [index] }];
    this.#pending.push({ index, digest, hop, atMs: nowMs });
    return this.#pending.length > MOST_PENDING ? this.#giveUp(1) : [];
  }

  /** The source has told this. */
  told(told: Told, nowMs: number): Finding<H>[] {
    if (this.knows(told.number)) return [];
    this.#aheadMs = Math.max(this.#aheadMs - FORGOTTEN_MS, told.writtenMs - nowMs);
    const findings = this.#hold(told, nowMs);
    if (this.#number === undefined) this.#hearFirst(told, nowMs);
    else this.#ahead.set(told.number, told);
    this.#follow();
    if (this.#ahead.size > MOST_AHEAD) this.#skip(nowMs);
    this.#gapMs = this.#ahead.size === 0 ? undefined : (this.#gapMs ?? nowMs);
    return findings;
  }

  /** Call it now and then: what was never sent shows, and what is old is given up. */
  check(nowMs: number): Finding<H>[] {
    if (this.#gapMs !== undefined && nowMs - this.#gapMs >= DELAYS.digestGiveUp) this.#skip(nowMs);
    while ((this.#listed[0]?.untilMs ?? nowMs) < nowMs) this.#forget();
    const findings = this.#invented();
    return [...findings, ...this.#giveUp(this.#countUntil(nowMs - DELAYS.digestGiveUp))];
  }

  /** After which number the source is to be asked now for what it has told; undefined: nothing is missing, or it was asked just now. */
  lacks(nowMs: number): number | undefined {
    const [oldest] = this.#pending;
    const isOverdue = oldest !== undefined && nowMs - oldest.atMs >= DELAYS.digestPatience;
    if (!(isOverdue || this.#gapMs !== undefined) || nowMs - this.#askedMs < DELAYS.digestAskAgain) return undefined;
    this.#askedMs = nowMs;
    return this.#number ?? 0;
  }

  /** What has come is held against it, and what comes later will be. */
  #hold(told: Told, nowMs: number): Finding<H>[] {
    const packets = new ToldPackets(told.packets);
    this.#list(packets, nowMs + DELAYS.digestsListed);
    const genuine = new Map<H, number>();
    const forged = new Map<H, number[]>();
    this.#pending = this.#pending.filter(({ index, digest, hop, atMs }) => {
      const of = packets.digestOf(index);
      if (of === undefined) return true;
      if (of === digest) {
        genuine.set(hop, (genuine.get(hop) ?? 0) + 1);
        this.#aheadMs = Math.max(this.#aheadMs, told.writtenMs - atMs);
      } else forged.set(hop, [...(forged.get(hop) ?? []), index]);
      return false;
    });
    return [
      ...[...genuine].map(([hop, packets]) => ({ hop, finding: 'genuine' as const, packets })),
      ...[...forged].map(([hop, indices]) => ({ hop, finding: 'forged' as const, indices })),
    ];
  }

  /** Before its first one the source had told nothing; what we have missed before another one is asked for, if it is of any use. */
  #hearFirst(told: Told, nowMs: number): void {
    const missed = this.#missedBefore(told, nowMs);
    if (told.number > 1 && missed === 0) {
      this.#begin(told, nowMs);
      return;
    }
    this.#begunMs = nowMs;
    this.#number = told.number - 1 - missed;
    this.#ahead.set(told.number, told);
  }

  /** How many were told before the first that we hear, of packets that have come since: those are asked for. */
  #missedBefore({ number }: Told, nowMs: number): number {
    const [oldest] = this.#pending;
    if (oldest === undefined) return 0;
    return Math.min(number - 1, Math.ceil((nowMs - oldest.atMs) / DELAYS.digestInterval));
  }

  /** Of what was sent before the first that we hear nothing is known. */
  #begin({ number, writtenMs, highest }: Told, nowMs: number): void {
    this.#begunMs = nowMs;
    this.#number = number;
    this.#writtenMs = writtenMs;
    this.#unknownUpTo = Math.max(this.#unknownUpTo, highest);
    this.#pending = this.#pending.filter(({ index }) => index > highest);
  }

  /** Those that have come early and miss nothing before them any more. */
  #follow(): void {
    while (this.#number !== undefined) {
      const next = this.#ahead.get(this.#number + 1);
      if (next === undefined) return;
      this.#ahead.delete(next.number);
      // Of what was told before the first nothing is known, whatever has come of it.
      if (this.#writtenMs === undefined && next.number > 1)
        this.#unknownUpTo = Math.max(this.#unknownUpTo, lowestOf(next) - 1);
      this.#number = next.number;
      this.#writtenMs = Math.max(this.#writtenMs ?? 0, next.writtenMs);
    }
  }

  /** What is missing does not come any more: it is as if the source had told nothing before. */
  #skip(nowMs: number): void {
    const [first] = [...this.#ahead.values()].sort((a, b) => a.number - b.number);
    if (first === undefined) return;
    this.#ahead.delete(first.number);
    this.#begin(first, nowMs);
    this.#follow();
    this.#gapMs = undefined;
  }

  /**
   * The source has told of all that it had sent a while after these came, and of them it has not: it never sent them. What is told
   * together is all heard before this is asked.
   */
  #invented(): Finding<H>[] {
    if (this.#writtenMs === undefined) return [];
    const count = this.#countUntil(this.#writtenMs - this.#aheadMs - DELAYS.digestInterval);
    return this.#pending
      .splice(0, count)
      .flatMap(({ index, hop }) => (index > this.#unknownUpTo ? [{ hop, finding: 'forged', indices: [index] }] : []));
  }

  #list(packets: ToldPackets, untilMs: number): void {
    this.#listed.push({ untilMs, packets });
    this.#highestTold = Math.max(this.#highestTold, packets.highest);
    if (this.#listed.length > MOST_LISTED) this.#forget();
  }

  #forget(): void {
    const highest = this.#listed.shift()?.packets.highest ?? -1;
    this.#unknownUpTo = Math.max(this.#unknownUpTo, highest);
  }

  /** Most packets come before they are told of. */
  #digestOf(index: number): number | undefined {
    if (index > this.#highestTold) return undefined;
    for (let at = this.#listed.length - 1; at >= 0; at--) {
      const digest = this.#listed[at]?.packets.digestOf(index);
      if (digest !== undefined) return digest;
    }
    return undefined;
  }

  /** How many of those that wait came by then. */
  #countUntil(untilMs: number): number {
    const count = this.#pending.findIndex(({ atMs }) => atMs > untilMs);
    return count < 0 ? this.#pending.length : count;
  }

  /** So many of the oldest are not judged any more. */
  #giveUp(count: number): Finding<H>[] {
    return this.#pending.splice(0, count).map(({ hop }) => ({ hop, finding: 'unchecked', packets: 1 }));
  }
}

function lowestOf({ packets, highest }: Told): number {
  return packets.reduce((least, { index }) => Math.min(least, index), highest + 1);
}
