/** How tests run without a fault: what keeps silent several times as long hangs. */
import type { Batch } from './test-batches.ts';
import { runTests } from './test-run.ts';

/** Of the sound run: other programs, and a fault that only makes things slow, take some of it. */
const TIMES_SOUND = 4;
/** For runs of hardly any length, in ms. */
const LEAST_MS = 10_000;
/** Without a fault, in ms: more than any test takes. */
const SOUND_PATIENCE_MS = 180_000;

/** A test that fails without a fault proves nothing of one. */
export class UnsoundTestError extends Error {
  override readonly name = 'UnsoundTestError';
  readonly code = 'mutants.unsoundTest';
}

/**
 * For how long a run of these tests may keep silent, in ms.
 * @throws {UnsoundTestError} `mutants.unsoundTest`
 */
export async function patienceMsWith(batch: Batch, root: string, signal: AbortSignal): Promise<number> {
  const outcome = await runTests({ root, batch, patienceMs: SOUND_PATIENCE_MS, signal });
  if (outcome.result === 'passed') return Math.max(LEAST_MS, TIMES_SOUND * outcome.silenceMs);
  const how = outcome.result === 'hung' ? 'take minutes' : `fail ("${outcome.seenBy}")`;
  const files = batch.tests.join(' ');
  throw new UnsoundTestError(
    `These tests ${how} without any fault, so they can tell nothing of one. See npm test -- ${files}`,
  );
}
