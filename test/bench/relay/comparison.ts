/**
 * Has all forwarders run at once, of which one at a time has work: each round gives each load to all of them in turn, in
 * an order drawn anew, so that what is compared happened within the same seconds.
 */

import type { Forwarder, Variant, Workshop } from './forwarders/variants.ts';
import { LOADS, type Load, paceOf } from './loads.ts';
import { HALVINGS, RateSearch } from './lossless.ts';
import { type Measurement, measure } from './measurement.ts';
import { Traffic } from './traffic.ts';

/** At full load after the start, in ms: engines compile only what they have run often. */
const COMPILE_MS = 2000;
/** What cannot be read of a forwarder's process may be due to its end, of which we hear a little later; in ms. */
const ENDING_MS = 200;

export interface ComparisonOptions {
  readonly workshop: Workshop;
  readonly variants: readonly Variant[];
  readonly rounds: number;
  /** Of each measurement. */
  readonly ms: number;
  /** Takes one line of progress. */
  readonly say: (line: string) => void;
}

export interface Comparison {
  /** Of each variant under each load, one for each round. */
  readonly measured: ReadonlyMap<Variant, Readonly<Record<Load, readonly Measurement[]>>>;
  readonly rates: ReadonlyMap<Variant, { readonly pps: number; readonly fault: string | null }>;
  /** What ended before its time; such a variant has no figures. */
  readonly failures: readonly string[];
}

export async function compareForwarders(options: ComparisonOptions): Promise<Comparison> {
  await using field = new Field();
  const { workshop, variants, rounds, ms, say } = options;
  for (const variant of variants) {
    say(`starting ${variant}`);
    await field.enter(variant, workshop);
  }
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const load of shuffled(LOADS)) {
      await field.each((forwarder, traffic, measured) => {
        measured[load].push(measure(forwarder, traffic, load, ms));
      });
    }
  }
  // The receivers would be the first to be too slow.
  field.traffic.leaveReceivingToKernel();
  const searches = new Map<Variant, RateSearch>();
  await field.each((forwarder, traffic) => void searches.set(forwarder.variant, new RateSearch(forwarder, traffic)));
  for (let halving = 1; halving <= HALVINGS; halving++) {
    say(`highest lossless rate, step ${halving} of ${HALVINGS}`);
    await field.each(({ variant }) => searches.get(variant)?.halve());
  }
  const rates = new Map(field.variants.map((variant) => [variant, searches.get(variant)?.result ?? NOTHING]));
  return { measured: field.measured, rates, failures: field.failures };
}

const NOTHING = { pps: 0, fault: 'it was not measured' };

type Measured = Record<Load, Measurement[]>;

/** Those that are still in the comparison. */
class Field implements AsyncDisposable {
  readonly failures: string[] = [];
  readonly measured = new Map<Variant, Measured>();
  readonly traffic = new Traffic();
  readonly #forwarders = new Map<Variant, Forwarder>();

  get variants(): Variant[] {
    return [...this.measured.keys()];
  }

  async enter(variant: Variant, workshop: Workshop): Promise<void> {
    await this.#orLeave(variant, async () => {
      const forwarder = await workshop.start(variant, this.traffic);
      this.#forwarders.set(variant, forwarder);
      this.traffic.run(forwarder.port, paceOf('saturation'), COMPILE_MS);
      await forwarder.requireAlive();
      this.measured.set(variant, { steady: [], frames: [], saturation: [] });
    });
  }

  async each(work: (forwarder: Forwarder, traffic: Traffic, measured: Measured) => void): Promise<void> {
    for (const [variant, measured] of shuffled([...this.measured])) {
      const forwarder = this.#forwarders.get(variant);
      if (forwarder === undefined) continue;
      await this.#orLeave(variant, async () => {
        await forwarder.requireAlive();
        work(forwarder, this.traffic, measured);
        await forwarder.requireAlive();
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const forwarder of this.#forwarders.values()) await forwarder[Symbol.asyncDispose]();
  }

  async #orLeave(variant: Variant, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.measured.delete(variant);
      const ended = await this.#forwarders.get(variant)?.endedWithin(ENDING_MS);
      this.failures.push(`${variant}: ${ended ?? (error instanceof Error ? error.message : String(error))}`);
    }
  }
}

/** Order decides who gets the machine's better moments, so nobody keeps a place. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
