/**
 * Whether the packets that were played of one stream are those that its source has sent: they are held against what the source says, four
 * times a second, of each packet. Packets and what is said of them may come in any order, late or not at all. Pure: the time is given.
 */
import { DELAYS } from '../timers.ts';

/** Of packets that nothing is known of yet; as many as 30 Mbit/s bring until it is given up to ask. */
const MOST_PENDING = 8192;
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

export interface ToldPacket {
  readonly index: number;
  readonly digest: number;
}

/** What has been found of one packet. `unchecked`: nothing, though its source was asked. */
export interface Finding<H> {
  readonly hop: H;
  readonly finding: 'genuine' | 'forged' | 'unchecked';
}

interface Taken<H> {
  readonly digest: number;
  readonly hop: H;
  readonly atMs: number;
}

interface Listed {
  readonly untilMs: number;
  readonly told: Told;
}

/** @typeParam H who brought a packet */
export class TakenPackets<H> {
  /** Packets that the source has not told of, by index, the oldest first. */
  readonly #pending = new Map<number, Taken<H>>();
  /** Digests of what it has told of, by index. */
  readonly #digests = new Map<number, number>();
  readonly #listed: Listed[] = [];
  /** Up to this one nothing is missing that it has told; undefined: it has told nothing. */
  #number: number | undefined;
  /** That one was written at this time. */
  #writtenMs = 0;
  /** Those that have come before one that is missing, by number. */
  readonly #ahead = new Map<number, Told>();
  /** Packets up to this index may have been told of where we did not hear it, or have been forgotten: they are not judged. */
  #unknownUpTo = -1;
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

  /** A packet has been played. */
  take(index: number, digest: number, hop: H, nowMs: number): Finding<H>[] {
    const told = this.#digests.get(index);
    if (told !== undefined) return [{ hop, finding: told === digest ? 'genuine' : 'forged' }];
    const crowded = this.#pending.size === MOST_PENDING ? this.#dropOldest() : [];
    this.#pending.set(index, { digest, hop, atMs: nowMs });
    return crowded;
  }

  /** The source has told this. */
  told(told: Told, nowMs: number): Finding<H>[] {
    if (this.knows(told.number)) return [];
    this.#aheadMs = Math.max(this.#aheadMs - FORGOTTEN_MS, told.writtenMs - nowMs);
    const findings = this.#hold(told, nowMs);
    if (this.#number === undefined) this.#begin(told);
    else this.#ahead.set(told.number, told);
    this.#follow();
    if (this.#ahead.size > MOST_AHEAD) this.#skip();
    this.#gapMs = this.#ahead.size === 0 ? undefined : (this.#gapMs ?? nowMs);
    return findings;
  }

  /** Call it now and then: what was never sent shows, and what is old is given up. */
  check(nowMs: number): Finding<H>[] {
    if (this.#gapMs !== undefined && nowMs - this.#gapMs >= DELAYS.digestGiveUp) this.#skip();
    while ((this.#listed[0]?.untilMs ?? nowMs) < nowMs) this.#forget();
    const findings = this.#invented();
    for (const [index, { hop, atMs }] of this.#pending) {
      if (nowMs - atMs < DELAYS.digestGiveUp) break;
      this.#pending.delete(index);
      findings.push({ hop, finding: 'unchecked' });
    }
    return findings;
  }

  /** After which number the source is to be asked now for what it has told; undefined: nothing is missing, or it was asked just now. */
  lacks(nowMs: number): number | undefined {
    const [oldest] = this.#pending.values();
    const isOverdue = oldest !== undefined && nowMs - oldest.atMs >= DELAYS.digestPatience;
    if (!(isOverdue || this.#gapMs !== undefined) || nowMs - this.#askedMs < DELAYS.digestAskAgain) return undefined;
    this.#askedMs = nowMs;
    return this.#number ?? 0;
  }

  /** What has come is held against it, and what comes later will be. */
  #hold(told: Told, nowMs: number): Finding<H>[] {
    this.#listed.push({ untilMs: nowMs + DELAYS.digestsListed, told });
    return told.packets.flatMap(({ index, digest }) => {
      this.#digests.set(index, digest);
      const taken = this.#pending.get(index);
      if (taken === undefined) return [];
      this.#pending.delete(index);
      if (taken.digest === digest) this.#aheadMs = Math.max(this.#aheadMs, told.writtenMs - taken.atMs);
      return [{ hop: taken.hop, finding: taken.digest === digest ? ('genuine' as const) : ('forged' as const) }];
    });
  }

  /** Of what was sent before the first that we hear nothing is known. */
  #begin({ number, writtenMs, highest }: Told): void {
    this.#number = number;
    this.#writtenMs = writtenMs;
    this.#unknownUpTo = Math.max(this.#unknownUpTo, highest);
    for (const index of this.#pending.keys()) if (index <= highest) this.#pending.delete(index);
  }

  /** Those that have come early and miss nothing before them any more. */
  #follow(): void {
    while (this.#number !== undefined) {
      const next = this.#ahead.get(this.#number + 1);
      if (next === undefined) return;
      this.#ahead.delete(next.number);
      this.#number = next.number;
      this.#writtenMs = Math.max(this.#writtenMs, next.writtenMs);
    }
  }

  /** What is missing does not come any more: it is as if the source had told nothing before. */
  #skip(): void {
    const [first] = [...this.#ahead.values()].sort((a, b) => a.number - b.number);
    if (first === undefined) return;
    this.#ahead.delete(first.number);
    this.#begin(first);
    this.#follow();
    this.#gapMs = undefined;
  }

  /**
   * The source has told of all that it had sent a while after these came, and of them it has not: it never sent them. What is told
   * together is all heard before this is asked.
   */
  #invented(): Finding<H>[] {
    const findings: Finding<H>[] = [];
    if (this.#number === undefined) return findings;
    for (const [index, { hop, atMs }] of this.#pending) {
      if (atMs + this.#aheadMs + DELAYS.digestInterval > this.#writtenMs) break;
      this.#pending.delete(index);
      if (index > this.#unknownUpTo) findings.push({ hop, finding: 'forged' });
    }
    return findings;
  }

  #forget(): void {
    const oldest = this.#listed.shift();
    for (const { index } of oldest?.told.packets ?? []) {
      this.#digests.delete(index);
      this.#unknownUpTo = Math.max(this.#unknownUpTo, index);
    }
  }

  #dropOldest(): Finding<H>[] {
    for (const [index, { hop }] of this.#pending) {
      this.#pending.delete(index);
      return [{ hop, finding: 'unchecked' }];
    }
    return [];
  }
}
