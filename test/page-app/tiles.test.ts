import test from 'ava';
import { sameTile, tilesOf } from '../../actors/page/app/state/tiles.ts';
import { member, stream } from './members.ts';

const camera = (name: string, more = {}) => stream(name, { group: 'camera', ...more });

test('a person is one tile, whatever is sent, and keeps its id when the camera goes on', (t) => {
  const [off] = tilesOf([member('b', [stream('voice')])]);
  const [on] = tilesOf([member('b', [camera('camera-small'), camera('camera-large'), stream('voice')])]);
  t.like(off, { id: 'b/', kind: 'person', picture: null, sound: 'voice' });
  t.like(on, { id: 'b/', kind: 'person', picture: 'camera', sound: 'voice' });
  t.like(tilesOf([member('b')])[0], { id: 'b/', picture: null, sound: null, silent: true });
});

test('a screen is a tile of its own with its own sound', (t) => {
  const tiles = tilesOf([
    member('b', [stream('screen'), stream('screen-sound'), camera('camera-large'), stream('voice')]),
  ]);
  t.deepEqual(
    tiles.map(({ id, kind, sound }) => [id, kind, sound]),
    [
      ['b/', 'person', 'voice'],
      ['b/screen', 'screen', 'screen-sound'],
    ],
  );
  const [alone, screen] = tilesOf([member('b', [stream('screen')])]);
  t.like(alone, { id: 'b/', picture: null });
  t.like(screen, { id: 'b/screen', kind: 'screen' });
});

test('a program that sends under any name fills a tile, a second picture another', (t) => {
  const tiles = tilesOf([member('b', [stream('film'), stream('other')])]);
  t.deepEqual(
    tiles.map(({ id, kind, picture }) => [id, kind, picture]),
    [
      ['b/', 'person', 'film'],
      ['b/other', 'extra', 'other'],
    ],
  );
});

test('of the layers the one that is received counts, rounded to what a person reads', (t) => {
  const layers = [
    camera('camera-small', { bps: 0, loss: 0.9 }),
    camera('camera-large', { bps: 1_234_567, loss: 0.034, via: ['c'], frozenMs: 1_600 }),
  ];
  const [tile] = tilesOf([member('b', layers)]);
  t.like(tile?.path, { bps: 1_200_000, lossPercent: 3, via: ['c'], frozenSeconds: 2 });
  const moved = tilesOf([member('b', [layers[0] ?? stream('x'), { ...(layers[1] ?? stream('x')), bps: 1_210_000 }])]);
  t.true(sameTile(tile, moved[0]), 'a few bits more are nothing to draw');
});

test('a camera that stands still is frozen, a screen on which nothing happens is not', (t) => {
  const [person, screen] = tilesOf([
    member('b', [camera('camera', { frozenMs: 900 }), stream('screen', { frozenMs: 900 })]),
  ]);
  t.is(person?.path.frozenSeconds, 1);
  t.is(screen?.path.frozenSeconds, 0);
});

test('a voice of which nothing comes is muted; a picture that cannot be played is not asked for', (t) => {
  t.true(tilesOf([member('b', [stream('voice', { silent: true })])])[0]?.silent);
  t.false(tilesOf([member('b', [stream('voice')])])[0]?.silent);
  t.is(
    tilesOf([member('b', [stream('camera', { silent: true })])])[0]?.picture,
    'camera',
    'asked for still, or it never came back',
  );
  t.false(tilesOf([member('b', [stream('camera', { playable: false })])])[0]?.playable);
});
