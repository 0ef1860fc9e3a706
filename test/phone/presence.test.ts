/** A phone that says nothing is asked, and given up only where it does not answer either. */
import test from 'ava';
import { Presence } from '../../actors/phone/presence.ts';

const LOOK_MS = 500;

/** What is done about a phone until `untilMs`, and when. */
function watched(untilMs: number, heardMs: (nowMs: number) => number, answers: boolean): string[] {
  const presence = new Presence(0);
  const done: string[] = [];
  for (let nowMs = LOOK_MS; nowMs <= untilMs; nowMs += LOOK_MS) {
    const what = presence.look(nowMs, heardMs(nowMs));
    if (what !== null) done.push(`${what} ${nowMs}`);
    if (what === 'ask' && answers) presence.answered(nowMs + 20);
    if (what === 'gone') break;
  }
  return done;
}

test('one that sends is not asked', (t) => {
  t.deepEqual(
    watched(60_000, (nowMs) => nowMs - 100, false),
    [],
  );
});

test('one that holds the call is asked each few seconds, and stays', (t) => {
  const done = watched(60_000, () => Number.NEGATIVE_INFINITY, true);
  t.true(done.length >= 12 && done.every((what) => what.startsWith('ask')), `${done}`);
});

test('one that neither sends nor answers is gone within ten seconds', (t) => {
  t.deepEqual(
    watched(60_000, (nowMs) => Math.min(nowMs, 10_000), false),
    ['ask 14000', 'gone 18000'],
  );
});

test('one that was asked and sends again is asked anew before it is given up', (t) => {
  const heardMs = (nowMs: number) => (nowMs < 6000 ? 0 : Math.min(nowMs, 6000));
  t.deepEqual(watched(60_000, heardMs, false), ['ask 4000', 'ask 10000', 'gone 14000']);
});
