/**
 * Where rates are fixed, hardly any plan has fewer pairs that hang on a relay. A pair is direct only if its source sends it every slice,
 * so at least `n - floor(upload / rate)` of a source's n pairs need a relay: a plan that meets this is the best there is.
 */
import test from 'ava';
import { type PlanInput, planRoom } from '../../machines/plan.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';
import { drawn } from '../extent.ts';
import { twoHopPairs } from './audit.ts';
import { evenRoom, seededRandom } from './rooms.ts';

const MOST_ABOVE_LEAST = 0.02;
const ROOMS = drawn(30, 100);
/** Fixed rates as parts of the bound: rooms with upload to spare and rooms with next to none. */
const PARTS = [0.5, 0.8, 0.95];

for (const size of [3, 4, 5, 8, 12]) {
  test(`rooms of ${size}`, (t) => {
    const random = seededRandom(100 + size);
    let planned = 0;
    let least = 0;
    for (let run = 0; run < ROOMS; run += 1) {
      for (const part of PARTS) {
        const room = evenRoom(random, size, part);
        const plan = planRoom(room);
        t.deepEqual(plan.unserved, []);
        planned += twoHopPairs(plan);
        least += leastPairs(room);
      }
    }
    t.true(
      planned <= least * (1 + MOST_ABOVE_LEAST),
      `${planned} pairs through relays where ${least} is the least possible`,
    );
  });
}

function leastPairs({ peers }: PlanInput): number {
  const audience = peers.length - 1;
  const rateOf = (index: number): number => peers[index]?.streams?.[0]?.minBps ?? 0;
  const copies = peers.map(({ uploadBps }, index) => Math.min(audience, Math.floor(uploadBps / rateOf(index))));
  const spare = peers.map(({ uploadBps }, index) => uploadBps - (copies[index] ?? 0) * rateOf(index));
  // Who can reach only one receiver whole hangs everybody else on that one. Where nobody has enough spare for it, one pair more
  // needs a relay: of this source, or of a relay that makes room for it.
  const stuck = peers.some(({ uploadBps }, index) => {
    const lacking =
      audience * rateOf(index) - (Math.floor((SLICE_COUNT * uploadBps) / rateOf(index)) * rateOf(index)) / SLICE_COUNT;
    return copies[index] === 1 && audience > 1 && spare.every((bps, other) => other === index || bps < lacking);
  });
  return copies.reduce((sum, count) => sum + audience - count, stuck ? 1 : 0);
}
