import test from 'ava';
import { assignSlots, type Looking, shownSlots } from '../../actors/page/app/state/slots.ts';
import { tilesOf } from '../../actors/page/app/state/tiles.ts';
import { member, stream } from './members.ts';

const people = (...ids: string[]) => tilesOf(ids.map((id) => member(id, [stream('camera'), stream('voice')])));
const MIDS = Array.from({ length: 3 }, (_, index) => ({ video: `v${index}`, audio: `a${index}` }));
const SEEN: Looking = {
  heights: new Map([
    ['a/', 150],
    ['b/', 360],
    ['c/', 1_000],
  ]),
  paused: [],
  voicesOnly: false,
};
const shown = (looking: Partial<Looking> = {}, tiles = people('a', 'b', 'c')) =>
  shownSlots(['a/', 'b/', 'c/'], MIDS, new Map(tiles.map((tile) => [tile.id, tile])), { ...SEEN, ...looking });

test('tiles keep their slots while others come and go', (t) => {
  const first = assignSlots([], people('a', 'b', 'c'), 4);
  t.deepEqual(first, ['a/', 'b/', 'c/', null]);
  const second = assignSlots(first, people('a', 'c'), 4);
  t.deepEqual(second, ['a/', null, 'c/', null]);
  t.deepEqual(assignSlots(second, people('c', 'd', 'a', 'e'), 4), ['a/', 'd/', 'c/', 'e/']);
});

test('the most important tiles get slots where there are too few; one without media takes none', (t) => {
  t.deepEqual(assignSlots([], people('a', 'b', 'c'), 2), ['a/', 'b/']);
  t.deepEqual(assignSlots(['a/', 'b/'], people('c', 'a', 'b'), 2), ['a/', 'c/']);
  t.deepEqual(assignSlots([], tilesOf([member('x'), ...[member('y', [stream('voice')])]]), 2), ['y/', null]);
});

test('small tiles ask for little, large ones for all there is', (t) => {
  t.deepEqual(
    shown().filter(({ mid }) => mid.startsWith('v')),
    [
      { mid: 'v0', peer: 'a', stream: 'camera', maxBps: 200_000 },
      { mid: 'v1', peer: 'b', stream: 'camera', maxBps: 1_800_000 },
      { mid: 'v2', peer: 'c', stream: 'camera' },
    ],
  );
});

test('what is out of sight, paused or saved is not received, but heard', (t) => {
  const videos = (looking: Partial<Looking>) => shown(looking).flatMap(({ mid }) => (mid.startsWith('v') ? [mid] : []));
  t.deepEqual(videos({ heights: new Map([['b/', 300]]) }), ['v1']);
  t.deepEqual(videos({ paused: ['a/'] }), ['v1', 'v2']);
  t.deepEqual(videos({ voicesOnly: true }), []);
  t.is(shown({ voicesOnly: true }).length, 3);
  t.deepEqual(shown({}, tilesOf([member('a', [stream('camera', { playable: false })])])), []);
});

test('slots that the connection does not have yet are not spoken of', (t) => {
  t.deepEqual(shownSlots(['a/', 'b/'], [], new Map(people('a', 'b').map((tile) => [tile.id, tile])), SEEN), []);
});
