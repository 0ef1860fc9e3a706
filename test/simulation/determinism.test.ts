/** The same seed gives the same run, byte for byte; another seed another; a printed script replays it. */
import test from 'ava';
import { drawScript } from './script/draw.ts';
import { PRESET_NAMES } from './script/presets.ts';
import { parseScript, printScript } from './script/script.ts';
import { simulate } from './simulation.ts';

test('sealed media: one seed, one trace', (t) => {
  const script = { ...drawScript({ seed: 7, preset: 'calm', peers: 3, seconds: 8 }), sealed: true };
  t.deepEqual(simulate(parseScript(printScript(script))), simulate(script));
});

for (const preset of PRESET_NAMES) {
  test(`${preset}: one seed, one trace`, (t) => {
    const draw = { seed: 7, preset, peers: 4, seconds: 12 };
    const first = simulate(drawScript(draw));
    t.deepEqual(simulate(drawScript(draw)), first);
    t.deepEqual(simulate(parseScript(printScript(drawScript(draw)))), first);
    t.not(simulate(drawScript({ ...draw, seed: 8 })).traceHash, first.traceHash);
  });
}
