import test from 'ava';
import { hear, type Loudness, MutedTalk } from '../../actors/page/app/state/speaking.ts';

test('one speaks at once, and until a pause is longer than between words', (t) => {
  const loudness: Loudness = new Map();
  t.false(hear(loudness, 'a', 0.001, 0));
  t.true(hear(loudness, 'a', 0.2, 100));
  t.true(hear(loudness, 'a', 0, 700));
  t.false(hear(loudness, 'a', 0, 900));
  t.false(hear(loudness, 'b', 0, 100), 'each for himself');
});

/** Every 100 ms of levels. @returns at which of them the person was told */
function toldAt(levels: readonly number[], muted = true): number[] {
  const talk = new MutedTalk();
  return levels.flatMap((level, index) => (talk.hear(level, muted, 1_000 + 100 * index) ? [index] : []));
}

test('who speaks while muted is told, once it is speech and no knock', (t) => {
  t.deepEqual(toldAt([0.5, 0.5, 0, 0, 0, 0, 0]), []);
  t.is(toldAt(Array(10).fill(0.2))[0], 5);
  t.deepEqual(toldAt(Array(10).fill(0.01)), []);
  t.deepEqual(toldAt(Array(10).fill(0.5), false), []);
});

test('the word goes away some seconds after the speech, and at once when unmuted', (t) => {
  const told = toldAt([...Array(10).fill(0.2), ...Array(60).fill(0)]);
  t.true((told.at(-1) ?? 0) >= 40 && (told.at(-1) ?? 0) < 60);
  const talk = new MutedTalk();
  for (let now = 1_000; now < 2_000; now += 100) talk.hear(0.5, true, now);
  t.false(talk.hear(0.5, false, 2_000));
  t.false(talk.hear(0, true, 2_100));
});
