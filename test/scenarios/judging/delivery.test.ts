import test from 'ava';
import type { Snapshot } from './delivery.ts';
import { deliveredShare, deliveriesIn, joinDeliveries, windowsBetween } from './delivery.ts';
import { pair, reception, snapshot, stream } from './made-up.ts';

/** By source: its camera's newest packet. */
function sent(newest: Readonly<Record<string, number | null>>): Snapshot {
  return snapshot(Object.fromEntries(Object.entries(newest).map(([id, sent]) => [id, { streams: [stream(sent)] }])));
}

test('a window holds what was sent after the first snapshot, up to the second', (t) => {
  const windows = windowsBetween(sent({ A: 99 }), sent({ A: 199 }));
  t.deepEqual(windows, [{ source: 'A', stream: 'camera', group: null, from: 100, to: 200 }]);
});

test('of a source that had not begun, and of one that has gone, nothing is expected', (t) => {
  const windows = windowsBetween(sent({ A: null, gone: 7 }), sent({ A: 9 }));
  t.deepEqual(windows, [{ source: 'A', stream: 'camera', group: null, from: 10, to: 10 }]);
});

test('every receiver is expected to get every source but its own', (t) => {
  const window = { received: 98, duplicates: 3, via: { R: 60, A: 38, Q: 0 } };
  const answers = snapshot({ A: {}, B: { receptions: [reception('A', { window })] }, C: {} });
  t.deepEqual(deliveriesIn([{ source: 'A', stream: 'camera', group: null, from: 100, to: 200 }], answers), [
    pair('A', 'B', { via: ['direct', 'R'], received: 98, lost: 2, duplicates: 3 }),
    pair('A', 'C', { via: [], received: 0, lost: 100 }),
  ]);
});

test('every stream of a source is counted for itself', (t) => {
  const both = (camera: number, voice: number) =>
    snapshot({ A: { streams: [stream(camera), { stream: 'voice', group: null, sent: voice, rateBps: 32_000 }] } });
  const windows = windowsBetween(both(9, 99), both(19, 109));
  t.deepEqual(windows, [
    { source: 'A', stream: 'camera', group: null, from: 10, to: 20 },
    { source: 'A', stream: 'voice', group: null, from: 100, to: 110 },
  ]);
  const window = { received: 10, duplicates: 0, via: { A: 10 } };
  const answers = snapshot({ B: { receptions: [reception('A', { window }), reception('A', { stream: 'voice' })] } });
  t.deepEqual(
    deliveriesIn(windows, answers).map(({ stream, lost }) => [stream, lost]),
    [
      ['camera', 0],
      ['voice', 10],
    ],
  );
});

test('of a group a receiver is expected to get one layer: the one that comes', (t) => {
  const layers = ['small', 'large'].map((layer) => ({ source: 'A', stream: layer, group: 'camera', from: 0, to: 10 }));
  const window = { received: 9, duplicates: 0, via: { A: 9 } };
  const few = { source: 'A', stream: 'none', group: 'camera', from: 0, to: 0 };
  const answers = snapshot({ B: { receptions: [reception('A', { stream: 'large', window })] }, C: {} });
  t.deepEqual(
    deliveriesIn([few, ...layers], answers).map(({ stream, receiver, lost }) => [stream, receiver, lost]),
    [
      ['large', 'B', 1],
      ['small', 'C', 10],
    ],
  );
});

test('two windows in a row count as one', (t) => {
  const first = [pair('A', 'B', { via: ['R'], received: 99, lost: 1 })];
  t.deepEqual(joinDeliveries(first, [pair('A', 'B', { duplicates: 2 }), pair('B', 'A')]), [
    pair('A', 'B', { via: ['direct', 'R'], expected: 200, received: 199, lost: 1, duplicates: 2 }),
    pair('B', 'A'),
  ]);
});

test('the share delivered counts packets, not pairs', (t) => {
  t.is(
    deliveredShare([pair('A', 'B', { received: 0, lost: 100 }), pair('B', 'A', { expected: 300, received: 300 })]),
    0.75,
  );
  t.is(deliveredShare([]), 0);
});
