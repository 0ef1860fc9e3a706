import test from 'ava';
import type { LaidOutChart } from '../../actors/page/app/picture/charts/layout.ts';
import { litOf } from '../../actors/page/app/picture/charts/lit.ts';
import { curveOf, flowsOf, widthOf } from '../../actors/page/app/picture/flows.ts';
import { laneOf, marksOf, ticksOf } from '../../actors/page/app/picture/lanes.ts';
import { Colours, nodeRadius, placesOf } from '../../actors/page/app/picture/places.ts';
import { arcOf } from '../../actors/page/app/picture/ring.ts';
import { relayedBy, waysBySource } from '../../actors/page/app/picture/ways.ts';
import type { Arrow, RoomEvent } from '../../actors/room-picture/contract.ts';

const SIZES = [
  { width: 800, height: 560 },
  { width: 350, height: 384 },
];
const ids = (count: number) => Array.from({ length: count }, (_, place) => `P${place}`);
const arrow = (from: string, to: string, changes: Partial<Arrow> = {}): Arrow => ({
  ...{ from, to, source: from, stream: 'camera', media: 'video', bps: 1e6, kind: 'direct' },
  ...changes,
});

for (const size of SIZES) {
  for (const count of [1, 2, 3, 5, 12, 25, 50]) {
    test(`${count} peers find place on ${size.width} px, inside, and beside each other`, (t) => {
      const radius = nodeRadius(count, size);
      const places = [...placesOf(ids(count), size).values()];
      for (const [index, { x, y }] of places.entries()) {
        t.true(x >= radius && x <= size.width - radius && y >= radius && y <= size.height - radius);
        const next = places[(index + 1) % places.length];
        if (count > 1 && count <= 25 && next !== undefined)
          t.true(Math.hypot(next.x - x, next.y - y) > 1.5 * radius, `${index}`);
      }
    });
  }
}

test('a person keeps its colour, whoever comes and goes, and the first dozen differ', (t) => {
  const colours = new Colours();
  const hues = ids(12).map((id) => colours.hueOf(id));
  t.is(new Set(hues).size, 12);
  t.deepEqual(
    ids(40)
      .reverse()
      .map((id) => colours.hueOf(id))
      .reverse()
      .slice(0, 12),
    hues,
  );
});

test("streams of one source on one way are one arrow, a relay's where any of them goes on from there", (t) => {
  const flows = flowsOf([
    arrow('A', 'B', { bps: 1e6 }),
    arrow('A', 'B', { stream: 'voice', bps: 5e4, kind: 'to-relay' }),
    arrow('B', 'C', { source: 'A', stream: 'voice', kind: 'relayed' }),
    arrow('B', 'C'),
  ]);
  t.deepEqual(
    flows.map(({ key, kind, bps, streams }) => [key, kind, bps, streams.join('+')]),
    [
      ['A B A', 'to-relay', 1.05e6, 'camera+voice'],
      ['B C A', 'relayed', 1e6, 'voice'],
      ['B C B', 'direct', 1e6, 'camera'],
    ],
  );
});

test('an arrow is wider the more it carries, within bounds, and thinner in a crowd', (t) => {
  const widths = [0, 5e4, 1e6, 4e6, 1e12].map((bps) => widthOf(bps, 4));
  t.deepEqual(widths, [1, 1, 4, 8, 10]);
  t.true(widthOf(1e6, 25) < widthOf(1e6, 4));
});

test('arrows there and back, and side by side, are different curves', (t) => {
  const [from, to] = [
    { x: 0, y: 0, angle: 0 },
    { x: 100, y: 0, angle: 0 },
  ];
  const curves = [
    curveOf({ from, to, radius: 10, index: 0, count: 2 }),
    curveOf({ from, to, radius: 10, index: 1, count: 2 }),
    curveOf({ from: to, to: from, radius: 10, index: 0, count: 1 }),
    curveOf({ from, to: from, radius: 10, index: 0, count: 1 }),
  ];
  t.is(new Set(curves).size, 4);
  for (const curve of curves) t.regex(curve, /^M[-\d.]+ [-\d.]+Q[-\d.]+ [-\d.]+ [-\d.]+ [-\d.]+$/);
});

