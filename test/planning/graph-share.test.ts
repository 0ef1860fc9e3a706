/** Where not everybody reaches everybody, rates are near the best there is, and whoever can be served is. */
import test from 'ava';
import { GRAPHS, graphShare } from './graph-share.ts';
import { seededRandom } from './rooms.ts';

const MEAN_SHARE = 0.95;
const LEAST_SHARE = 0.6;
/** Enough to see a planner that got worse; `npm run bench:planner-share -- --graph` draws the whole picture. */
const ROOMS = 8;
/** No plan does better than the best there is, but for the solver's rounding. */
const BEST = 1 + 1e-6;

for (const [name, draw] of Object.entries(GRAPHS)) {
  test(name, (t) => {
    const shares = [4, 5, 6].flatMap((size) => {
      const random = seededRandom(size);
      return Array.from({ length: ROOMS }, () => {
        const { share, missed } = graphShare(draw(random, size));
        t.is(missed, 0);
        return share ?? 1;
      });
    });
    t.true(Math.min(...shares) >= LEAST_SHARE, `least ${Math.min(...shares)}`);
    t.true(Math.max(...shares) <= BEST, `most ${Math.max(...shares)}`);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    t.true(mean >= MEAN_SHARE, `mean ${mean}`);
  });
}
