import test from 'ava';
import { LeaseLimit } from './lease-limit.ts';

const PACKETS_PER_SECOND = 12;
/** A packet of each slice comes so often. */
const ROUND_MS = (1000 * 16) / PACKETS_PER_SECOND;
const SOURCE_BPS = 3_800_000;
const BITS = SOURCE_BPS / PACKETS_PER_SECOND;
/** One slice to so many. */
const RECEIVERS = 98;
const ROUNDS = 60;

function passed(limitBps: number): number {
  const limit = new LeaseLimit();
  limit.limitBps = limitBps;
  const rounds = Array.from({ length: ROUNDS }, (_, round) => limit.lets(BITS, RECEIVERS, round * ROUND_MS));
  return rounds.filter(Boolean).length;
}

test('what a lease promises passes, one slice to a hundred included', (t) => {
  t.is(passed((SOURCE_BPS / 16) * RECEIVERS), ROUNDS);
});

test('of twice as much as promised half is lost in the long run', (t) => {
  const through = passed(((SOURCE_BPS / 16) * RECEIVERS) / 2);
  t.true(through >= ROUNDS / 2 - 1 && through <= ROUNDS / 2 + 2, `${through} of ${ROUNDS}`);
});
