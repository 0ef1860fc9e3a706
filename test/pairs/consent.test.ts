/** Media goes only to who has answered within 30 s (RFC 7675), and no way is given up for good. */
import test from 'ava';
import { AGAIN_AFTER } from '../../machines/pairs/trials.ts';
import { DELAYS } from '../../machines/timers.ts';
import { hostAt, Meeting, placeOf, ROUND_TRIP_MS, textOf, two, twoOpen } from './meeting.ts';

/** Times between the checks that A sends to B while B answers. */
function gapsWith(luck: number): number[] {
  const meeting = new Meeting();
  const [a, b] = [meeting.comes('A', { epoch: 1, luck }), meeting.comes('B', { epoch: 2 })];
  a.meets(b).isTold('B', 1, hostAt(placeOf(2)));
  b.meets(a);
  meeting.run(60_000);
  const times = meeting.checksOf(placeOf(2));
  return times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
}

const ANSWERED_MS = 40;
for (const [luck, share] of [
  [0, 0.8],
  [0.5, 1],
  [1, 1.2],
] as const) {
  test(`a way that answers is asked again after 5 s, ${Math.round(100 * share)} % of it where luck is ${luck}`, (t) => {
    const [first, ...rest] = gapsWith(luck);
    const due = share * 5000 + ANSWERED_MS;
    t.is(first, due);
    for (const gap of rest) t.is(gap, due);
    t.true(rest.length >= 8);
  });
}

test('30 s after the last answer sending stops, and what comes is not taken any more', (t) => {
  const { meeting, a, b } = twoOpen();
  const [, answeredMs = Number.NaN] = meeting.checksOf(placeOf(1)).map((atMs) => atMs + ROUND_TRIP_MS);
  a.isDeaf = true;
  // It cannot ask either, or what it sends would be taken for as long as it does.
  a.meets();
  meeting.run(answeredMs + DELAYS.consentExpiry - 1 - meeting.now);
  t.is(b.sendTo('A'), textOf(placeOf(1)));
  t.is(b.acceptFrom('A').length, 1);
  meeting.run(1);
  t.is(b.sendTo('A'), null);
  t.is(b.stateOf('A'), 'cut');
  t.deepEqual(b.acceptFrom('A'), []);
});

test('who asks but does not answer is listened to, and sent nothing', (t) => {
  const { meeting, a, b } = twoOpen();
  a.isDeaf = true;
  meeting.run(DELAYS.consentExpiry + 5000);
  t.deepEqual([b.sendTo('A'), b.acceptFrom('A')], [null, [textOf(placeOf(1))]]);
});

test('a way that has ended is told as cut once, however it ended', (t) => {
  const { meeting, a, b } = twoOpen();
  a.isDeaf = true;
  meeting.run(300_000);
  t.deepEqual(b.told, ['pair.opened A', 'pair.cut A']);
  t.deepEqual(b.pairing.statusOf('A'), { state: 'cut', to: null, kind: null, rttMs: null, cut: 'unanswered' });
});

test('who never answers is tried for ever: more and more slowly, but once a minute', (t) => {
  const { meeting, b } = two();
  b.isTold('A', 1, hostAt(placeOf(9)));
  meeting.run(3_600_000);
  const times = meeting.checksOf(placeOf(9));
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  // The first try often comes before the other's router lets it in.
  t.is(gaps[0], AGAIN_AFTER * DELAYS.checkPace);
  t.is(gaps[1], 2 * DELAYS.checkPace);
  t.deepEqual(
    [...gaps].sort((x, y) => x - y),
    gaps,
  );
  t.is(gaps.at(-1), DELAYS.checkSlowest);
  t.true(times.length > 60 && times.length < 75, String(times.length));
  t.deepEqual(b.told, ['pair.cut A']);
});

test('who appears after an hour is found within a minute', (t) => {
  const { meeting, a, b } = two();
  b.isTold('A', 1, hostAt(placeOf(9)));
  meeting.run(3_600_000);
  a.places = [placeOf(9)];
  meeting.run(DELAYS.checkSlowest + 100);
  t.is(b.stateOf('A'), 'open');
  t.is(a.stateOf('B'), 'open', 'the check itself tells the other where to ask');
});

test('an address that was seen and not named ends with its consent', (t) => {
  const { meeting, b } = twoOpen();
  b.do((pairing, nowMs) => pairing.asked('A', placeOf(34), nowMs));
  t.true(b.acceptFrom('A').includes(textOf(placeOf(34))));
  meeting.run(DELAYS.consentExpiry - 1000);
  t.true(b.acceptFrom('A').includes(textOf(placeOf(34))));
  meeting.run(6000 + 1000);
  t.deepEqual(b.acceptFrom('A'), [textOf(placeOf(1))]);
});
