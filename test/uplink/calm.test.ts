/** What is taken for a breath of a line, and what for news: of the figure for plans, of single samples, and of legs that are new. */
import test from 'ava';
import { Calm } from '../../machines/uplink/calm.ts';
import { Capacity } from '../../machines/uplink/capacity.ts';
import type { Heard } from '../../machines/uplink/contract.ts';
import { Uplink } from '../../machines/uplink/uplink.ts';

const STEP_MS = 25;

/** What is published of these figures, one every 25 ms. */
function published(figures: readonly number[]): (number | undefined)[] {
  const calm = new Calm();
  return figures.map((bps, index) => {
    calm.take(bps, index * STEP_MS);
    return calm.bps;
  });
}

const lasting = (bps: number, ms: number) => Array.from({ length: ms / STEP_MS }, () => bps);

test('a deep fall is told at once, a small one when it lasts, and then no more of it than it was at its least', (t) => {
  t.is(published([1000, 800]).at(-1), 800);
  t.is(published([1000, ...lasting(940, 1000)]).at(-1), 1000);
  t.is(published([1000, ...lasting(940, 1000), 990, ...lasting(940, 1000)]).at(-1), 1000);
  t.is(published([1000, ...lasting(940, 1000), ...lasting(950, 1000)]).at(-1), 950);
});

test('a rise is told when it has lasted, and no more of it than it was at its least', (t) => {
  t.is(published([1000, ...lasting(1200, 1500)]).at(-1), 1000);
  t.is(published([1000, ...lasting(1200, 1500), ...lasting(1150, 1500)]).at(-1), 1150);
});

test('a line is taken for slower by one sample only as far as that is sure: the second in a row decides', (t) => {
  const capacity = new Capacity();
  capacity.set(2_000_000);
  const see = (bps: number, nowMs: number) =>
    capacity.see(
      { queueMs: 20, sample: { bps, slope: 0.3, loss: 0 }, isBusy: true, isShared: false, delivered: undefined },
      nowMs,
    );
  see(1_600_000, 1000);
  t.is(capacity.bps, 2_000_000);
  see(1_900_000, 1025);
  t.is(capacity.bps, 1_900_000);
  see(1_000_000, 2000);
  t.is(capacity.bps, 1_250_000, 'the one before is long ago');
  see(1_010_000, 2025);
  t.is(capacity.bps, 1_010_000);
});

test('where little is sent a queue has to last before it is the line: a machine that stood still makes one too', (t) => {
  const capacity = new Capacity();
  capacity.set(10_000_000);
  const see = (queueMs: number, nowMs: number) => {
    const sample = { bps: 1_000_000, slope: 0.3, loss: 0 };
    capacity.see({ queueMs, sample, isBusy: false, isShared: false, delivered: undefined }, nowMs);
    return capacity.bps;
  };
  for (let nowMs = 0; nowMs < 2000; nowMs += 25) t.is(see(nowMs % 400 < 350 ? 60 : 0, nowMs), 10_000_000);
  for (let nowMs = 2000; nowMs < 2400; nowMs += 25) t.is(see(60, nowMs), 10_000_000);
  see(60, 2425);
  t.is(see(60, 2450), 1_000_000);
});

test('legs that are new in a full uplink do not make the ways of the others look full', (t) => {
  const uplink = new Uplink({ legs: ['A', 'B', 'C', 'D'], wantBps: 2_000_000, audioBps: 0, capBps: undefined });
  const untold = new Map<string, Heard[]>();
  const queueMs = (atMs: number) => (atMs < 3000 ? 0 : 30);
  let [turn, state] = [0, uplink.wake(0)];
  for (let atMs = 0; atMs < 6000; atMs += 2) {
    const legs = atMs < 3200 ? ['A', 'B'] : ['A', 'B', 'C', 'D'];
    const leg = legs[turn % legs.length] ?? 'A';
    uplink.sent([{ leg, ssrc: 1, seq: turn & 0xffff, bytes: 1228, sentAtMs: atMs, resent: false }]);
    const heard = untold.get(leg) ?? [];
    untold.set(leg, [...heard, { ssrc: 1, seq: turn & 0xffff, arrivedAtMs: atMs + 20 + queueMs(atMs) }]);
    turn += 1;
    if (atMs % 50 !== 0) continue;
    for (const [of, packets] of untold) {
      const came = packets.filter(({ arrivedAtMs }) => typeof arrivedAtMs === 'number' && arrivedAtMs <= atMs);
      untold.set(of, packets.slice(came.length));
      if (came.length > 0) uplink.reported({ leg: of, atMs: atMs + 20, reportedAtMs: atMs, packets: came });
    }
    state = uplink.wake(atMs + 20);
  }
  t.deepEqual(state.caps, []);
});
