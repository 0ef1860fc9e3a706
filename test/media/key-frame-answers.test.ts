/** What sends no key frame on request is known, and said once. */
import test from 'ava';
import { ANSWER_WITHIN_MS, KeyFrameAnswers } from '../../actors/media/key-frames/key-frame-answers.ts';

const KEY = Uint8Array.from([0x80, 96, ...new Array<number>(10).fill(0), 0x10, 0x00]);
const OTHER = Uint8Array.from([0x80, 96, ...new Array<number>(10).fill(0), 0x10, 0x01]);

const CODECS = new Map([
  ['camera', { name: 'VP8', clockRate: 90_000 }],
  ['screen', { name: 'JPEG', clockRate: 90_000 }],
]);

function start() {
  const answers = new KeyFrameAnswers();
  answers.follow(CODECS);
  return answers;
}

test('a source that answers is not named', (t) => {
  const answers = start();
  t.false(answers.sent('camera', KEY));
  answers.asked('camera', 'asked', 0);
  t.false(answers.sent('camera', OTHER));
  t.true(answers.sent('camera', KEY));
  t.deepEqual(answers.overdue(1e6), []);
  t.is(answers.nextMs, Number.POSITIVE_INFINITY);
});

test('one that does not answer is named once, however often it is asked', (t) => {
  const answers = start();
  answers.asked('camera', 'asked', 0);
  answers.asked('camera', 'asked', 3000);
  t.is(answers.nextMs, ANSWER_WITHIN_MS);
  t.deepEqual(answers.overdue(ANSWER_WITHIN_MS - 1), []);
  t.deepEqual(answers.overdue(ANSWER_WITHIN_MS), [{ stream: 'camera', how: 'asked' }]);
  answers.asked('camera', 'asked', 10_000);
  t.deepEqual(answers.overdue(1e6), []);
});

test('another program is another chance', (t) => {
  const answers = start();
  answers.asked('camera', 'asked', 0);
  answers.overdue(ANSWER_WITHIN_MS);
  answers.restarted('camera');
  answers.asked('camera', 'asked', 10_000);
  t.is(answers.overdue(20_000).length, 1);
});

test('where nobody can tell key frames, nothing is said', (t) => {
  const answers = start();
  answers.asked('screen', 'asked', 0);
  t.deepEqual(answers.overdue(1e6), []);
});

test('of a stream that is gone nothing is known: it is named again when it comes back and does not answer', (t) => {
  const answers = start();
  answers.asked('camera', 'asked', 0);
  t.is(answers.overdue(ANSWER_WITHIN_MS).length, 1);
  answers.asked('camera', 'asked', 10_000);
  answers.follow(new Map());
  t.is(answers.nextMs, Number.POSITIVE_INFINITY);
  answers.asked('camera', 'asked', 10_000);
  t.is(answers.nextMs, Number.POSITIVE_INFINITY, 'it is none of ours');
  answers.follow(CODECS);
  answers.asked('camera', 'asked', 20_000);
  t.deepEqual(answers.overdue(30_000), [{ stream: 'camera', how: 'asked' }]);
});
