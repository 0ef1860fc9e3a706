/** Whom a phone meets says what it is answered with: it waits for that, and not for longer. */
import test from 'ava';
import { Listeners } from '../../actors/call/listeners.ts';
import { firstMet } from '../../actors/phone/meeting.ts';
import type { View } from '../../machines/view.ts';
import { member, viewOf } from '../machines/members.ts';

/** Longer than any test may take. */
const NEVER_MS = 10 * 60_000;

test('a phone waits for the first member and no longer, and then listens no more', async (t) => {
  const views = new Listeners<View>();
  let listening = 0;
  const onView = (listener: (view: View) => void) => {
    listener(viewOf(member('D')));
    listening++;
    const stop = views.add(listener);
    return () => {
      listening--;
      stop();
    };
  };
  const met = firstMet({ onView }, NEVER_MS);
  views.tell(viewOf(member('D')));
  t.is(listening, 1);
  views.tell(viewOf(member('D'), member('A')));
  await met;
  t.is(listening, 0);
});

test('whoever is there already is met at once, and in an empty room the wait ends', async (t) => {
  const there = (view: View) => (listener: (told: View) => void) => {
    listener(view);
    return () => undefined;
  };
  await firstMet({ onView: there(viewOf(member('D'), member('A'))) }, NEVER_MS);
  await firstMet({ onView: there(viewOf(member('D'))) }, 1);
  t.pass();
});
