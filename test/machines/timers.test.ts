/** Every timer that a machine has fires at its named time, and does what its name says. */
import test from 'ava';
import { DELAYS } from '../../machines/timers.ts';
import { alone } from './harness.ts';
import { CLIENT_AGREEMENT, FORWARDING, RELAY_AGREEMENT, SESSION, SIGNALING } from './terrains.ts';

const eventOf = ({ events }: typeof SESSION, type: string, at = 0) => {
  const event = events.filter((one) => one.type === type)[at];
  if (event === undefined) throw new Error(`no event ${type} in this terrain`);
  return event;
};

test('a session invites again until it is answered, and asks after a peer that is silent', (t) => {
  const { clock, told, send } = alone(SESSION);
  const types = () => told.splice(0).map(({ type }) => type);
  t.deepEqual(types(), ['session.invites']);
  clock.runUntil(DELAYS.inviteRetry);
  t.deepEqual(types(), ['session.invites']);
  send({ type: 'established' });
  const since = clock.now();
  clock.runUntil(since + DELAYS.memberTimeout - 1);
  t.deepEqual(types(), []);
  clock.runUntil(since + DELAYS.memberTimeout);
  t.deepEqual(types(), ['session.unheard']);
  clock.runUntil(since + 2 * DELAYS.memberTimeout);
  t.deepEqual(types(), ['session.unheard']);
  clock.runUntil(clock.now() + DELAYS.memberTimeout - 1);
  send({ type: 'heard' });
  clock.runUntil(clock.now() + DELAYS.memberTimeout - 1);
  t.deepEqual(types(), []);
});

test('a session invites ever less often, so that a busy peer gets to answer', (t) => {
  const { clock, told } = alone(SESSION);
  const at: number[] = [];
  for (let units = 0; units <= 31; units++) {
    clock.runUntil(units * DELAYS.inviteRetry);
    if (told.splice(0).some(({ type }) => type === 'session.invites')) at.push(units);
  }
  t.deepEqual(at, [0, 1, 3, 7, 15, 23, 31]);
});

test('a session whose peer is told of late still asks after it in time', (t) => {
  const { clock, told, send } = alone(SESSION);
  send({ type: 'established' });
  clock.runUntil(1000);
  send({ type: 'heard', agoMs: 300 });
  told.splice(0);
  clock.runUntil(700 + DELAYS.memberTimeout - 1);
  t.deepEqual(told, []);
  clock.runUntil(700 + DELAYS.memberTimeout);
  t.deepEqual(
    told.map(({ type }) => type),
    ['session.unheard'],
  );
});

test('an id that nobody defends is free after claimTimeout', (t) => {
  const { clock, kinds, told } = alone(SIGNALING);
  clock.runUntil(DELAYS.claimTimeout - 1);
  t.deepEqual(kinds(), []);
  clock.runUntil(DELAYS.claimTimeout);
  t.deepEqual(kinds(), ['invite', 'presence']);
  t.like(told[0], { type: 'signaling.joined' });
});

test('presence is told every presenceInterval, and presenceCoalesce after the first of several changes', (t) => {
  const { clock, kinds, send } = alone(SIGNALING);
  send({ type: 'claim.free' });
  clock.runUntil(3 * DELAYS.presenceInterval);
  t.deepEqual(kinds(), ['invite', 'presence', 'presence', 'presence', 'presence']);
  for (const lendBps of [1, 2, 3]) send({ type: 'profile.changed', change: { lendBps } });
  t.is(kinds().length, 5);
  clock.runUntil(clock.now() + DELAYS.presenceCoalesce);
  t.is(kinds().length, 6);
});

test('a request is repeated, and given up after requestTimeout', (t) => {
  const { clock, kinds, told } = alone(CLIENT_AGREEMENT);
  clock.runUntil(DELAYS.requestTimeout - 1);
  t.is(kinds().length, 1 + Math.floor((DELAYS.requestTimeout - 1) / DELAYS.requestRetry));
  t.deepEqual(told, []);
  clock.runUntil(DELAYS.requestTimeout);
  t.like(told[0], { type: 'agreement.refused', code: 'timeout' });
  t.like(told[1], { type: 'agreement.over' });
  const before = kinds().length;
  clock.runUntil(60_000);
  t.is(kinds().length, before);
});

