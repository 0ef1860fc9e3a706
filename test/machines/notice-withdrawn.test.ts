/** A client that has notice and then asks for so much less that nothing need be reclaimed keeps its agreement. */
import test from 'ava';
import { createActor, createEmptyActor } from 'xstate';
import { accept, decide } from '../../machines/negotiation/answering.ts';
import { overdrawnBps } from '../../machines/negotiation/ledger.ts';
import { relayAgreementMachine } from '../../machines/negotiation/relay-agreement.ts';
import { NOT_RELAYING, type Relaying, withNotice } from '../../machines/negotiation/relaying.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { VirtualClock } from '../simulation/clock.ts';
import { member, RATE_BPS, viewOf } from './members.ts';

const [relay, client, receiver] = [member('R'), member('C'), member('D')];
const view = viewOf(relay, client, receiver);
const AGREEMENT = 'C.1.1';

function ask(relaying: Relaying, revision: number, rateBps: number) {
  const legs = [{ receiver: receiver.id, slices: ALL_SLICES, address: receiver.media }];
  const request = { agreement: AGREEMENT, revision, ssrc: client.source?.ssrc ?? 0, rateBps, legs };
  return decide(relaying, client.id, request, { view, leaving: false, patient: false });
}

/** All of the upload is promised; then the own stream needs half of it, and the client gets notice. */
function noticed(): Relaying {
  const ledger = { ...NOT_RELAYING.ledger, usableBps: RATE_BPS, lendBps: RATE_BPS };
  const offered = ask({ ...NOT_RELAYING, ledger }, 1, RATE_BPS);
  if (offered.type !== 'offered') throw new Error('the first request must be granted');
  const accepted = accept(offered.relaying, client.id, { agreement: AGREEMENT, revision: 1 });
  if (accepted.type !== 'amended') throw new Error('the first accept must be taken');
  const { relaying } = accepted;
  return withNotice({ ...relaying, ledger: { ...relaying.ledger, ownWantedBps: RATE_BPS / 2 } }, [AGREEMENT]);
}

test('what fits beside the own stream is granted, and the notice is over', (t) => {
  const decision = ask(noticed(), 2, RATE_BPS / 2);
  t.is(decision.type, 'offered');
  if (decision.type === 'offered') t.false(decision.relaying.agreements.get(AGREEMENT)?.noticed);
});

test('what does not fit is refused, but what was given up is free', (t) => {
  const before = noticed();
  const decision = ask(before, 2, 0.75 * RATE_BPS);
  t.is(decision.type, 'rejected');
  if (decision.type !== 'rejected') return;
  t.true(decision.relaying.agreements.get(AGREEMENT)?.noticed);
  t.is(overdrawnBps(before.ledger), RATE_BPS / 2);
  t.is(overdrawnBps(decision.relaying.ledger), RATE_BPS / 4);
});

test('an agreement that is offered new terms while it runs out runs on', (t) => {
  const clock = new VirtualClock();
  const quiet = () => undefined;
  const machine = relayAgreementMachine.provide({ actions: { tellNotice: quiet, tellClient: quiet, tellOver: quiet } });
  const actor = createActor(machine, { clock, input: { id: AGREEMENT, client: 'C', parent: createEmptyActor() } });
  actor.start();
  actor.send({ type: 'accepted', amends: true });
  actor.send({ type: 'notice', reason: 'relay.reclaimed', noticeMs: 1000 });
  clock.runUntil(800);
  actor.send({ type: 'offered' });
  actor.send({ type: 'accepted', amends: true });
  clock.runUntil(1200);
  t.deepEqual(actor.getSnapshot().value, { inForce: { lease: 'held', amendment: 'none' } });
});
