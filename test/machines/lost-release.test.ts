import test from 'ava';
import { DELAYS } from '../../machines/timers.ts';
import { sending } from './members.ts';
import { Room } from './room.ts';

const LATENCY_MS = 20;
const SETTLED_MS = 500;

test('a release that is lost frees what it held within a lease, also while its client renews another agreement', (t) => {
  let isLost = false;
  const room = new Room({ delayMs: () => (isLost ? undefined : LATENCY_MS) });
  room.join(sending('A', 1, 1));
  room.join(sending('B', 2, 4));
  room.join(sending('C', 3, 1));
  room.run(SETTLED_MS);
  t.deepEqual(room.unserved(), []);
  t.deepEqual([...room.negotiationOf('B').relaying.agreements.keys()].sort(), ['A.1.1', 'C.3.1']);

  // With A gone, C needs no relay; its word to B is lost. Then A is back, and C asks B anew.
  room.crash('A');
  isLost = true;
  room.run(DELAYS.memberTimeout + DELAYS.mediaSilence);
  isLost = false;
  room.join(sending('A', 4, 1));
  room.run(DELAYS.lease + SETTLED_MS);

  t.false(room.negotiationOf('B').relaying.agreements.has('C.3.1'));
  room.run(DELAYS.distrust);
  t.deepEqual(room.unserved(), []);
});
