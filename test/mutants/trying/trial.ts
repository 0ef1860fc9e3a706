/** Tries faults one at a time in each of several copies of the project. */
import { sourcesOf } from '../../checks/sources.ts';
import { type Fault, nameOf } from '../faults/fault.ts';
import { Checkout } from './checkout.ts';
import { type ImportGraph, importGraph } from './import-graph.ts';
import { patienceMsWith } from './sound-run.ts';
import { batchesOf } from './test-batches.ts';
import { runTests } from './test-run.ts';
import { testsSeeing } from './test-selection.ts';

export interface Verdict {
  readonly fault: Fault;
  /** The test that failed, `a hang`, or null: no test has seen it. */
  readonly seenBy: string | null;
  /** Test files that come to run the faulty code. */
  readonly tests: number;
}

export interface TrialOptions {
  readonly faults: readonly Fault[];
  /** Copies that are worked in at the same time. */
  readonly jobs: number;
  /** Rejects the trial; what has been told stands. */
  readonly signal: AbortSignal;
  /** Told of each step: what has been done of all, and what it was. */
  readonly onTimed: (done: number, all: number, files: string) => void;
  readonly onTried: (verdict: Verdict) => void;
}

/** @throws {UnsoundTestError} `mutants.unsoundTest` */
export async function tryFaults({ faults, jobs, signal, onTimed, onTried }: TrialOptions): Promise<void> {
  const graph = await projectGraph();
  const testsOf = new Map(faults.map(({ file }) => [file, testsSeeing(file, graph)]));
  const all = new Set([...testsOf.values()].flat());
  const copies: Checkout[] = [];
  try {
    while (copies.length < Math.min(jobs, faults.length)) copies.push(await Checkout.copy());
    const batches = batchesOf([...all]);
    const patiences: number[] = [];
    await shareOut(batches, copies, signal, async (batch, { root }, stop) => {
      patiences.push(await patienceMsWith(batch, root, stop));
      onTimed(patiences.length, batches.length, batch.tests.join(' '));
    });
    const patienceMs = Math.max(...patiences);
    await shareOut(faults, copies, signal, async (fault, copy, stop) => {
      const tests = testsOf.get(fault.file) ?? [];
      const seenBy = await copy.with(fault, () => firstToSee(tests, copy.root, patienceMs, stop));
      onTried({ fault, seenBy, tests: tests.length });
    });
  } finally {
    await Promise.all(copies.map((copy) => copy.remove()));
  }
}

async function projectGraph(): Promise<ImportGraph> {
  return importGraph((await Promise.all((['machines', 'actors', 'infra', 'test'] as const).map(sourcesOf))).flat());
}

async function firstToSee(
  tests: readonly string[],
  root: string,
  patienceMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  for (const batch of batchesOf(tests)) {
    let outcome = await runTests({ root, batch, patienceMs, signal });
    // On a busy machine everything may stand still for a while: what hangs does so again.
    if (outcome.result === 'hung') outcome = await runTests({ root, batch, patienceMs: 2 * patienceMs, signal });
    if (outcome.result === 'hung') return 'a hang';
    if (outcome.result === 'failed') return outcome.seenBy;
  }
  return null;
}

/** Each copy takes the next item until none is left. The first that fails ends the work of all. */
async function shareOut<Item>(
  items: readonly Item[],
  copies: readonly Checkout[],
  signal: AbortSignal,
  work: (item: Item, copy: Checkout, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const ends = copies.map(async (copy) => {
    try {
      for (const item of waiting) await work(item, copy, stop);
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  // All have to be at rest before their copies go.
  await Promise.allSettled(ends);
  await Promise.all(ends);
}

/** In the order in which they were to be tried. */
export function inOrder(verdicts: readonly Verdict[], faults: readonly Fault[]): Verdict[] {
  const places = new Map(faults.map((fault, index) => [nameOf(fault), index]));
  const place = ({ fault }: Verdict) => places.get(nameOf(fault)) ?? 0;
  return [...verdicts].sort((a, b) => place(a) - place(b));
}
