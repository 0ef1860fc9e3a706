import test from 'ava';
import { Arrivals } from '../../../actors/media/feedback/arrivals.ts';
import { writeArrivalReport } from '../../../infra/rtcp/arrival-report.ts';

const SSRC = 7;
const came = (arrivals: Arrivals, ...packets: readonly (readonly [sequence: number, atMs: number])[]) => {
  for (const [sequence, atMs] of packets) arrivals.arrived(SSRC, sequence, atMs);
};
const told = (arrivals: Arrivals, nowMs: number, again = true) =>
  arrivals.report(nowMs, again).flatMap((datagram) => datagram.map(({ first, arrivals }) => [first, arrivals]));

test('packets are told twice, in two reports one after the other, around the end of the numbers', (t) => {
  const arrivals = new Arrivals();
  came(arrivals, [65_534, 10], [0, 30]);
  t.deepEqual(told(arrivals, 40), [[65_534, [30, 'missing', 10]]]);
  came(arrivals, [1, 60]);
  t.deepEqual(told(arrivals, 90), [[65_534, [80, 'missing', 60, 30]]]);
  came(arrivals, [2, 100]);
  t.deepEqual(told(arrivals, 140), [[1, [80, 40]]]);
});

test('where there is no upload for it they are told once, but for what came late', (t) => {
  const arrivals = new Arrivals();
  came(arrivals, [1, 10], [3, 30]);
  t.deepEqual(told(arrivals, 50, false), [[1, [40, 'missing', 20]]]);
  came(arrivals, [4, 60]);
  t.deepEqual(told(arrivals, 100, false), [[4, [40]]]);
  came(arrivals, [3, 110], [5, 120]);
  t.deepEqual(told(arrivals, 150, false), [[4, [90, 30]]], 'what has been told twice is told no more');
});

test('nothing is told where nothing has come', (t) => {
  const arrivals = new Arrivals();
  t.deepEqual(told(arrivals, 50), []);
  came(arrivals, [1, 60]);
  t.deepEqual(told(arrivals, 100), [[1, [40]]]);
  t.deepEqual(told(arrivals, 150), []);
});

test('of two copies the first one is told, in whichever report', (t) => {
  const arrivals = new Arrivals();
  came(arrivals, [1, 10], [1, 20]);
  t.deepEqual(told(arrivals, 50), [[1, [40]]]);
  came(arrivals, [1, 60], [2, 70]);
  t.deepEqual(told(arrivals, 100), [[1, [90, 30]]]);
});

test('a stream that leaps ahead begins anew, and so does one that goes on far behind; one packet from there does not count', (t) => {
  const arrivals = new Arrivals();
  came(arrivals, [1, 10], [5001, 20], [5002, 30]);
  t.deepEqual(told(arrivals, 50), [[5001, [30, 20]]]);
  came(arrivals, [90, 60], [5003, 70]);
  t.deepEqual(told(arrivals, 100), [[5001, [80, 70, 30]]]);
  came(arrivals, [90, 110], [91, 120], [92, 130]);
  t.deepEqual(told(arrivals, 150), [[91, [30, 20]]]);
});

test('what one report tells of a member fits into four datagrams, each of which passes everywhere', (t) => {
  const arrivals = new Arrivals();
  for (let ssrc = 0; ssrc < 400; ssrc++) {
    for (let packet = 0; packet < 20; packet++) arrivals.arrived(ssrc, packet * 900, packet);
  }
  const datagrams = arrivals.report(50, true);
  t.is(datagrams.length, 4);
  for (const streams of datagrams) t.true(writeArrivalReport({ senderSsrc: 1, shortNtp: 2, streams }).length <= 1200);
});

test('a long stream goes on in the next datagram where it ended in the one before', (t) => {
  const arrivals = new Arrivals();
  for (let packet = 0; packet < 1000; packet++) arrivals.arrived(SSRC, packet, packet / 100);
  const parts = arrivals.report(50, true).flat();
  t.is(parts.length, 2);
  t.is(parts[1]?.first, parts[0]?.arrivals.length);
  t.deepEqual(
    parts.flatMap((part) => part.arrivals),
    Array.from({ length: 1000 }, (_, packet) => 50 - packet / 100),
  );
});

test('a stream that rests is forgotten and makes room for another', (t) => {
  const arrivals = new Arrivals();
  for (let ssrc = 0; ssrc < 257; ssrc++) arrivals.arrived(ssrc, 1, 0);
  t.is(arrivals.report(50, true).flat().length, 256);
  arrivals.report(3000, true);
  arrivals.arrived(999, 1, 3010);
  t.deepEqual(
    arrivals
      .report(3050, true)
      .flat()
      .map(({ ssrc }) => ssrc),
    [999],
  );
});
