/** What is believed of one receiver's reports, and what is kept of it. */
import test from 'ava';
import type { Feedback, Heard, Sent } from '../../machines/uplink/contract.ts';
import { Leg } from '../../machines/uplink/leg.ts';

const sentAt = (sentAtMs: number, seq: number): Sent => ({
  leg: 'B',
  ssrc: 1,
  seq,
  bytes: 1200,
  sentAtMs,
  resent: false,
});
const report = (atMs: number, packets: readonly Heard[], reportedAtMs = atMs): Feedback => ({
  leg: 'B',
  atMs,
  reportedAtMs,
  packets,
});
const heard = (seq: number, arrivedAtMs: number | undefined): Heard => ({ ssrc: 1, seq, arrivedAtMs });

/** A leg that was sent a packet each ms. */
function legWith(packets: number) {
  const leg = new Leg('B');
  const marks: number[] = [];
  for (let seq = 0; seq < packets; seq += 1) leg.sent(sentAt(seq, seq), 1200 * (seq + 1));
  return { leg, marks, tell: (told: Feedback) => leg.reported(told, ({ queueMs }) => marks.push(queueMs)) };
}

test('a packet waits for as long as it took longer than the quickest', (t) => {
  const { marks, tell } = legWith(3);
  tell(report(60, [heard(0, 20), heard(1, 24), heard(2, 22)]));
  t.deepEqual(marks, [0, 3, 0]);
});

test('a number that is sent once more, whoever handed it to us, tells of no way: which of the two has come nobody knows', (t) => {
  const { leg, marks, tell } = legWith(3);
  tell(report(60, [heard(0, 40)]));
  // A relay has answered for it, and gets it of its client then.
  leg.sent({ ...sentAt(80, 3), resent: true }, 4800);
  leg.sent(sentAt(200, 3), 6000);
  leg.sent(sentAt(210, 4), 7200);
  tell(report(260, [heard(3, 205), heard(4, 250)]));
  t.deepEqual(marks, [0, 0]);
});

test('what was never sent, what came before it was sent or after the report, and what is said again is not believed', (t) => {
  const { leg, marks, tell } = legWith(10);
  tell(report(60, [heard(99, 20), heard(1, -100), heard(2, 90), heard(3, 20)]));
  tell(report(70, [heard(3, 60)]));
  tell(report(80, [heard(4, 20)], 65));
  t.deepEqual(marks, [0]);
  t.deepEqual(leg.disbelieved, { neverSent: 1, impossible: 2, stale: 1, flood: 0 });
});

test('of one report in two datagrams both are looked at, and none of more packets than anybody gets', (t) => {
  const { leg, marks, tell } = legWith(3);
  tell(report(60, [heard(0, 20)]));
  tell(report(60, [heard(1, 24)]));
  t.is(marks.length, 2);
  const all = Array.from({ length: 2049 }, () => heard(2, 25));
  tell(report(70, all));
  t.is(marks.length, 2);
  t.is(leg.disbelieved.flood, 1);
});

test('what is missing is lost when a later one has come, and found when it comes after all', (t) => {
  const { leg, tell } = legWith(60);
  tell(report(90, [heard(0, 20), heard(1, undefined), heard(50, 70)]));
  t.is(leg.slots.between(0, 2).lost, 1200);
  tell(report(140, [heard(1, 100)]));
  t.is(leg.slots.between(0, 2).lost, 0);
});

test('of what is sent without end the oldest is forgotten', (t) => {
  const { leg, tell } = legWith(5000);
  tell(report(5060, [heard(0, 5050), heard(4999, 5050)]));
  t.is(leg.disbelieved.neverSent, 1);
  t.is(leg.newestToldMs, 4999);
});