test('a ring that is full is drawn, one of nothing is not', (t) => {
  t.is(arcOf(20, 0.3, 0.3), '');
  t.regex(arcOf(20, 0, 1), /^M0\.00 -20\.00A20 20 0 1 1 /);
  t.regex(arcOf(20, 0, 0.25), /A20 20 0 0 1 20\.00 (-?0\.00|0)/);
});

test('who relays for whom, and which ways streams go, in words', (t) => {
  const arrows = [
    arrow('A', 'B', { kind: 'to-relay' }),
    arrow('B', 'D', { source: 'A', kind: 'relayed' }),
    arrow('B', 'C', { source: 'A', kind: 'relayed' }),
    arrow('B', 'A'),
  ];
  t.deepEqual([...relayedBy(arrows)], [['B', ['A']]]);
  const ways = waysBySource(arrows).get('A');
  t.deepEqual(ways?.direct, ['B']);
  t.deepEqual([...(ways?.via ?? [])], [['B', ['C', 'D']]]);
});

const left = (atMs: number, why: 'bye' | 'silent'): RoomEvent => ({ what: 'left', atMs, peer: 'A', why });

test('losses have a lane of their own, whatever they are the end of', (t) => {
  t.is(laneOf(left(0, 'bye')), 'people');
  t.is(laneOf(left(0, 'silent')), 'losses');
  const ended = { what: 'ended', atMs: 0, client: 'A', relay: 'B', by: 'A' } as const;
  t.is(laneOf({ ...ended, reason: 'client.done' }), 'agreements');
  t.is(laneOf({ ...ended, reason: 'relay.silent' }), 'losses');
});

test('marks that would cover each other are one, and what is out of the span is none', (t) => {
  const events = [left(0, 'bye'), left(10, 'bye'), left(20, 'silent'), left(50_000, 'bye'), left(200_000, 'bye')];
  const marks = marksOf(events, { fromMs: 0, toMs: 100_000 }, 500);
  t.deepEqual(
    marks.map(({ lane, events: together, x }) => [lane, together.length, Math.round(x)]),
    [
      ['people', 2, 0],
      ['losses', 1, 0],
      ['people', 1, 250],
    ],
  );
});

test('ticks are whole moments, few enough to be read, for any span', (t) => {
  t.deepEqual(ticksOf({ fromMs: 1500, toMs: 11_500 }, 500), [2000, 4000, 6000, 8000, 10_000]);
  for (const spanMs of [0, 1, 1000, 60_000, 3_600_000, 86_400_000, 8e15])
    t.true(ticksOf({ fromMs: 0, toMs: spanMs }, 900).length <= 11, `${spanMs}`);
});

const chart = {
  transitions: [
    { from: 'x.1', to: 'x.2', label: { lines: ['go [may]', 'after rest (5 ms)'] } },
    { from: '', to: 'x.2', label: { lines: ['reset'] } },
    { from: 'x', to: 'y', label: { lines: ['over'] } },
  ],
} as unknown as LaidOutChart;
const machineIn = (states: string[], step?: { event: string; from: string[]; to: string[] }) => ({
  ...{ machine: 'm', chart: 'm', states },
  latest: step === undefined ? [] : [{ atMs: 0, ...step }],
});

test('the states that a machine is in are lit, with what holds them, and the transition that led there', (t) => {
  t.deepEqual([...litOf(chart, machineIn(['x.2.a'])).states], ['x', 'x.2', 'x.2.a']);
  const led = (event: string, from: string, to: string) =>
    litOf(chart, machineIn([to], { event, from: [from], to: [to] })).transition;
  t.is(led('go', 'x.1', 'x.2'), 0);
  t.is(led('after rest', 'x.1', 'x.2'), 0);
  t.is(led('reset', 'x.1', 'x.2'), 1);
  t.is(led('over', 'x.2', 'y'), 2);
  t.is(led('what else', 'x.1', 'x.2'), 0);
  t.is(led('over', 'z', 'z'), null);
  t.is(litOf(chart, undefined).transition, null);
});
