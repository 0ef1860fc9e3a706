/** How long tests take without a fault: what takes several times as long hangs. */
import { runTests } from './test-run.ts';
import type { TestPart } from './test-selection.ts';

/** Of the sound run: other programs, and a fault that only makes things slow, take some of it. */
const TIMES_SOUND = 4;
/** For runs of hardly any length, in ms. */
const LEAST_MS = 10_000;
/** Of one test file without a fault, in ms: AVA itself gives up on a silent test after two minutes. */
const SOUND_LIMIT_MS = 180_000;

/** A test that fails without a fault proves nothing of one. */
export class UnsoundTestError extends Error {
  override readonly name = 'UnsoundTestError';
  readonly code = 'mutants.unsoundTest';
}

/** @throws {UnsoundTestError} `mutants.unsoundTest` */
export async function soundMs(part: TestPart, root: string, signal: AbortSignal): Promise<number> {
  const since = performance.now();
  const outcome = await runTests({ root, tests: [part], limitMs: SOUND_LIMIT_MS, signal });
  if (outcome.result === 'passed') return performance.now() - since;
  const how = outcome.result === 'hung' ? 'takes minutes' : `fails ("${outcome.seenBy}")`;
  throw new UnsoundTestError(
    `${part.file} ${how} without any fault, so it can tell nothing of one. See npm test -- ${part.file}`,
  );
}

/** @param sound how long each takes alone, in ms */
export function limitMs(tests: readonly TestPart[], sound: ReadonlyMap<string, number>): number {
  const sum = tests.reduce((total, { file }) => total + (sound.get(file) ?? 0), 0);
  return Math.max(LEAST_MS, TIMES_SOUND * sum);
}
