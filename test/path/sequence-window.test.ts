import test from 'ava';
import fc from 'fast-check';
import {
  COPY_AGE_MS,
  RESTART_MS,
  RESTART_RUN,
  SEQUENCE_WINDOW_BYTES,
  SequenceWindow,
  STALE,
  WINDOW_PACKETS,
} from '../../infra/path/decision/sequence-window.ts';

const fresh = () => new SequenceWindow(new ArrayBuffer(SEQUENCE_WINDOW_BYTES));

/** Places a packet and says whether it is to be delivered. */
function deliver(window: SequenceWindow, sequence: number, nowMs = 0): boolean {
  const extended = window.place(sequence & 0xffff, nowMs);
  return extended !== STALE && window.markDelivered(extended);
}

test('before the first packet nothing is expected', (t) => {
  const window = fresh();
  t.is(window.highest - window.first + 1, 0);
});

test('reordered packets are delivered, and the one that overtook the first counts as first', (t) => {
  const window = fresh();
  t.deepEqual(
    [2, 65535, 0, 1, 3].map((sequence) => window.place(sequence, 0)),
    [2, -1, 0, 1, 3],
  );
  t.deepEqual([window.first, window.highest], [-1, 3]);
});

test('the newest packets are remembered, older ones count as seen', (t) => {
  const window = fresh();
  t.true(deliver(window, 10));
  t.true(deliver(window, 10 + WINDOW_PACKETS));
  t.true(deliver(window, 11));
  t.false(deliver(window, 11));
  t.is(window.place(10, 0), STALE);
  t.true(deliver(window, 11 + WINDOW_PACKETS));
});

test('a gap longer than the window forgets all before it', (t) => {
  const window = fresh();
  for (let sequence = 0; sequence < 100; sequence++) deliver(window, sequence);
  t.true(deliver(window, 30_000));
  t.true(deliver(window, 30_000 - 1));
  t.is(window.highest, 30_000);
});

test('a source that starts again elsewhere is followed after a few packets, a straggler is not', (t) => {
  const window = fresh();
  deliver(window, 20_000);
  for (let straggler = 0; straggler < RESTART_RUN - 1; straggler++) t.false(deliver(window, straggler));
  t.true(deliver(window, 20_001));
  for (let late = 0; late < RESTART_RUN - 1; late++) t.false(deliver(window, 500 + late));
  t.true(deliver(window, 500 + RESTART_RUN - 1));
  t.is(window.highest, 65536 + 500 + RESTART_RUN - 1);
  t.is(window.first, window.highest);
  t.true(deliver(window, 500 + RESTART_RUN));
});

/** How many numbers the window then counts: after a whole circle it cannot know that there was one. */
const OUTAGES = [
  [40_000, 199],
  [62_000, 199],
  [65_535, 5199],
] as const;

for (const [lost, counted] of OUTAGES) {
  test(`after an outage of ${lost} packets each one that comes is delivered, but for the first, and its copy is not`, (t) => {
    const window = fresh();
    for (let sequence = 0; sequence < 5000; sequence++) deliver(window, sequence, sequence);
    const afterMs = 4999 + COPY_AGE_MS;
    t.false(deliver(window, 5000 + lost, afterMs));
    for (let sequence = 5001 + lost; sequence < 5200 + lost; sequence++) {
      t.true(deliver(window, sequence, afterMs + RESTART_MS));
      t.false(deliver(window, sequence, afterMs + RESTART_MS + 1));
    }
    t.is(window.highest - window.first + 1, counted);
  });
}

test('copies that have waited while their reader stood still are copies, however many and long ago', (t) => {
  const window = fresh();
  for (let sequence = 0; sequence < 100; sequence++) deliver(window, sequence, sequence);
  let wokenMs = 99 + COPY_AGE_MS;
  for (let sequence = 50; sequence < 100; sequence++) t.false(deliver(window, sequence, wokenMs));
  t.true(deliver(window, 100, wokenMs + 1));
  t.false(deliver(window, 99, wokenMs + RESTART_MS));
  // Another time, when the one before says nothing.
  wokenMs += 2 * COPY_AGE_MS;
  for (let sequence = 50; sequence <= 100; sequence++) t.false(deliver(window, sequence, wokenMs));
  t.true(deliver(window, 101, wokenMs + RESTART_MS));
  t.false(deliver(window, 100, wokenMs + RESTART_MS));
  t.is(window.highest - window.first + 1, 102);
});

test('as long as a copy may still be on its way, what looks like one is one', (t) => {
  const window = fresh();
  for (let sequence = 0; sequence < 5000; sequence++) deliver(window, sequence, 0);
  t.false(deliver(window, 4999, COPY_AGE_MS - 1));
  t.false(deliver(window, 2000, COPY_AGE_MS - 1));
  t.true(deliver(window, 5000, COPY_AGE_MS));
  t.false(deliver(window, 4999, COPY_AGE_MS));
});

test('the age of what was seen holds when the milliseconds no longer fit in 32 bits', (t) => {
  const window = fresh();
  const lateMs = 2 ** 31 - 1;
  deliver(window, 7, lateMs + 0.5);
  t.false(deliver(window, 7, lateMs + COPY_AGE_MS - 1));
  t.false(deliver(window, 7, lateMs + COPY_AGE_MS + 1));
  t.false(deliver(window, 7, lateMs + COPY_AGE_MS + RESTART_MS));
  t.true(deliver(window, 7, lateMs + COPY_AGE_MS + RESTART_MS + 1));
});

test('any order of a stream within the window delivers each packet once', (t) => {
  const arrival = fc.record({
    start: fc.integer({ min: 0, max: 0xffff }),
    swaps: fc.array(fc.nat(99), { maxLength: 200 }),
  });
  fc.assert(
    fc.property(arrival, ({ start, swaps }) => {
      const window = fresh();
      const order = Array.from({ length: 300 }, (_, index) => start + index);
      const sent = [...order, ...swaps.map((at) => start + at)].sort((a, b) => (a % 7) - (b % 7) || a - b);
      const delivered = sent.filter((sequence) => deliver(window, sequence));
      t.is(delivered.length, order.length);
      t.is(window.highest - window.first + 1, order.length);
    }),
    { seed: 6479, numRuns: 200 },
  );
});

test('what turns out to be none of the stream makes room for what is', (t) => {
  const window = fresh();
  t.true(deliver(window, 10));
  t.true(deliver(window, 11));
  window.unmark(11);
  t.true(deliver(window, 11));
  t.false(deliver(window, 11));
  for (const ahead of [40, 90, 60]) t.true(deliver(window, ahead));
  for (const ahead of [60, 90, 40]) window.unmark(ahead);
  t.is(window.highest, 11, 'it has come as far as before');
  window.unmark(11 + WINDOW_PACKETS);
  t.false(deliver(window, 11), 'another number in the same place changes nothing');
});
