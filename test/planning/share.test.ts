/** Where rates are free, a plan reaches the bound but for what sixteenths of a stream round away. */
import test from 'ava';
import { planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { faultsOf } from './audit.ts';
import { homeRoom, seededRandom } from './rooms.ts';

const MEAN_SHARE = 0.99;
const LEAST_SHARE = 0.97;
/** Enough to see a planner that got worse; `npm run bench:allocation` draws the whole picture. */
const ROOMS = drawn(8, 20);

for (const size of [3, 5, 8, 12, 20, 40]) {
  test(`rooms of ${size}`, (t) => {
    const random = seededRandom(size);
    const ratios = Array.from({ length: ROOMS }, () => {
      const room = homeRoom(random, size);
      const plan = planRoom(room);
      t.deepEqual(faultsOf(room, plan), []);
      t.deepEqual(plan.unserved, []);
      return plan.ratio;
    });
    t.true(Math.min(...ratios) >= LEAST_SHARE, `least ${Math.min(...ratios)}`);
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ROOMS;
    t.true(mean >= MEAN_SHARE, `mean ${mean}`);
  });
}
