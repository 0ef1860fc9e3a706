/** A script that cannot be read says which line is wrong and why. */
import test from 'ava';
import { parseScript, ScriptError } from './script.ts';

const HEAD = '{"seed":1,"preset":"calm","seconds":10}';
const CASES: readonly (readonly [string, string, RegExp])[] = [
  ['an empty file', '', /empty/],
  ['a line that is not JSON', `${HEAD}\nleave p01`, /Line 2 .* not JSON: leave p01/],
  ['an unknown preset', '{"seed":1,"preset":"windy","seconds":10}', /preset is one of calm, home, mobile/],
  ['an unknown fault', `${HEAD}\n{"at":1,"do":"explode","peer":"p01"}`, /Line 2 .* do/],
  ['a fault without its peer', `${HEAD}\n\n{"at":1,"do":"crash"}`, /Line 3 .* peer/],
  ['a time before the start', `${HEAD}\n{"at":-1,"do":"crash","peer":"p01"}`, /Line 2 .* at/],
];

for (const [name, text, expected] of CASES) {
  test(name, (t) => {
    const error = t.throws(() => parseScript(text), { instanceOf: ScriptError });
    t.is(error?.code, 'script.invalid');
    t.regex(error?.message ?? '', expected);
  });
}
