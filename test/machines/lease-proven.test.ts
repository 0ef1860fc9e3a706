/** A lease that only the client's media proves is judged again soon: the client may have let go while nobody heard it. */
import test from 'ava';
import { createActor, createEmptyActor } from 'xstate';
import { relayAgreementMachine } from '../../machines/negotiation/relay-agreement.ts';
import { DELAYS } from '../../machines/timers.ts';
import { VirtualClock } from '../simulation/clock.ts';

function leased(judge: () => void) {
  const clock = new VirtualClock();
  const machine = relayAgreementMachine.provide({ actions: { tellLeaseExpired: judge } });
  const actor = createActor(machine, { clock, input: { id: 'C.1.1', client: 'C', parent: createEmptyActor() } });
  actor.start();
  actor.send({ type: 'accepted', amends: true });
  return { clock, actor };
}

test('once proven by media it is judged again after the time of a renewal, and held for a whole lease once renewed', (t) => {
  const judged: number[] = [];
  const { clock, actor } = leased(() => judged.push(clock.now()));
  const first = DELAYS.lease;
  clock.runUntil(first);
  actor.send({ type: 'proven' });
  clock.runUntil(first + DELAYS.leaseRenewal);
  t.deepEqual(judged, [first, first + DELAYS.leaseRenewal]);
  actor.send({ type: 'proven' });
  actor.send({ type: 'accepted', amends: false });
  clock.runUntil(first + DELAYS.leaseRenewal + DELAYS.lease - 1);
  t.is(judged.length, 2);
  clock.runUntil(first + DELAYS.leaseRenewal + DELAYS.lease);
  t.is(judged.length, 3);
});
