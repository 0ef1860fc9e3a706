/** When a picture stands still, as people see it. */
import test from 'ava';
import { Freezes } from '../../actors/sink/freezes.ts';

/** Frames of three packets each, at these times in ms. */
function shown(...timesMs: readonly number[]): Freezes {
  const freezes = new Freezes();
  for (const atMs of timesMs) for (let packet = 0; packet < 3; packet++) freezes.arrived(90 * atMs, atMs + packet);
  return freezes;
}
const steady = (count: number, everyMs: number) => Array.from({ length: count }, (_, index) => index * everyMs);

test('frames at their pace are no freeze, whatever it is, nor is one that is a little late', (t) => {
  for (const everyMs of [20, 33, 200, 1000]) {
    const last = 29 * everyMs;
    t.deepEqual(shown(...steady(30, everyMs)).totals(last + everyMs), { freezes: 0, frozenMs: 0, stillMs: 0 });
  }
  t.is(shown(...steady(30, 40), 29 * 40 + 180).totals(1400).freezes, 0);
});

test('a frame that comes late ends a freeze, and while none comes the picture stands still', (t) => {
  const frames = steady(30, 40);
  const last = 29 * 40;
  t.is(shown(...frames).totals(last + 189).stillMs, 0);
  t.is(shown(...frames).totals(last + 400).stillMs, 400);
  const after = shown(...frames, last + 400, last + 440, last + 1000);
  t.deepEqual(after.totals(last + 1000), { freezes: 2, frozenMs: 960, stillMs: 0 });
});

test('what was paused was not frozen, and may go on at another pace', (t) => {
  const last = 29 * 40;
  const paused = shown(...steady(30, 40), last + 6000, last + 7000, last + 8000);
  t.deepEqual(paused.totals(last + 8900), { freezes: 0, frozenMs: 0, stillMs: 0 });
});

test('packets in another order are no frames of their own, and a stream that begins anew goes on', (t) => {
  const freezes = shown(...steady(30, 40));
  freezes.arrived(90 * 27 * 40, 1170);
  t.is(freezes.totals(1160 + 189).stillMs, 0);
  freezes.arrived(2 ** 31 + 7, 1200);
  freezes.arrived(2 ** 31 + 7 + 3600, 1240);
  t.deepEqual(freezes.totals(1280), { freezes: 0, frozenMs: 0, stillMs: 0 });
});

test('of a single frame nobody knows when the next is due', (t) => {
  t.is(shown(0).totals(60_000).stillMs, 0);
  t.is(new Freezes().totals(60_000).stillMs, 0);
});
