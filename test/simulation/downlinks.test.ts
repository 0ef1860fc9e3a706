/** Rooms in which the line of a receiver is full: it asks for less, everybody's words come whole, and nobody else gets less than before. */
import test from 'ava';
import { processOf } from './failover.ts';
import { measuredRoom, playUntil, wrongIn } from './measured-room.ts';
import type { Fault } from './script/script.ts';

const MBIT = 1_000_000;
const uploads = { A: 10, B: 10, C: 10, R: 5 };

/** The line of R carries two thirds of what comes from then on. */
const FALLS: Fault = { at: 6000, do: 'downlink', peer: 'R', downlinkBps: 2 * MBIT };

test.serial(
  'three send to one whose line falls to 2 Mbit/s: it asks for less within half a second, and is then still',
  async (t) => {
    const room = { uploads, downlinks: { R: 20 }, cameraBps: 0.9 * MBIT, seconds: 16, faults: [FALLS] };
    const world = measuredRoom(room);
    await playUntil(world, 6000);
    const receiver = processOf(world, 'R');
    t.is(receiver.profile.toldDownloadBps, null);
    await playUntil(world, 6500);
    t.true((receiver.profile.toldDownloadBps ?? Number.POSITIVE_INFINITY) < 2 * MBIT);
    await playUntil(world, 11_000);
    const { changes } = world;
    const rates = ['A', 'B', 'C'].map((peer) => processOf(world, peer).rateOf('camera'));
    t.true(
      rates.every((bps) => bps > 0.55 * MBIT && bps < 0.6 * MBIT),
      `${rates}`,
    );
    const capped = world.alive.flatMap(({ transport }) => transport.uplink?.state.caps ?? []);
    t.deepEqual(capped, [], 'no sender takes the way to it for narrow beside that');
    await playUntil(world, 16_000);
    t.is(world.changes, changes);
    t.true((receiver.transport.downlink?.state.queueMs ?? 0) < 12);
    t.deepEqual(wrongIn(world), []);
    world.end();
  },
);
