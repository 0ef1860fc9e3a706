/** Whatever the room: nobody sends, lends or downloads too much, and every slice has one path to everybody who is served. */
import assert from 'node:assert/strict';
import test from 'ava';
import * as fc from 'fast-check';
import { planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { faultsOf } from './audit.ts';
import { anyRoom } from './rooms.ts';

const RUNS = { seed: 20260101, numRuns: drawn(100, 300) };

test('a plan breaks no limit and serves whom it says', (t) => {
  fc.assert(
    fc.property(anyRoom, (room) => {
      assert.deepEqual(faultsOf(room, planRoom(room)), []);
    }),
    RUNS,
  );
  t.pass();
});

test('a plan made around what ran before breaks no limit either', (t) => {
  fc.assert(
    fc.property(anyRoom, anyRoom, (before, room) => {
      const changed = { ...room, inForce: planRoom(before).routes };
      assert.deepEqual(faultsOf(changed, planRoom(changed)), []);
    }),
    RUNS,
  );
  t.pass();
});
