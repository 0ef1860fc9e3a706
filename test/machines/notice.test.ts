/** A relay that goes on reminding a client of its notice must not keep it for ever. */
import test from 'ava';
import { createActor, createEmptyActor } from 'xstate';
import { relayAgreementMachine } from '../../machines/negotiation/relay-agreement.ts';
import { VirtualClock } from '../simulation/clock.ts';

test('a second notice does not prolong the first', (t) => {
  const clock = new VirtualClock();
  const quiet = () => undefined;
  const machine = relayAgreementMachine.provide({ actions: { tellNotice: quiet, tellClient: quiet, tellOver: quiet } });
  const actor = createActor(machine, { clock, input: { id: 'C.1.1', client: 'C', parent: createEmptyActor() } });
  actor.start();
  actor.send({ type: 'accepted', amends: true });
  actor.send({ type: 'notice', reason: 'relay.reclaimed', noticeMs: 1000 });
  clock.runUntil(800);
  actor.send({ type: 'notice', reason: 'relay.reclaimed', noticeMs: 1000 });
  clock.runUntil(1000);
  t.is(actor.getSnapshot().value, 'over');
});
