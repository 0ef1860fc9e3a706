import test from 'ava';
import type { Comparison } from './comparison.ts';
import { figuresOf } from './figures.ts';
import type { Measurement } from './measurement.ts';

const good = (cpuUsPerPacket: number): Measurement => ({ cpuUsPerPacket, p50Us: 10, p99Us: 20, fault: null });
const bad: Measurement = { ...good(99), fault: 'the sender managed only 40 % of the packets' };

function comparison(batched: readonly Measurement[], c: readonly Measurement[]): Comparison {
  const under = (steady: readonly Measurement[]) => ({ steady, frames: steady, saturation: steady });
  return {
    measured: new Map([
      ['batched', under(batched)],
      ['c', under(c)],
    ]),
    rates: new Map([
      ['batched', { pps: 500, fault: null }],
      ['c', { pps: 400, fault: 'the receivers did not keep up and lost 3 %' }],
    ]),
    failures: [],
  };
}

test('a ratio compares what was measured in the same round', (t) => {
  const { ratios } = figuresOf(comparison([good(2), good(30), good(4)], [good(1), good(20), good(3)]));
  t.is(ratios[0]?.cpu, 1.5, 'the median of 2/1, 30/20 and 4/3');
});

test('a round with a fault counts for neither side', (t) => {
  const { rows, ratios } = figuresOf(comparison([bad, good(2), good(2)], [good(1), bad, good(1)]));
  t.is(rows[0]?.cpuUsPerPacket, 2);
  t.is(ratios[0]?.cpu, null, 'one common round of three is too little');
});

test('a figure with too few good rounds is void, and the reason is said', (t) => {
  const { rows, voids } = figuresOf(comparison([bad, bad, good(2)], [good(1), good(1), good(1)]));
  t.is(rows[0]?.cpuUsPerPacket, null);
  t.is(rows[0]?.p99Us, null);
  t.is(voids[0], 'batched, steady: void, since in 2 of 3 rounds the sender managed only 40 % of the packets');
});

test('a lossless rate that the bench itself could not try is void', (t) => {
  const { rows, voids } = figuresOf(comparison([good(1)], [good(1)]));
  t.is(rows[0]?.maxLosslessPps, 500);
  t.is(rows.find(({ variant }) => variant === 'c')?.maxLosslessPps, null);
  t.true(voids.some((line) => line.includes('at least 400/s')));
});
