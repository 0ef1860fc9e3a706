/** A house with one line out of it: who sends through it, and what is seen of it while time passes. */
import { VirtualClock } from '../simulation/world/clock.ts';
import { Random } from '../simulation/world/random.ts';
import { Line, type LineShape } from './line.ts';
import { Sender, type SenderShape } from './sender.ts';

const LOOK_MS = 10;

interface Look {
  readonly atMs: number;
  readonly queueMs: number;
  /** What the first sender takes the line for. */
  readonly estimateBps: number;
  readonly publishedBps: number;
}

export class House {
  readonly clock = new VirtualClock();
  readonly line: Line;
  readonly random: Random;
  readonly looks: Look[] = [];
  #first: Sender | undefined;

  constructor(line: LineShape, seed = 1) {
    this.line = new Line(line);
    this.random = new Random(seed);
    this.#look();
  }

  sends(shape: SenderShape, name = ''): Sender {
    const sender = new Sender(shape, this.line, this.clock, this.random.fork(`sender ${name}`), name);
    this.#first ??= sender;
    return sender;
  }

  run(ms: number): void {
    this.clock.runUntil(this.clock.now() + ms);
  }

  /** How far the last estimate before this moment is from the truth, as a share. */
  errorAt(atMs: number, trueBps = this.line.bps): number {
    const look = this.looks.findLast((of) => of.atMs <= atMs);
    return ((look?.estimateBps ?? 0) - trueBps) / trueBps;
  }

  /** The middle of |error| from one moment to another. */
  middleError(fromMs: number, toMs = this.clock.now(), trueBps = this.line.bps): number {
    return quantile(
      this.between(fromMs, toMs).map(({ estimateBps }) => Math.abs(estimateBps - trueBps) / trueBps),
      0.5,
    );
  }

  queueP95(fromMs: number, toMs = this.clock.now()): number {
    return quantile(
      this.between(fromMs, toMs).map(({ queueMs }) => queueMs),
      0.95,
    );
  }

  /** The first moment from which on the estimate is within so much of the truth for 200 ms, in ms after `fromMs`. */
  followedAfter(fromMs: number, within: number, trueBps = this.line.bps): number {
    let since: number | undefined;
    for (const { atMs, estimateBps } of this.between(fromMs)) {
      if (Math.abs(estimateBps - trueBps) > within * trueBps) since = undefined;
      else since ??= atMs;
      if (since !== undefined && atMs - since >= 200) return since - fromMs;
    }
    return Number.POSITIVE_INFINITY;
  }

  between(fromMs: number, toMs = this.clock.now()): Look[] {
    return this.looks.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }

  #look(): void {
    const atMs = this.clock.now();
    const state = this.#first?.state;
    const [estimateBps, publishedBps] = [state?.capacityBps ?? 0, state?.publishedBps ?? 0];
    this.looks.push({ atMs, queueMs: this.line.queueMs(atMs), estimateBps, publishedBps });
    this.clock.setTimeout(() => this.#look(), LOOK_MS);
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Jain's index of fairness: 1 where all have the same. */
export function jain(rates: readonly number[]): number {
  const sum = rates.reduce((total, rate) => total + rate, 0);
  return sum ** 2 / (rates.length * rates.reduce((total, rate) => total + rate ** 2, 0));
}
