/** A way in use is doubted when what should come does not, when it stops answering, and when its member has moved. */
import test from 'ava';
import { DELAYS } from '../../machines/timers.ts';
import { type Attendee, hostAt, type Meeting, placeOf, ROUND_TRIP_MS, textOf, twoOpen } from './meeting.ts';

/** Media of A comes to B each `gapMs` for so long. */
function plays(meeting: Meeting, to: Attendee, from: string, forMs: number, gapMs = 20): void {
  for (let playedMs = 0; playedMs < forMs; playedMs += gapMs) {
    to.do((pairing, nowMs) => void pairing.heard(from, nowMs));
    meeting.run(gapMs);
  }
}

test('200 ms without the packets that should come: every address is checked at once, and the way in use is kept', (t) => {
  const { meeting, a, b } = twoOpen();
  plays(meeting, b, 'A', 1000);
  t.is(b.stateOf('A'), 'open');
  a.isDeaf = true;
  const [lastMs, before] = [meeting.now - 20, meeting.checksOf(placeOf(1)).length];
  meeting.run(DELAYS.pairDoubt - 30);
  t.is(b.stateOf('A'), 'open');
  meeting.run(150);
  t.is(b.stateOf('A'), 'doubtful');
  t.is(b.sendTo('A'), textOf(placeOf(1)));
  const [checkedMs = Number.NaN] = meeting.checksOf(placeOf(1)).slice(before);
  t.true(
    checkedMs - lastMs > DELAYS.pairDoubt && checkedMs - lastMs <= 1.5 * DELAYS.pairDoubt + 20,
    String(checkedMs - lastMs),
  );
});

test('an answer ends the doubt without a word', (t) => {
  const { meeting, b } = twoOpen();
  plays(meeting, b, 'A', 1000);
  meeting.run(1.5 * DELAYS.pairDoubt + ROUND_TRIP_MS);
  t.is(b.stateOf('A'), 'open');
  t.deepEqual(b.told, ['pair.opened A']);
});

test('a stream that pauses for good costs one round of checks', (t) => {
  const { meeting, b } = twoOpen();
  plays(meeting, b, 'A', 1000);
  const before = meeting.checks.filter(({ by }) => by === 'B').length;
  meeting.run(4000);
  t.is(meeting.checks.filter(({ by }) => by === 'B').length, before + 1);
});

test('where packets come seldom, their absence means nothing', (t) => {
  const { meeting, b } = twoOpen();
  plays(meeting, b, 'A', 3000, 150);
  const before = meeting.checks.length;
  meeting.run(1000);
  t.is(meeting.checks.length, before);
  t.is(b.stateOf('A'), 'open');
});

test('where this process itself stood still, nobody is doubted for it', (t) => {
  const { meeting, b } = twoOpen();
  plays(meeting, b, 'A', 1000);
  b.pairing.due(meeting.now);
  b.pairing.due(meeting.now + 900);
  t.is(b.stateOf('A'), 'open');
});

test('where this process stood still while it waited for an answer, it reads what has come before it gives up a way', (t) => {
  const { meeting, a, b } = twoOpen();
  plays(meeting, b, 'A', 1000);
  a.isDeaf = true;
  meeting.run(2 * DELAYS.pairDoubt);
  t.is(b.stateOf('A'), 'doubtful');
  const stoodMs = 2 * DELAYS.pairPatience;
  const { news } = b.pairing.due(meeting.now + stoodMs, stoodMs);
  t.deepEqual(news, []);
  t.is(b.stateOf('A'), 'doubtful');
});

test('no answer for 3 s: there is no way, and it says so once', (t) => {
  const { meeting, a, b } = twoOpen();
  plays(meeting, b, 'A', 1000);
  a.isDeaf = true;
  meeting.run(2 * DELAYS.pairDoubt + DELAYS.pairPatience);
  t.deepEqual(b.told, ['pair.opened A', 'pair.cut A']);
  t.is(b.pairing.statusOf('A')?.cut, 'unanswered');
  a.isDeaf = false;
  meeting.run(5000);
  t.deepEqual(b.told, ['pair.opened A', 'pair.cut A', 'pair.opened A']);
  t.is(b.pairing.statusOf('A')?.cut, null);
});

test('three consent checks in a row without an answer: the way is doubted though no media was to come', (t) => {
  const { meeting, a, b } = twoOpen();
  a.isDeaf = true;
  const before = meeting.checksOf(placeOf(1)).length;
  const unanswered = () => meeting.checksOf(placeOf(1)).length - before;
  while (unanswered() < 3) {
    t.is(b.stateOf('A'), 'open');
    meeting.run(10);
  }
  t.is(b.stateOf('A'), 'doubtful');
  t.true(meeting.now < DELAYS.consentInterval * 1.2 + 1000);
});

test('two that are lost are not', (t) => {
  const { meeting, a, b } = twoOpen();
  a.isDeaf = true;
  const before = meeting.checksOf(placeOf(1)).length;
  while (meeting.checksOf(placeOf(1)).length < before + 2) meeting.run(10);
  a.isDeaf = false;
  meeting.run(10_000);
  t.is(b.stateOf('A'), 'open');
  t.deepEqual(b.told, ['pair.opened A']);
});

test('a check from a new address while the pair is open: the member has moved, and its new address is the way once it answers', (t) => {
  const { meeting, a, b } = twoOpen();
  const moved = placeOf(33);
  a.places = [moved];
  a.do((pairing, nowMs) => pairing.moved(nowMs));
  const movedMs = meeting.now;
  while (b.sendTo('A') !== textOf(moved)) {
    t.true(meeting.now - movedMs < 2 * ROUND_TRIP_MS, 'within two round trips');
    meeting.run(5);
  }
  t.is(b.stateOf('A'), 'open');
  t.true(b.acceptFrom('A').includes(textOf(placeOf(1))), 'late packets are taken still');
  t.is(a.sendTo('B'), textOf(placeOf(2)));
  t.is(a.stateOf('B'), 'open');
  t.deepEqual([a.told, b.told], [['pair.opened B'], ['pair.opened A']]);
});

test('a member that only shows another address and answers where it was keeps its way', (t) => {
  const { meeting, b } = twoOpen();
  b.do((pairing, nowMs) => pairing.asked('A', placeOf(34), nowMs));
  t.is(b.stateOf('A'), 'doubtful');
  meeting.run(ROUND_TRIP_MS);
  t.is(b.stateOf('A'), 'open');
  t.is(b.sendTo('A'), textOf(placeOf(1)));
});

test('new addresses while the pair is open: all are checked, and the one that answers is the way', (t) => {
  const { meeting, a, b } = twoOpen();
  a.places = [placeOf(33)];
  b.isTold('A', 2, hostAt(placeOf(33)));
  t.is(b.stateOf('A'), 'doubtful');
  meeting.run(ROUND_TRIP_MS + DELAYS.checkSpacing);
  t.is(b.sendTo('A'), textOf(placeOf(33)));
  t.is(b.stateOf('A'), 'open');
});

test('when we have moved ourselves, all ways of all pairs are checked at once', (t) => {
  const { meeting, b } = twoOpen();
  b.do((pairing, nowMs) => pairing.moved(nowMs));
  t.is(b.stateOf('A'), 'doubtful');
  const before = meeting.checks.length;
  meeting.run(0);
  t.is(meeting.checks.length, before + 1);
});
