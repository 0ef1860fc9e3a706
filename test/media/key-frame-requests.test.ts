/** How many requests for key frames pass a hop: one for all that ask at once, and a few of each. */
import test from 'ava';
import { COALESCED_MS, KeyFrameRequests, OWN_PLAYER } from '../../actors/media/key-frames/key-frame-requests.ts';

const SSRC = 9;

test('what many ask for at once is asked for once, and once more for those who asked after it', (t) => {
  const requests = new KeyFrameRequests();
  t.is(requests.ask(SSRC, 'B', null, 0), 'pass');
  t.is(requests.nextMs, Number.POSITIVE_INFINITY);
  t.is(requests.ask(SSRC, 'C', null, 10), 'later');
  t.is(requests.ask(SSRC, OWN_PLAYER, null, 299), 'later');
  t.is(requests.ask(8, 'C', null, 299), 'pass');
  t.is(requests.nextMs, COALESCED_MS);
  t.deepEqual(requests.due(299), []);
  t.deepEqual(requests.due(300), [SSRC]);
  t.deepEqual(requests.due(600), []);
  t.is(requests.ask(SSRC, 'D', null, 500), 'later');
  t.is(requests.ask(SSRC, 'E', null, 700), 'pass');
  t.is(requests.nextMs, Number.POSITIVE_INFINITY);
});

test('a key frame serves all who wait for one', (t) => {
  const requests = new KeyFrameRequests();
  requests.ask(SSRC, 'B', null, 0);
  requests.ask(SSRC, 'C', null, 10);
  requests.answered(SSRC);
  t.deepEqual(requests.due(1000), []);
});

test('one that asks all the time gets three at once and one each two seconds, and takes nothing from others', (t) => {
  const requests = new KeyFrameRequests();
  const answers = Array.from({ length: 1000 }, (_, index) => requests.ask(SSRC, 'M', null, 20 * index));
  const heard = answers.filter((answer) => answer !== 'limited').length;
  t.is(heard, 3 + 9);
  t.not(requests.ask(SSRC, 'B', null, 20_000), 'limited');
});

test('who has asked too often gets its next key frame as soon as it may, unless one has come', (t) => {
  const requests = new KeyFrameRequests();
  for (const atMs of [0, 400, 800]) t.is(requests.ask(SSRC, OWN_PLAYER, null, atMs), 'pass');
  t.false(requests.isWaitedFor(SSRC));
  t.is(requests.ask(SSRC, OWN_PLAYER, null, 1200), 'limited');
  t.true(requests.isWaitedFor(SSRC));
  const { nextMs } = requests;
  t.true(nextMs > 1900 && nextMs < 2100, `${nextMs}`);
  t.deepEqual(requests.due(nextMs - 5), []);
  t.deepEqual(requests.due(nextMs), [SSRC]);
  t.false(requests.isWaitedFor(SSRC));
  t.is(requests.nextMs, Number.POSITIVE_INFINITY);
  t.is(requests.ask(SSRC, OWN_PLAYER, null, nextMs + 400), 'limited');
  requests.answered(SSRC);
  t.is(requests.nextMs, Number.POSITIVE_INFINITY);
  t.deepEqual(requests.due(nextMs + 5000), []);
});

test('a full intra request that comes twice is one', (t) => {
  const requests = new KeyFrameRequests();
  t.is(requests.ask(SSRC, 'B', 7, 0), 'pass');
  t.is(requests.ask(SSRC, 'B', 7, 400), 'repeated');
  t.is(requests.ask(SSRC, 'C', 7, 400), 'pass');
  t.is(requests.ask(SSRC, 'B', 8, 800), 'pass');
});

test('members and streams that are gone are forgotten', (t) => {
  const requests = new KeyFrameRequests();
  for (const atMs of [0, 1, 2]) requests.ask(SSRC, 'B', null, atMs);
  t.is(requests.ask(SSRC, 'B', null, 3), 'limited');
  requests.keepOnly(new Set([SSRC]), new Set(['C']));
  t.is(requests.ask(SSRC, 'B', null, 4), 'later');
  requests.keepOnly(new Set(), new Set(['B']));
  t.is(requests.nextMs, Number.POSITIVE_INFINITY);
});
