/** `test` for tests that need a lab: skipped where there is none, and then the reason stands in their output. */
import test from 'ava';
import { whyNoLab } from './available.ts';

if (whyNoLab !== undefined) console.log(whyNoLab);

export const netTest = whyNoLab === undefined ? test : test.skip;
