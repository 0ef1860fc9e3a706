/** How the benchmark tells how late pictures are. */
import test from 'ava';
import { latenessOf, type ShownFrame } from './late-frames.ts';

const FRAME_MS = 100 / 3;

/** Frames of so many numbers, shown 500 ms and `lateMs` after the decoder's clock began. */
function framesOf(from: number, to: number, lateMs: (number: number) => number): ShownFrame[] {
  return Array.from({ length: to - from }, (_, index) => {
    const momentMs = FRAME_MS * (from + index);
    return { momentMs, shownMs: 500 + momentMs + lateMs(from + index) };
  });
}

const USUAL = framesOf(0, 31, (number) => number % 3);

test('the latest frame is told, beside what was usual', (t) => {
  const frames = framesOf(31, 91, (number) => (number < 35 ? 121 - 30 * (number - 31) : 1));
  const { latestMs, shown } = latenessOf(USUAL, frames, FRAME_MS);
  t.is(Math.round(latestMs), 120);
  t.is(shown, 1);
});

test('frames that are missing are told, and make no other late', (t) => {
  const frames = framesOf(31, 91, () => 1).filter((_, index) => index !== 10 && index !== 11);
  const { latestMs, shown } = latenessOf(USUAL, frames, FRAME_MS);
  t.is(Math.round(latestMs), 0);
  t.is(shown, 58 / 60);
});

test('of no picture nothing is told', (t) => {
  t.throws(() => latenessOf(USUAL, [], FRAME_MS), { instanceOf: RangeError });
  t.throws(() => latenessOf([], USUAL, FRAME_MS), { instanceOf: RangeError });
});
