/** A plan leaves alone what runs and still serves. */
import assert from 'node:assert/strict';
import test from 'ava';
import * as fc from 'fast-check';
import { planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { pathsOf } from './audit.ts';
import { anyRoom, camera, fixedRoom, homeRoom, seededRandom } from './rooms.ts';

/** Uploads drift by so much between two measurements of an unchanged line. */
const DRIFT = 0.002;

test('planning again around its own routes changes nothing', (t) => {
  const random = seededRandom(1);
  for (const size of [3, 5, 8, 12, 20]) {
    for (let run = 0; run < drawn(6, 20); run += 1) {
      const room = homeRoom(random, size);
      const { routes } = planRoom(room);
      t.deepEqual(planRoom({ ...room, inForce: routes }).routes, routes);
    }
  }
});

test('small drifts of upload move next to nothing', (t) => {
  const random = seededRandom(2);
  let paths = 0;
  let moved = 0;
  for (let run = 0; run < drawn(30, 100); run += 1) {
    const room = homeRoom(random, 10);
    const { routes } = planRoom(room);
    const drift = (bps: number): number => Math.round(bps * (1 + DRIFT * (2 * random() - 1)));
    const peers = room.peers.map((peer) => ({ ...peer, uploadBps: drift(peer.uploadBps) }));
    paths += pathsOf(routes).size;
    moved += movedPaths(routes, planRoom({ ...room, peers, inForce: routes }).routes);
  }
  t.true(moved <= paths / 1000, `${moved} of ${paths} moved`);
});

test('a join moves only the legs that their source can no longer afford', (t) => {
  // C could serve two receivers and can't serve three; A and B can.
  const before = planRoom(fixedRoom([5, 10, 2])).routes;
  const after = planRoom(fixedRoom([5, 10, 2, 4], before)).routes;
  t.is(movedPaths(before, after), 0);
  t.true(after.some(({ source, relay, receivers }) => source === 'C' && relay !== null && receivers.includes('D')));
});

test('a newcomer that can send one copy only finds room in a full room without moving everybody', (t) => {
  const random = seededRandom(4);
  let paths = 0;
  let moved = 0;
  for (let run = 0; run < drawn(4, 10); run += 1) {
    const room = homeRoom(random, 16);
    const { routes, boundBps } = planRoom(room);
    const newcomer = { id: 'newcomer', uploadBps: Math.round(boundBps), streams: [camera(0, 2 * boundBps)] };
    paths += pathsOf(routes).size;
    moved += movedPaths(routes, planRoom({ ...room, peers: [...room.peers, newcomer], inForce: routes }).routes);
  }
  t.true(moved <= paths / 10, `${moved} of ${paths} moved`);
});

test('a newcomer that finds no place between what all others keep in a small room does not move nearly everybody', (t) => {
  const random = seededRandom(8 * 31);
  let paths = 0;
  let moved = 0;
  for (let run = 0; run < drawn(8, 15); run += 1) {
    const room = homeRoom(random, 8);
    const { routes } = planRoom({ ...room, peers: room.peers.slice(0, -1) });
    paths += pathsOf(routes).size;
    moved += movedPaths(routes, planRoom({ ...room, inForce: routes }).routes);
  }
  t.true(moved <= paths / 5, `${moved} of ${paths} moved`);
});

test('a leg that can be sent direct again leaves its relay', (t) => {
  const before = planRoom(fixedRoom([5, 10, 1])).routes;
  t.true(before.some(({ relay }) => relay !== null));
  t.true(planRoom(fixedRoom([5, 10, 2], before)).routes.every(({ relay }) => relay === null));
});

test('routes of who has gone, through who has gone or of no sense are ignored', (t) => {
  const room = fixedRoom([5, 10, 2, 2]);
  const { routes } = planRoom(room);
  const nonsense = [
    { source: 'gone', stream: 'camera', slices: 0xffff, relay: null, receivers: ['A'] },
    { source: 'C', stream: 'camera', slices: 0xffff, relay: 'gone', receivers: ['A', 'B'] },
    { source: 'C', stream: 'camera', slices: 0xffff, relay: 'C', receivers: ['C', 'A'] },
    { source: 'A', stream: 'camera', slices: 0xfffff, relay: null, receivers: ['A', 'gone'] },
    { source: 'A', stream: 'gone', slices: 0xffff, relay: null, receivers: ['B'] },
  ];
  t.deepEqual(planRoom({ ...room, inForce: [...routes, ...nonsense] }).routes, routes);
});

test('any room: what runs is kept whoever else is in the input first', (t) => {
  fc.assert(
    fc.property(anyRoom, anyRoom, (before, room) => {
      const inForce = planRoom(before).routes;
      const plan = planRoom({ ...room, inForce });
      const turned = planRoom({ ...room, peers: [...room.peers].reverse(), inForce });
      assert.deepEqual(turned, plan);
    }),
    { seed: 3, numRuns: drawn(20, 50) },
  );
  t.pass();
});

/** How many slices reach whom they reached before on another path than before. */
function movedPaths(before: Parameters<typeof pathsOf>[0], after: Parameters<typeof pathsOf>[0]): number {
  const paths = pathsOf(after);
  return [...pathsOf(before)].filter(([key, path]) => paths.has(key) && paths.get(key) !== path).length;
}
