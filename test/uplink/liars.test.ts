/** Receivers that lie: each slows its own leg and no other, and none makes us send more than the line was seen to carry. */
import test from 'ava';
import type { Feedback, Heard } from '../../machines/uplink/contract.ts';
import { House } from './house.ts';

const MBIT = 1e6;
const LINE_BPS = 5 * MBIT;

type Lie = (report: Feedback) => readonly Feedback[];
const ofEach =
  (change: (heard: Heard, report: Feedback) => Heard): Lie =>
  (report) => [{ ...report, packets: report.packets.map((heard) => change(heard, report)) }];
const later = (heard: Heard, byMs: number): Heard => ({
  ...heard,
  arrivedAtMs: typeof heard.arrivedAtMs === 'number' ? heard.arrivedAtMs + byMs : heard.arrivedAtMs,
});

const HOLD_MS = 50;
const LIES: Record<string, () => Lie> = {
  'never waits and never loses': () =>
    ofEach((heard, { reportedAtMs }) => {
      const soonMs = reportedAtMs - HOLD_MS;
      const { arrivedAtMs } = heard;
      return { ...heard, arrivedAtMs: typeof arrivedAtMs === 'number' ? Math.min(arrivedAtMs, soonMs) : soonMs };
    }),
  'gets everything at once': () =>
    ofEach((heard, { reportedAtMs }) => ({ ...heard, arrivedAtMs: reportedAtMs - HOLD_MS })),
  'waits ever longer': () => {
    let reports = 0;
    return (report) => {
      reports += 1;
      const byMs = Math.min(900, 2 * reports);
      const packets = report.packets.map((heard) => later(heard, byMs));
      return [{ ...report, reportedAtMs: report.reportedAtMs + 1000, packets }];
    };
  },
  'knows of nothing when it came': () => ofEach((heard) => ({ ...heard, arrivedAtMs: 'sometime' })),
  'loses everything': () => ofEach((heard) => ({ ...heard, arrivedAtMs: undefined })),
  'loses every other packet': () =>
    ofEach((heard) => (heard.seq % 2 === 0 ? heard : { ...heard, arrivedAtMs: undefined })),
  'tells of streams that nobody sends': () => ofEach((heard) => ({ ...heard, ssrc: 99 })),
  'says it all again': () => {
    const said: Feedback[] = [];
    return (report) => {
      said.push(report);
      return [report, ...said.slice(-20).map((old) => ({ ...old, atMs: report.atMs }))];
    };
  },
  floods: () => (report) =>
    Array.from({ length: 300 }, (_, index) => ({ ...report, reportedAtMs: report.reportedAtMs + index / 100 })),
  'tells of what is to come': () =>
    ofEach((heard, { reportedAtMs }) => ({ ...heard, arrivedAtMs: reportedAtMs + 500 })),
  'had it before it was sent': () =>
    ofEach((heard, { reportedAtMs }) => ({ ...heard, arrivedAtMs: reportedAtMs - 1e5 })),
  'says nothing': () => () => [],
};

for (const [name, lie] of Object.entries(LIES))
  test(`one of three that ${name}`, (t) => {
    const house = new House({ bps: LINE_BPS, bufferMs: 250 }, 5);
    const sender = house.sends({ ways: [{ lie: lie() }, {}, {}], demandBps: 200 * MBIT });
    house.run(5000);
    const delivered = () => sender.receivers.slice(1).map((receiver) => receiver.delivered);
    let before = delivered();
    house.run(5000);
    for (const [index, bytes] of delivered().entries())
      t.true((8 * (bytes - (before[index] ?? 0))) / 5 >= 0.9 * (LINE_BPS / 3) * 0.95);
    t.true(house.between(3000).every(({ estimateBps }) => estimateBps <= 1.05 * LINE_BPS));
    house.line.carries(LINE_BPS / 2);
    house.run(3000);
    before = delivered();
    house.run(4000);
    for (const [index, bytes] of delivered().entries())
      t.true((8 * (bytes - (before[index] ?? 0))) / 4 >= 0.9 * (LINE_BPS / 6) * 0.95);
    t.true(house.between(13_000).every(({ estimateBps }) => estimateBps <= 1.05 * (LINE_BPS / 2)));
  });

test('of two the one that lies does not make the line look wider than by a seventh: both have to have seen it', (t) => {
  for (const [name, lie] of Object.entries(LIES)) {
    const house = new House({ bps: LINE_BPS, bufferMs: 250 }, 5);
    const sender = house.sends({ ways: [{ lie: lie() }, {}], demandBps: 200 * MBIT });
    house.run(12_000);
    t.true(
      house.between(3000).every(({ estimateBps }) => estimateBps <= (1 + 1 / 7) * LINE_BPS),
      `${name} ${Math.max(...house.between(3000).map((l) => l.estimateBps))}`,
    );
    t.true(house.queueP95(3000) <= 50);
    t.is(sender.dropped, 0);
  }
});
