import test from 'ava';
import fc from 'fast-check';
import { formatRate, parseRate, RateError } from '../../infra/units/rate.ts';

const READ: readonly (readonly [string, number])[] = [
  ['800k', 800_000],
  ['5mbit', 5_000_000],
  ['2.5Mbps', 2_500_000],
  ['2.5Mbit/s', 2_500_000],
  ['2.5 Mbit/s', 2_500_000],
  ['1200000', 1_200_000],
  ['1G', 1_000_000_000],
  ['300kbits', 300_000],
  ['64kbit/s', 64_000],
  ['0', 0],
  [' 1m ', 1_000_000],
];

for (const [text, bps] of READ) {
  test(`"${text}" is ${bps} bit/s`, (t) => {
    t.is(parseRate(text), bps);
  });
}

const REFUSED = ['', 'fast', '-5m', '5 mega', '1e6', '5tbit', '5mbit/min', '.5m', 'Infinity', '0x10', '101G'];

for (const text of REFUSED) {
  test(`"${text}" is no rate, and the error says what is`, (t) => {
    const error = t.throws(() => parseRate(text), { instanceOf: RateError });
    t.is(error.code, 'rate.invalid');
    t.regex(error.message, /800k, 5mbit/);
  });
}

for (const text of ['5MB', '5MBps', '5MB/s']) {
  test(`"${text}" counts bytes`, (t) => {
    t.regex(t.throws(() => parseRate(text), { instanceOf: RateError }).message, /bytes/);
  });
}

test('rates are written with three digits that count', (t) => {
  const written = [0, 999, 1000, 64_000, 999_999, 1_000_000, 2_456_000, 9_500_000, 1e9].map(formatRate);
  t.deepEqual(written, [
    ...['0 bit/s', '999 bit/s', '1 kbit/s', '64 kbit/s', '1 Mbit/s'],
    ...['1 Mbit/s', '2.46 Mbit/s', '9.5 Mbit/s', '1 Gbit/s'],
  ]);
});

test('what is written can be read again, to within the digits shown', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000_000_000 }), (bps) => {
      t.true(Math.abs(parseRate(formatRate(bps)) - bps) <= bps * 0.006);
    }),
    { seed: 4 },
  );
});
