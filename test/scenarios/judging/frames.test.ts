import test from 'ava';
import { compareFrames, frameHashes } from './frames.ts';

const hash = (frame: number) => frame.toString(16).padStart(32, '0');
const frames = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => hash(from + index));

test('hashes are read in order; headers and a line cut short are left out', (t) => {
  const file = [
    '#format: frame checksums',
    '#dimensions 0: 640x360',
    `0,          0,          0,        1,   345600, ${hash(1)}`,
    `0,          1,          1,        1,   345600, ${hash(2)}`,
    '0,          2,          2,        1,   345600, 00000',
  ].join('\n');
  t.deepEqual(frameHashes(file), [hash(1), hash(2)]);
});

test('receivers that began at different frames are compared where both decoded', (t) => {
  t.deepEqual(compareFrames(frames(10, 70), frames(0, 60)), { compared: 50, equal: 50 });
  t.deepEqual(compareFrames(frames(0, 60), frames(10, 70)), { compared: 50, equal: 50 });
});

test('frames decoded before the first keyframe are not compared', (t) => {
  const broken = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
  t.deepEqual(compareFrames([...broken, ...frames(3, 60)], frames(0, 60)), { compared: 57, equal: 57 });
});

test('a frame that differs, or is missing, is seen', (t) => {
  const spoilt = frames(0, 60).with(30, 'f'.repeat(32));
  t.deepEqual(compareFrames(spoilt, frames(0, 60)), { compared: 60, equal: 59 });
  const short = [...frames(0, 30), ...frames(31, 60)];
  t.is(compareFrames(short, frames(0, 60)).equal, 30);
});

test('nothing in common: nothing to compare', (t) => {
  t.deepEqual(compareFrames(frames(0, 10), frames(20, 30)), { compared: 0, equal: 0 });
  t.deepEqual(compareFrames([], []), { compared: 0, equal: 0 });
});
