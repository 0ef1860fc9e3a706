/** Who has most to lend is first, whatever was spent and given back. */
import test from 'ava';
import fc from 'fast-check';
import { SpareUpload } from '../../machines/planning/fill/spare.ts';

test('who gets upload back rises, and who spends sinks', (t) => {
  const spare = new SpareUpload([5, 4, 3]);
  t.is(spare.top(), 0);
  spare.spend(0, 4);
  t.is(spare.top(), 1);
  spare.giveBack(2, 7);
  t.is(spare.top(), 2);
  spare.giveBack(0, 20);
  t.is(spare.top(), 0);
});

test('in whatever order it is spent and given back, the top is the one with most, ties by index', (t) => {
  const step = fc.record({ peer: fc.nat(7), bps: fc.integer({ min: 1, max: 9 }), back: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { minLength: 8, maxLength: 8 }),
      fc.array(step, { maxLength: 40 }),
      (all, steps) => {
        const spare = new SpareUpload(all);
        const left = [...all];
        for (const { peer, bps, back } of steps) {
          if (back) spare.giveBack(peer, bps);
          else spare.spend(peer, bps);
          left[peer] = back ? (left[peer] ?? 0) + bps : Math.max(0, (left[peer] ?? 0) - bps);
          const most = Math.max(...left);
          if (most > 0) t.is(spare.top(), left.indexOf(most));
        }
      },
    ),
    { seed: 8, numRuns: 200 },
  );
});
