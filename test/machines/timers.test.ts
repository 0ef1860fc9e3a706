/** Every timer that a machine has fires at its named time, and does what its name says. */
import test from 'ava';
import { beatIntervalMs, DELAYS, leaseMsOf, memberTimeoutMs } from '../../machines/timers.ts';
import { alone } from './harness.ts';
import { CLIENT_AGREEMENT, FORWARDING, LEASE_MS, RELAY_AGREEMENT } from './terrains.ts';
import type { Terrain } from './walk.ts';

const eventOf = ({ events }: Terrain, type: string, at = 0) => {
  const event = events.filter((one) => one.type === type)[at];
  if (event === undefined) throw new Error(`no event ${type} in this terrain`);
  return event;
};

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

test('what is repeated goes by the media path, too: the bus may be away; what is asked for anew does not', (t) => {
  const { clock, send, hurried } = alone(CLIENT_AGREEMENT);
  clock.runUntil(DELAYS.requestRetry);
  t.deepEqual(hurried, [false, true]);
  send(eventOf(CLIENT_AGREEMENT, 'terms'));
  send({ ...eventOf(CLIENT_AGREEMENT, 'terms'), isUrgent: true });
  t.deepEqual(hurried, [false, true, false, true]);
});

test('a request that is answered is repeated no more', (t) => {
  const { clock, kinds, send } = alone(CLIENT_AGREEMENT);
  send(eventOf(CLIENT_AGREEMENT, 'relay.offer'));
  clock.runUntil(60_000);
  t.deepEqual(kinds(), ['relay.request']);
});

test('an amendment that nobody answers is repeated, and leaves the terms in force', (t) => {
  const { clock, kinds, send, state, told } = alone(CLIENT_AGREEMENT);
  send(eventOf(CLIENT_AGREEMENT, 'relay.offer'));
  send(eventOf(CLIENT_AGREEMENT, 'terms'));
  clock.runUntil(DELAYS.requestTimeout - 1);
  t.is(state(), 'inForce.amending.asking');
  t.is(kinds().length, 2 + Math.floor((DELAYS.requestTimeout - 1) / DELAYS.requestRetry));
  clock.runUntil(DELAYS.requestTimeout);
  t.is(state(), 'inForce.amending.unanswered');
  t.like(told.at(-1), { type: 'agreement.refused', code: 'timeout' });
});

test('what the relay may have granted without our hearing of it is asked for until it answers, but refused once only', (t) => {
  const { clock, kinds, send, state, told } = alone(CLIENT_AGREEMENT);
  send(eventOf(CLIENT_AGREEMENT, 'relay.offer'));
  send(eventOf(CLIENT_AGREEMENT, 'terms'));
  clock.runUntil(DELAYS.requestTimeout);
  const before = kinds().length;
  clock.runUntil(4 * DELAYS.requestTimeout);
  t.deepEqual(kinds().slice(before), ['relay.request', 'relay.request', 'relay.request']);
  t.is(told.filter(({ type }) => type === 'agreement.refused').length, 1);
  send(eventOf(CLIENT_AGREEMENT, 'relay.offer', 1));
  t.is(state(), 'inForce.steady');
  t.like(told.at(-1), { type: 'agreement.granted', revision: 2 });
});

test('what the client does not list is judged after a lease, not before, and other terms begin another one', (t) => {
  const { clock, send, told } = alone(RELAY_AGREEMENT);
  clock.runUntil(LEASE_MS - 1);
  send({ type: 'granted', leaseMs: LEASE_MS + 500 });
  clock.runUntil(2 * LEASE_MS + 498);
  t.deepEqual(told, []);
  clock.runUntil(2 * LEASE_MS + 499);
  t.deepEqual(told, [{ type: 'lease.expired', client: 'A' }]);
});

test('what the client lists has no timer at all, until it is listed no more', (t) => {
  const { clock, send, told, kinds } = alone(RELAY_AGREEMENT);
  send({ type: 'listed', is: true });
  clock.runUntil(1000 * LEASE_MS);
  t.deepEqual([...told, ...kinds()], []);
  send({ type: 'listed', is: false });
  clock.runUntil(1001 * LEASE_MS - 1);
  t.deepEqual(told, []);
  clock.runUntil(1001 * LEASE_MS);
  t.deepEqual(told, [{ type: 'lease.expired', client: 'A' }]);
});

test('what is proven otherwise is judged again after another lease', (t) => {
  const { clock, send, told } = alone(RELAY_AGREEMENT);
  clock.runUntil(LEASE_MS);
  told.splice(0);
  send({ type: 'proven' });
  clock.runUntil(2 * LEASE_MS - 1);
  t.deepEqual(told, []);
  clock.runUntil(2 * LEASE_MS);
  t.deepEqual(told, [{ type: 'lease.expired', client: 'A' }]);
});

test('in a large room the lease is as long as four of its beats', (t) => {
  t.is(leaseMsOf(10), DELAYS.lease);
  t.is(leaseMsOf(100), 4 * beatIntervalMs(100));
  t.true(leaseMsOf(250) > memberTimeoutMs(250));
});

test('a relay that has given notice forwards for as long as it said', (t) => {
  const { clock, published, send, told } = alone(RELAY_AGREEMENT);
  send({ type: 'notice', reason: 'relay.leaving', noticeMs: 700 });
  t.like(published[0], { message: { kind: 'relay.release', body: { reason: 'relay.leaving', noticeMs: 700 } } });
  clock.runUntil(699);
  t.deepEqual(told, []);
  clock.runUntil(700);
  t.deepEqual(told, [{ type: 'relaying.over', client: 'A', agreement: 'A.1.1', reason: 'relay.leaving' }]);
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
  send(eventOf(FORWARDING, 'relay.confirmed'));
  t.is(state(), 'steady');
  t.deepEqual(told, [{ type: 'routes.settled' }]);
});
