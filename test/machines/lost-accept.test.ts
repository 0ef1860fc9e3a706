/** The accept of an amendment is sent once; where it is lost the next renewal stands in for it, and nobody misses a packet. */
import test from 'ava';
import type { Outgoing } from '../../machines/messages.ts';
import { DELAYS } from '../../machines/timers.ts';
import { sending } from './members.ts';
import { Room } from './room.ts';

const SLOW_MS = 200;
const STEP_MS = 100;

const isAcceptOfAmendment = ({ kind, body }: Outgoing) => kind === 'relay.accept' && body.revision === 2;

test('a lost accept of an amendment is made good by the next renewal, before the offer lapses', (t) => {
  let lost = 0;
  const room = new Room({
    delayMs: (message) => {
      if (!isAcceptOfAmendment(message) || lost > 0) return SLOW_MS;
      lost += 1;
      return undefined;
    },
  });
  room.join(sending('A', 1, 1));
  room.join(sending('B', 2, 8));
  room.join(sending('C', 3, 2));
  room.run(4 * DELAYS.presenceInterval);
  t.deepEqual(room.unserved(), []);
  room.join(sending('D', 4, 3));
  const settledMs = room.clock.now() + 8 * SLOW_MS;
  while (room.clock.now() < settledMs) room.run(STEP_MS);
  t.is(lost, 1);
  for (let ms = 0; ms < DELAYS.lease + DELAYS.offerHold; ms += STEP_MS) {
    room.run(STEP_MS);
    t.deepEqual(room.unserved(), [], `at ${room.clock.now()} ms`);
  }
});