test('an accept is repeated until the relay is confirmed, and then renews the lease', (t) => {
  const { clock, kinds, send } = alone(CLIENT_AGREEMENT);
  send(eventOf(CLIENT_AGREEMENT, 'relay.offer'));
  const accepts = () => kinds().filter((kind) => kind === 'relay.accept').length;
  t.is(accepts(), 1);
  clock.runUntil(2 * DELAYS.acceptRetry);
  t.is(accepts(), 3);
  send({ type: 'relay.confirmed' });
  const since = clock.now();
  clock.runUntil(since + DELAYS.lease);
  t.is(accepts(), 3 + DELAYS.lease / DELAYS.leaseRenewal);
});

test('an amendment that nobody answers leaves the terms in force, and goes on renewing them', (t) => {
  const { clock, published, send, state, told } = alone(CLIENT_AGREEMENT);
  send(eventOf(CLIENT_AGREEMENT, 'relay.offer'));
  send({ type: 'relay.confirmed' });
  send(eventOf(CLIENT_AGREEMENT, 'terms'));
  clock.runUntil(DELAYS.requestTimeout);
  t.is(state(), 'inForce.steady');
  t.like(told.at(-1), { type: 'agreement.refused', code: 'timeout' });
  clock.runUntil(DELAYS.requestTimeout + DELAYS.leaseRenewal);
  t.like(published.at(-1), { message: { kind: 'relay.accept', body: { revision: 1 } } });
});

test('an offer that nobody accepts lapses after offerHold, and the client is told', (t) => {
  const { clock, kinds, told } = alone(RELAY_AGREEMENT);
  clock.runUntil(DELAYS.offerHold - 1);
  t.deepEqual(kinds(), []);
  clock.runUntil(DELAYS.offerHold);
  t.deepEqual(kinds(), ['relay.release']);
  t.deepEqual(told, [{ type: 'relaying.over', agreement: 'A.1.1', reason: 'lease.expired' }]);
});

test('a lease ends when it is not renewed, not before, and an open amendment does not prolong it', (t) => {
  const { clock, send, told } = alone(RELAY_AGREEMENT);
  send({ type: 'accepted', amends: true });
  clock.runUntil(DELAYS.lease - 1);
  send({ type: 'accepted', amends: false });
  clock.runUntil(2 * DELAYS.lease - 2);
  t.deepEqual(told, []);
  send({ type: 'offered' });
  clock.runUntil(2 * DELAYS.lease - 1);
  t.deepEqual(told, [{ type: 'lease.expired', agreement: 'A.1.1' }]);
});

test('an amendment that is not accepted lapses after offerHold, whatever renewals come', (t) => {
  const { clock, send, told } = alone(RELAY_AGREEMENT);
  send({ type: 'accepted', amends: true });
  send({ type: 'offered' });
  clock.runUntil(DELAYS.offerHold - 1);
  send({ type: 'accepted', amends: false });
  clock.runUntil(DELAYS.offerHold);
  t.deepEqual(told, [{ type: 'amendment.lapsed', agreement: 'A.1.1' }]);
});

test('a relay that has given notice forwards for as long as it said', (t) => {
  const { clock, published, send, told } = alone(RELAY_AGREEMENT);
  send({ type: 'accepted', amends: true });
  send({ type: 'notice', reason: 'relay.leaving', noticeMs: 700 });
  t.like(published[0], { message: { kind: 'relay.release', body: { reason: 'relay.leaving', noticeMs: 700 } } });
  clock.runUntil(699);
  t.deepEqual(told, []);
  clock.runUntil(700);
  t.deepEqual(told, [{ type: 'relaying.over', agreement: 'A.1.1', reason: 'relay.leaving' }]);
});

test('old routes are kept along for overlap at most, and settled at once where there is none', (t) => {
  const { clock, send, state, told } = alone(FORWARDING);
  send(eventOf(FORWARDING, 'routes.own', 0));
  t.deepEqual(told.splice(0), [{ type: 'routes.settled' }]);
  send(eventOf(FORWARDING, 'routes.own', 1));
  t.is(state(), 'overlapping');
  clock.runUntil(DELAYS.overlap - 1);
  t.deepEqual(told, []);
  clock.runUntil(DELAYS.overlap);
  t.is(state(), 'steady');
  t.deepEqual(told, [{ type: 'routes.settled' }]);
});

test('old routes end as soon as the new relay has reported', (t) => {
  const { send, state, told } = alone(FORWARDING);
  send(eventOf(FORWARDING, 'routes.own', 0));
  told.splice(0);
  send(eventOf(FORWARDING, 'routes.own', 1));
  t.is(state(), 'overlapping');
  send({ type: 'relay.confirmed', relay: 'B' });
  t.is(state(), 'steady');
  t.deepEqual(told, [{ type: 'routes.settled' }]);
});
