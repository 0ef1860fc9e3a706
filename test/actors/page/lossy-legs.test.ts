/** What a viewer sees of a camera where legs lose 5 % of all packets, both ways. */
import test from 'ava';
import { watch } from './lossy-legs.ts';

const LOSS = 0.05;
const NONE = { fromPage: 0, room: 0, toPage: 0 };
const LEGS = {
  'from the page to its gateway': { ...NONE, fromPage: LOSS },
  'through the room': { ...NONE, room: LOSS },
  'from the gateway to the page': { ...NONE, toPage: LOSS },
  'on every leg': { fromPage: LOSS, room: LOSS, toPage: LOSS },
};

test('where nothing is lost all is decoded', (t) => {
  const { share, keyFrames } = watch(NONE, 10);
  t.true(share > 0.99);
  // As the page is expected, as its slot begins, and once more while the first is on its way.
  t.true(keyFrames <= 3);
});

for (const [leg, loss] of Object.entries(LEGS)) {
  test(`5 % lost ${leg}: at least 95 % of the frames are decoded`, (t) => {
    const { share, keyFrames } = watch(loss, 60);
    t.log(`${(100 * share).toFixed(1)} % of the frames, ${keyFrames} key frames asked for`);
    t.true(share >= 0.95);
  });
}
