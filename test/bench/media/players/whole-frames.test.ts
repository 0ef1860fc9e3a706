/** How the benchmark counts packets and whole frames. */
import test from 'ava';
import { deliveryOf, type Seen } from './whole-frames.ts';

const TICKS = 3000;

/** Ten frames of four packets each. */
const ALL: readonly Seen[] = Array.from({ length: 40 }, (_, index) => ({
  sequence: index,
  timestamp: TICKS * Math.floor(index / 4),
  marker: index % 4 === 3,
}));
const without = (...lost: readonly number[]) => ALL.filter(({ sequence }) => !lost.includes(sequence));

test('all that came is whole, in whatever order and however often', (t) => {
  t.deepEqual(deliveryOf(ALL, TICKS), { delivered: 1, framesWhole: 1 });
  t.deepEqual(deliveryOf([...ALL, ...ALL].reverse(), TICKS), { delivered: 1, framesWhole: 1 });
});

test('a frame is whole if every packet of it came', (t) => {
  t.deepEqual(deliveryOf(without(9), TICKS), { delivered: 39 / 40, framesWhole: 7 / 8 });
  t.deepEqual(deliveryOf(without(9, 10, 22), TICKS), { delivered: 37 / 40, framesWhole: 6 / 8 });
});

test('where the end of a frame is missing, the next one is not known to be whole', (t) => {
  t.is(deliveryOf(without(11), TICKS).framesWhole, 6 / 8);
});

test('frames of which nothing came are missing as well', (t) => {
  t.is(deliveryOf(without(8, 9, 10, 11, 12, 13, 14, 15), TICKS).framesWhole, 5 / 8);
});

test('a timestamp that is rounded the other way makes no difference', (t) => {
  const early = ALL.map((packet) => (packet.sequence < 36 ? packet : { ...packet, timestamp: packet.timestamp - 1 }));
  t.deepEqual(deliveryOf(early, TICKS), { delivered: 1, framesWhole: 1 });
});

test('of nearly nothing no share is told', (t) => {
  t.throws(() => deliveryOf(ALL.slice(0, 8), TICKS), { instanceOf: RangeError });
});
