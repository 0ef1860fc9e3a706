/** What a peer plans for itself is its part of the plan of the room, whatever the order in which it knows the others. */
import assert from 'node:assert/strict';
import test from 'ava';
import * as fc from 'fast-check';
import { planOwn, planRoom } from '../../machines/plan.ts';
import { drawn } from '../extent.ts';
import { anyRoom } from './rooms.ts';

test('every peer comes to its part of the same plan', (t) => {
  fc.assert(
    fc.property(anyRoom, anyRoom, (before, asked) => {
      const room = { ...asked, inForce: planRoom(before).routes };
      const plan = planRoom(room);
      const turned = { ...room, peers: [...room.peers].reverse() };
      for (const { id } of room.peers) {
        const own = planOwn(turned, id);
        assert.deepEqual(
          own.routes,
          plan.routes.filter(({ source }) => source === id),
        );
        assert.deepEqual(
          own.unserved,
          plan.unserved.filter(({ source }) => source === id),
        );
        for (const [name, rate] of Object.entries(own.rates)) assert.equal(rate, plan.rates[`${id}/${name}`]);
        assert.equal(Object.keys(own.rates).length, room.peers.find((peer) => peer.id === id)?.streams?.length ?? 0);
      }
    }),
    { seed: 20260102, numRuns: drawn(25, 75) },
  );
  t.pass();
});

test('a peer that is not in the room has no part', (t) => {
  t.deepEqual(planOwn({ headroom: 1, peers: [] }, 'A'), { rates: {}, routes: [], ownLoadBps: 0, unserved: [] });
});
