/** A failing script shrinks to what makes it fail, and to the joins that this needs. */
import test from 'ava';
import { drawScript } from './draw.ts';
import type { Script } from './script.ts';
import { shrink } from './shrink.ts';

const script = drawScript({ seed: 3, preset: 'hostile', peers: 8, seconds: 60 });

test('one fault and its join are left of many', (t) => {
  const guilty = script.faults.find((fault) => fault.do === 'crash');
  t.truthy(guilty);
  const fails = ({ faults }: Script) => guilty !== undefined && faults.includes(guilty);
  const short = shrink(script, { fails, runs: 1000 });
  t.deepEqual(
    short.faults.map((fault) => fault.do),
    ['join', 'crash'],
  );
});

test('no more runs are spent than given', (t) => {
  let runs = 0;
  const fails = () => {
    runs += 1;
    return false;
  };
  t.is(shrink(script, { fails, runs: 5 }), script);
  t.is(runs, 5);
});
