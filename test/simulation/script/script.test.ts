/** A script that cannot be read says which line is wrong and why. */
import test from 'ava';
import { drawScript } from './draw.ts';
import { type Fault, knownOf, parseScript, printScript, ScriptError } from './script.ts';

const HEAD = '{"seed":1,"preset":"calm","seconds":10}';
const CASES: readonly (readonly [string, string, RegExp])[] = [
  ['an empty file', '', /empty/],
  ['a line that is not JSON', `${HEAD}\nleave p01`, /Line 2 .* not JSON: leave p01/],
  ['an unknown preset', '{"seed":1,"preset":"windy","seconds":10}', /preset is one of calm, far, home, mobile/],
  ['an unknown fault', `${HEAD}\n{"at":1,"do":"explode","peer":"p01"}`, /Line 2 .* do/],
  ['a fault without its peer', `${HEAD}\n\n{"at":1,"do":"crash"}`, /Line 3 .* peer/],
  [
    'a stream without a rate',
    `${HEAD}\n{"at":1,"do":"join","peer":"p01","uploadBps":1,"lendBps":1,"compatible":true,"streams":[{"name":"a"}]}`,
    /Line 2 .* streams\.0/,
  ],
  ['a time before the start', `${HEAD}\n{"at":-1,"do":"crash","peer":"p01"}`, /Line 2 .* at/],
];

for (const [name, text, expected] of CASES) {
  test(name, (t) => {
    const error = t.throws(() => parseScript(text), { instanceOf: ScriptError });
    t.is(error?.code, 'script.invalid');
    t.regex(error?.message ?? '', expected);
  });
}

test('a script of when a peer had one source is one of cameras', (t) => {
  const join = '"do":"join","uploadBps":5,"lendBps":4,"compatible":true';
  const { faults } = parseScript(
    [
      HEAD,
      `{"at":1,${join},"peer":"p01","source":{"minBps":1,"maxBps":2}}`,
      `{"at":2,${join},"peer":"p02","source":null}`,
    ].join('\n'),
  );
  const camera = { name: 'camera', media: 'video', minBps: 1, maxBps: 2, group: null, layer: 0 };
  t.deepEqual(
    faults.map((fault) => fault.do === 'join' && [fault.streams, fault.wants, fault.downloadBps]),
    [
      [[camera], 'all', null],
      [[], 'all', null],
    ],
  );
});

test('what others must be told they know when all are back on the bus, one outage after the other', (t) => {
  const away = (at: number, forMs: number): Fault => ({ at, do: 'away', peers: ['p01'], forMs });
  const restart: Fault = { at: 500, do: 'restart', peer: 'p02', forMs: 1000 };
  const stall: Fault = { at: 500, do: 'stall', peer: 'p02', forMs: 1000 };
  const known = (fault: Fault, ...outages: Fault[]) =>
    knownOf(fault, { seed: 1, preset: 'calm', seconds: 20, faults: [...outages, fault] });
  t.is(known(restart), 1500);
  t.is(known(restart, away(100, 300), away(1600, 3000)), 1500);
  t.is(known(restart, away(1000, 3000)), 4000);
  t.is(known(restart, away(3500, 3000), away(1000, 3000)), 6500);
  t.is(known(stall, away(1000, 3000)), 1500);
});

test('what is drawn reads as it was printed', (t) => {
  for (const seed of [1, 2, 3]) {
    const script = drawScript({ seed, preset: 'hostile', peers: 14, seconds: 60 });
    const printed = printScript(script);
    t.deepEqual(parseScript(printed), script);
    t.is(printScript(parseScript(printed)), printed);
  }
});
