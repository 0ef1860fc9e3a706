/** A client that has notice keeps its agreement if nothing need be reclaimed any more: it asks for less, or the room moves. */
import test from 'ava';
import { decide } from '../../../machines/negotiation/answering.ts';
import { overdrawnBps } from '../../../machines/negotiation/ledger.ts';
import { withdrawNotices } from '../../../machines/negotiation/lending.ts';
import { NOT_RELAYING, type Relaying, withNotice } from '../../../machines/negotiation/relaying.ts';
import { after, camera, freshNegotiation, request } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';
import { LEASE_MS, RELAY_AGREEMENT } from '../terrains.ts';

const view = viewOf(member('R'), member('C'), member('D'));

function ask(relaying: Relaying, revision: number, rateBps: number) {
  const { body } = request('C', revision, [camera(['D'], { rateBps })]);
  return decide(relaying, 'C', body, { view, reached: new Set(), leaving: false, patient: false });
}

/** All of the upload is promised; then the own streams need half of it, and the client gets notice. */
function noticed(): Relaying {
  const ledger = { ...NOT_RELAYING.ledger, usableBps: RATE_BPS, lendBps: RATE_BPS };
  const granted = ask({ ...NOT_RELAYING, ledger }, 1, RATE_BPS);
  if (granted.type !== 'granted') throw new Error('the first request must be granted');
  const { relaying } = granted;
  return withNotice({ ...relaying, ledger: { ...relaying.ledger, ownWantedBps: RATE_BPS / 2 } }, ['C']);
}

test('what fits beside the own streams is granted, and the notice is over', (t) => {
  const decision = ask(noticed(), 2, RATE_BPS / 2);
  t.is(decision.type, 'granted');
  if (decision.type === 'granted') t.false(decision.relaying.agreements.get('C')?.noticed);
});

test('what does not fit is refused, but what was given up is free', (t) => {
  const before = noticed();
  const decision = ask(before, 2, 0.75 * RATE_BPS);
  t.is(decision.type, 'rejected');
  if (decision.type !== 'rejected') return;
  t.true(decision.relaying.agreements.get('C')?.noticed);
  t.is(overdrawnBps(before.ledger), RATE_BPS / 2);
  t.is(overdrawnBps(decision.relaying.ledger), RATE_BPS / 4);
});

test('an agreement that is granted other terms while it runs out runs on', (t) => {
  const { clock, send, state } = alone(RELAY_AGREEMENT);
  send({ type: 'notice', reason: 'relay.reclaimed', noticeMs: 1000 });
  clock.runUntil(800);
  send({ type: 'granted', leaseMs: LEASE_MS });
  clock.runUntil(1200);
  t.is(state(), 'inForce.unlisted');
});

test('once nothing more need be reclaimed all stay that have not found another relay; of a relay that leaves nobody does', (t) => {
  const context = { ...freshNegotiation(view), relaying: noticed() };
  const outcome = withdrawNotices(context);
  t.false(after(context, outcome).relaying.agreements.get('C')?.noticed);
  const told = (outcome.commands ?? []).flatMap((command) => (command.do === 'tellRelay' ? [command.event.type] : []));
  t.deepEqual(told, ['granted']);
  t.deepEqual(withdrawNotices({ ...context, leaving: true }), {});
  t.deepEqual(withdrawNotices(after(context, outcome)), {});
});
