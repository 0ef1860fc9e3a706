/** What runs come to, without a network. */
import test from 'ava';
import { CASES, type UplinkCase } from './cases.ts';
import { medianRows, roomRow, rowsOf } from './report.ts';

const CASE: UplinkCase = {
  ...{ name: 'x', bps: 1_000_000 },
  marks: [{ atS: 4, overS: 0.5, limits: { errorPct: 5 } }],
};
const estimate = (atMs: number, bps: number) => ({ atMs, bps });
const look = (atMs: number, queueMs: number, dropped: number, passed: number) => ({ atMs, queueMs, dropped, passed });

test('a row is of the time before its mark, and queue and loss are of the line at rest', (t) => {
  const [first, row] = rowsOf(CASE, {
    joinedMs: 100,
    estimates: [estimate(350, 1), estimate(3_700, 980_000), estimate(4_000, 960_000), estimate(4_200, 1)],
    // The first is of the search from nothing.
    looks: [look(200, 500, 0, 0), look(3_200, 4, 10, 100), look(3_300, 9, 10, 150), look(4_000, 7, 12, 198)],
    changedMs: undefined,
    ofRival: [],
  });
  t.like(first?.row, { case: 'x, first', estimateBps: 1, atS: 0.25 });
  t.deepEqual(row?.row, {
    ...{ case: 'x', trueBps: 1_000_000, estimateBps: 960_000, atS: 4, errorPct: -4, queueP95Ms: 9, lossPct: 2 },
  });
});

test('a change is followed once the estimate is near the new rate', (t) => {
  const change = { atS: 2, bps: 500_000, withinS: 0.35 };
  const rows = rowsOf(
    { ...CASE, change },
    {
      ...{ joinedMs: 0, looks: [], changedMs: 2_000, ofRival: [] },
      estimates: [estimate(1_000, 500_000), estimate(2_100, 900_000), estimate(2_300, 540_000)],
    },
  );
  t.like(rows.at(-1)?.row, { case: 'x, followed', atS: 0.3, estimateBps: 540_000, queueP95Ms: null });
});

test('nothing known is no figure, and of runs each figure is the middle of those that have one', (t) => {
  const heard = { joinedMs: 0, looks: [], changedMs: undefined, ofRival: [] };
  const run = (bps?: number) => rowsOf(CASE, { ...heard, estimates: bps === undefined ? [] : [estimate(3_900, bps)] });
  t.like(medianRows([run()])[1]?.row, { estimateBps: null, errorPct: null });
  t.like(medianRows([run(), run(900_000), run(1_100_000), run(950_000)])[1]?.row, { estimateBps: 950_000 });
});

test('what a second peer on the line has is a row of its own', (t) => {
  const heard = { joinedMs: 0, looks: [], changedMs: undefined };
  const rows = rowsOf(CASE, { ...heard, estimates: [estimate(3_900, 480_000)], ofRival: [estimate(3_800, 520_000)] });
  t.like(rows.at(-1)?.row, { case: 'x, the other', estimateBps: 520_000, atS: 4, errorPct: -48 });
});

test('each case has a name of its own', (t) => {
  t.is(new Set(CASES.map(({ name }) => name)).size, CASES.length);
});

test('of a room the lowest camera counts, and the fullest line', (t) => {
  const looks = [
    [look(3_200, 4, 0, 0), look(3_300, 30, 0, 9)],
    [look(3_200, 4, 0, 0), look(3_300, 8, 0, 9)],
  ];
  const heard = { name: 'room', atS: 15, boundBps: 400_000, lowestBps: 380_000, share: 0.999, looks, joinedMs: 0 };
  t.like(roomRow(heard), { trueBps: 400_000, estimateBps: 380_000, errorPct: -5, queueP95Ms: 30, lossPct: 0.1 });
});
