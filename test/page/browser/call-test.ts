/** Tests of whole calls, each with browsers of its own: one after the other, and left out where there is no Chromium. */
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { CHROMIUM, LEFT_OUT } from './chromium.ts';

if (CHROMIUM === undefined) console.log(LEFT_OUT);

export const inChromium = CHROMIUM === undefined ? test.skip : test.serial;

const LOOK_MS = 20;

/** Until it is so; the test's own timeout is the limit. */
export async function until(fits: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await fits())) await delay(LOOK_MS);
}
