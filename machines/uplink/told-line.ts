/** What is wanted of the line and said of it: `--upload` is believed until the line shows that it carries less. */
import { LEAST_BPS } from './capacity.ts';
import type { Demand, Limit } from './contract.ts';
import { USED } from './used.ts';

/** What is found of a line is not exact to the last bit. */
const NEARLY = 0.98;

export class ToldLine {
  demand: Demand;
  /** The cap that was believed last. */
  #believedBps: number | undefined;

  constructor(demand: Demand) {
    this.demand = demand;
  }

  /** @returns what is told of the line since the last time: it is news of it, and no less than what was seen before */
  news(): number | undefined {
    const { capBps } = this.demand;
    if (capBps === this.#believedBps) return undefined;
    this.#believedBps = capBps;
    return capBps;
  }

  /** Nothing was seen of the line that contradicts what is told of it. */
  isBelieved(capacityBps: number | undefined): boolean {
    const { capBps } = this.demand;
    return capBps !== undefined && (capacityBps ?? 0) >= capBps / USED;
  }

  /** What the line has to carry for the plan to have all that it wants and may have. */
  get targetBps(): number {
    const { wantBps, capBps } = this.demand;
    return Math.min(wantBps, capBps ?? wantBps) / USED;
  }

  /** Whether plans could use more than so much. */
  isShort(usedBps: number): boolean {
    return usedBps < NEARLY * USED * this.targetBps;
  }

  /** Why no more is used of a line that carries so much. */
  limitOf(capacityBps: number): Limit {
    const { wantBps, capBps } = this.demand;
    if (capacityBps < this.targetBps) return 'line';
    return capBps !== undefined && capBps < wantBps ? 'cap' : 'plan';
  }

  /** A rate as it may be: audio is never held back, and no more is sent than a person says. */
  bounded(bps: number): number {
    const { audioBps, capBps } = this.demand;
    return Math.min(capBps ?? Number.POSITIVE_INFINITY, Math.max(audioBps, LEAST_BPS, bps));
  }
}
