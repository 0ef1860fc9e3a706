/** `test` for tests that need a lab: skipped where there is none, and then the reason stands in their output. */
import test from 'ava';
import { type LabServer, whyNoLab, whyNoServer } from '../available.ts';

if (whyNoLab !== undefined) console.log(whyNoLab);

export const netTest = whyNoLab === undefined ? test : test.skip;

/** The same for tests that need one of a lab's servers too. */
export function netTestWith(server: LabServer): typeof netTest {
  const reason = whyNoServer.get(server);
  if (reason === undefined) return test;
  if (whyNoLab === undefined) console.log(reason);
  return test.skip;
}
