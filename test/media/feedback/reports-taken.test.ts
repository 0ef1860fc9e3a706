import test from 'ava';
import { ReportsTaken } from '../../../actors/media/feedback/reports-taken.ts';
import { type StreamArrivals, writeArrivalReport } from '../../../infra/rtcp/arrival-report.ts';

const SECOND = 0x1_0000;
const STREAMS: readonly StreamArrivals[] = [{ ssrc: 7, first: 65_535, arrivals: [125, 'missing', 'came'] }];
const report = (shortNtp: number, streams = STREAMS) => writeArrivalReport({ senderSsrc: 1, shortNtp, streams });
const within = (values: readonly (number | string | undefined)[], expected: readonly number[]) =>
  values.every((value, index) => Math.abs(Number(value) - (expected[index] ?? 0)) < 0.001);

test('arrivals are told on one clock, which goes on where the timestamp wraps around', (t) => {
  const taken = new ReportsTaken();
  const [first] = taken.take('B', report(0xffff_8000), 10);
  const [second] = taken.take('B', report(SECOND / 2), 60);
  t.like(first, {
    leg: 'B',
    atMs: 10,
    packets: [
      { ssrc: 7, seq: 65_535 },
      { ssrc: 7, seq: 0, arrivedAtMs: undefined },
      { ssrc: 7, seq: 1, arrivedAtMs: 'sometime' },
    ],
  });
  t.is(first?.packets.length, 3);
  const [begun = 0, later = 0] = [first?.reportedAtMs, second?.reportedAtMs];
  t.is(later - begun, 1000);
  t.true(within([first?.packets[0]?.arrivedAtMs, second?.packets[0]?.arrivedAtMs], [begun - 125, later - 125]));
});

test('a report that is older than one before does not count, until nothing else has come for two seconds', (t) => {
  const taken = new ReportsTaken();
  t.is(taken.take('B', report(10 * SECOND), 0).length, 1);
  t.is(taken.take('B', report(10 * SECOND), 1).length, 1, 'one report may come in several datagrams');
  t.is(taken.take('B', report(9 * SECOND), 100).length, 0);
  t.is(taken.counts.stale, 1);
  t.is(taken.take('B', report(9 * SECOND), 2100).length, 1, 'it has begun anew');
  t.is(taken.take('B', report(10 * SECOND), 2150).length, 1);
});

test('what one member floods us with is not read, and those of another are', (t) => {
  const taken = new ReportsTaken();
  let count = 0;
  for (let sent = 0; sent < 500; sent++) count += taken.take('B', report(SECOND), 0).length;
  t.is(count, 80);
  t.is(taken.counts.refused, 420);
  t.is(taken.take('C', report(SECOND), 0).length, 1);
  taken.follow(new Set(['C']));
  t.is(taken.take('B', report(SECOND), 0).length, 1, 'who has left and come again begins anew');
});

test('other RTCP is no report, and what lies about its length is counted', (t) => {
  const taken = new ReportsTaken();
  t.deepEqual(taken.take('B', Buffer.from('80c9000100000001', 'hex'), 0), []);
  t.deepEqual(taken.take('B', report(SECOND).subarray(0, 20), 0), []);
  t.deepEqual(taken.take('B', new Uint8Array(0), 0), []);
  t.deepEqual(taken.counts, { taken: 0, refused: 0, malformed: 1, stale: 0 });
});
