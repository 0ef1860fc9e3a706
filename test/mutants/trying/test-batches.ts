/** Which tests run together in one go. */
export interface Batch {
  /** Files, from the project's root. */
  readonly tests: readonly string[];
  /** All of them in one process, one after the other. */
  readonly inOneProcess: boolean;
}

/** Their files are imported by one: to start a process for each takes four times as long as the tests in it. */
const IN_ONE_PROCESS = ['test/machines/', 'test/simulation/', 'test/actors/', 'test/media/'];
/** It awaits something before its tests begin, which only a file may that nobody imports. */
const ON_ITS_OWN = 'test/actors/players.test.ts';

/** So many files run together at first: a fault is mostly seen by the tests that are nearest to it. Then twice as many, and so on. */
const FIRST_BATCH = 3;

/** First what runs in one process, then all else. */
export function batchesOf(tests: readonly string[]): Batch[] {
  const together = tests.filter(mayShare);
  const batches: Batch[] = together.length === 0 ? [] : [{ tests: together, inOneProcess: true }];
  const apart = tests.filter((file) => !mayShare(file));
  for (let from = 0, size = FIRST_BATCH; from < apart.length; from += size / 2) {
    batches.push({ tests: apart.slice(from, from + size), inOneProcess: false });
    size *= 2;
  }
  return batches;
}

function mayShare(file: string): boolean {
  return file !== ON_ITS_OWN && IN_ONE_PROCESS.some((folder) => file.startsWith(folder));
}
