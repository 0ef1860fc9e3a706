/** Inputs that get further breed others: so a fault is found that chance alone does not find. */
import test from 'ava';
import { Coverage } from './coverage.ts';
import { BATCH, Explorer } from './explorer.ts';
import { play } from './play.ts';

/** Some times as many as it takes. */
const MOST_BATCHES = 200;

const coverage = Coverage.start((url) => /\/locked(?:-\w+)?\.[jt]s$/.test(url));
test.after(() => coverage.stop());

test.serial('what gets further into the code is garbled again, until the fault behind is found', async (t) => {
  const { KEY, parseLocked } = await import('./locked.ts');
  const target = { name: 'locked', corpus: [Buffer.alloc(KEY.length)], check: parseLocked };
  t.is(play(target, 1, MOST_BATCHES * BATCH), undefined);
  const explorer = new Explorer(target, coverage, 1);
  let finding = explorer.explore();
  let batch = 1;
  for (; finding === undefined && batch < MOST_BATCHES; batch += 1) finding = explorer.explore();
  t.deepEqual([...(finding?.bytes ?? [])], KEY);
  // The one it began with, and one for each byte but the last.
  t.is(explorer.corpus.length, KEY.length);
});

test.serial('what has been reached is new again once it is forgotten', async (t) => {
  const { KEY, parseLocked } = await import('./locked.ts');
  const far = (right: number) => () => parseLocked(Uint8Array.from([...KEY.slice(0, right), 0]));
  coverage.forget();
  t.true(coverage.isNew(far(2)));
  t.true(coverage.learn(far(2)));
  t.false(coverage.isNew(far(2)));
  t.true(coverage.learn(far(1)));
  t.true(coverage.learn(far(3)));
  t.false(coverage.isNew(far(2)));
  coverage.forget();
  t.true(coverage.isNew(far(2)));
});
