/** The same seed gives the same run, byte for byte; another seed another; a printed script replays it. */
import test from 'ava';
import { drawn } from '../extent.ts';
import { drawScript } from './script/draw.ts';
import { PRESET_NAMES } from './script/presets.ts';
import { parseScript, printScript } from './script/script.ts';
import { simulate } from './simulation.ts';

const DRAW = { seed: 7, peers: drawn(3, 4), seconds: drawn(4, 8) };

for (const preset of PRESET_NAMES) {
  test(`${preset}: one seed, one trace, as it is drawn and as it is printed`, (t) => {
    const script = drawScript({ ...DRAW, preset });
    t.deepEqual(simulate(parseScript(printScript(script))), simulate(script));
  });
}

test('sealed media: one seed, one trace', (t) => {
  const script = { ...drawScript({ ...DRAW, preset: 'calm', peers: 3 }), sealed: true };
  t.deepEqual(simulate(parseScript(printScript(script))), simulate(script));
});

test('another seed, another trace', (t) => {
  const [one, other] = [7, 8].map((seed) => simulate(drawScript({ ...DRAW, preset: 'home', seed })).traceHash);
  t.not(one, other);
});
