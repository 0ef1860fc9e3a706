import test from 'ava';
import { Playback } from '../../actors/watch/playback.ts';

const SPAN = { fromMs: 1000, toMs: 11_000 };

test('it stands at its begin until it is played, and stops at its end', (t) => {
  const playback = new Playback(SPAN);
  t.is(playback.atMs(50), 1000);
  playback.play(100);
  t.is(playback.atMs(600), 1500);
  t.true(playback.isPlaying(600));
  t.is(playback.atMs(20_000), 11_000);
  t.false(playback.isPlaying(20_000));
});

test('it pauses where it is and goes on from there', (t) => {
  const playback = new Playback(SPAN);
  playback.play(0);
  playback.pause(500);
  t.is(playback.atMs(9000), 1500);
  playback.play(9000);
  t.is(playback.atMs(9100), 1600);
});

test('another speed holds from now on', (t) => {
  const playback = new Playback(SPAN);
  playback.play(0);
  playback.setSpeed(1000, 4);
  t.is(playback.atMs(1000), 2000);
  t.is(playback.atMs(2000), 6000);
  playback.setSpeed(2000, 1e9);
  t.is(playback.speed, 32);
  playback.setSpeed(2000, 0);
  t.is(playback.speed, 0.25);
});

test('it goes to any moment within the recording, playing or not', (t) => {
  const playback = new Playback(SPAN);
  playback.seek(0, 7000);
  t.is(playback.atMs(5000), 7000);
  playback.play(5000);
  playback.seek(6000, 2000);
  t.is(playback.atMs(6500), 2500);
  playback.seek(7000, 1e9);
  t.is(playback.atMs(7000), 11_000);
  playback.seek(7000, -5);
  t.is(playback.atMs(7000), 1000);
});

test('played at its end it begins again', (t) => {
  const playback = new Playback(SPAN);
  playback.seek(0, 11_000);
  playback.play(10);
  t.is(playback.atMs(110), 1100);
});
