import test from 'ava';
import { GAP, gridOf, OWN_TILE, stageOf } from '../../actors/page/app/state/stage.ts';
import { tilesOf } from '../../actors/page/app/state/tiles.ts';
import { member, stream } from './members.ts';

const WINDOWS = [
  [1_280, 660],
  [1_920, 960],
  [2_560, 700],
  [800, 900],
  [360, 560],
  [344, 700],
  [320, 400],
] as const;

test('1 to 26 tiles fit into windows of every shape, or scroll down only', (t) => {
  for (const [width, height] of WINDOWS) {
    for (let count = 1; count <= 26; count++) {
      const { columns, rows, tileWidth, tileHeight } = gridOf(count, width, height);
      const what = `${count} in ${width} x ${height}`;
      t.true(columns * rows >= count, what);
      t.true(columns * tileWidth + GAP * (columns - 1) <= width, what);
      const isScrolling = rows * tileHeight + GAP * (rows - 1) > height;
      t.true(!isScrolling || tileWidth < 180, `${what} scrolls only when tiles would be too small`);
      t.true(tileWidth >= Math.min(140, width), `${what}: faces stay large enough`);
      t.true(tileHeight > 0 && tileWidth / tileHeight <= 16 / 9 + 0.05 && tileWidth / tileHeight > 0.7, what);
    }
  }
});

test('the grid uses the window: two people side by side, on a phone one above the other', (t) => {
  t.is(gridOf(2, 1_280, 660).columns, 2);
  t.is(gridOf(2, 360, 640).columns, 1);
  t.is(gridOf(4, 1_280, 720).columns, 2);
  t.is(gridOf(25, 1_280, 660).columns, 5);
});

const people = [member('a', [stream('camera')]), member('b', [stream('camera')]), member('c', [stream('camera')])];

test('without a screen all are equals, with one it is large and the speaker is first beside it', (t) => {
  t.deepEqual(stageOf(tilesOf(people), null, 'b'), { large: null, others: ['a/', 'b/', 'c/', OWN_TILE] });
  const shared = tilesOf([...people, member('d', [stream('camera'), stream('screen')])]);
  t.deepEqual(stageOf(shared, null, 'b'), { large: 'd/screen', others: ['b/', 'a/', 'c/', 'd/', OWN_TILE] });
  t.deepEqual(stageOf(shared, null, null).others, ['a/', 'b/', 'c/', 'd/', OWN_TILE]);
});

test('what is pinned is large, before any screen, until it is gone', (t) => {
  const shared = tilesOf([...people, member('d', [stream('screen')])]);
  t.is(stageOf(shared, 'a/', null).large, 'a/');
  t.is(stageOf(shared, OWN_TILE, null).large, OWN_TILE);
  t.is(stageOf(shared, 'gone/', null).large, 'd/screen');
});
