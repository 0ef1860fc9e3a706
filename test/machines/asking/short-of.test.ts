/** Which relays have not granted what is wanted of them. */
import test from 'ava';
import { shortOf } from '../../../machines/negotiation/carry-out.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';

const through = (relay: string) => new Map([['C', new Map([[relay, ALL_SLICES]])]]);
const wanted = new Map([
  ['camera', through('R')],
  ['voice', through('S')],
]);
const wantedRates = new Map([
  ['camera', 1000],
  ['voice', 30],
]);
const legs = [{ receiver: 'C', slices: ALL_SLICES }];
const granting = (stream: string, rateBps: number, slices = ALL_SLICES) => ({
  ...{ id: 'A.1', terms: [], revision: 1 },
  granted: [{ stream, rateBps, legs: legs.map((leg) => ({ ...leg, slices })) }],
});
const short = (r: ReturnType<typeof granting>, s = granting('voice', 30)) =>
  shortOf({
    ...{ wanted, wantedRates, inForce: new Map(), held: new Map(), rates: new Map() },
    asked: new Map([
      ['R', r],
      ['S', s],
    ]),
  });

test('a relay of one stream is not short of another that goes elsewhere', (t) => {
  t.deepEqual(short(granting('camera', 1000)), []);
});

test('one that grants a lower rate, a part of the slices, or another stream is short', (t) => {
  t.deepEqual(short(granting('camera', 999)), ['R']);
  t.deepEqual(short(granting('camera', 1000, 0x00ff)), ['R']);
  t.deepEqual(short(granting('voice', 30)), ['R']);
  t.deepEqual(short(granting('camera', 1000), granting('voice', 29)), ['S']);
});
