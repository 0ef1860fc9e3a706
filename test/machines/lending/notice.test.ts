/** Whom a relay takes back what it has promised from, and for how long they have it still. */
import test from 'ava';
import { overdrawnBps } from '../../../machines/negotiation/ledger.ts';
import { consider, giveNotice, reclaim } from '../../../machines/negotiation/lending.ts';
import type { Context, Outcome } from '../../../machines/negotiation/state.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { after, camera, freshNegotiation, lending, publishedBy, request } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';
import { RELAY_AGREEMENT } from '../terrains.ts';

/** A relay of three, who have come in this order, that needs so many copies' worth of upload back. */
function overdrawn(copies: number): Context {
  const view = viewOf(member('R'), ...['C', 'A', 'B', 'D'].map((id) => member(id)));
  let context = lending(freshNegotiation(view), 3 * RATE_BPS);
  for (const client of ['C', 'A', 'B'])
    context = after(context, consider(context, { request: request(client, 1, [camera(['D'])]) }));
  return lending(context, (3 - copies) * RATE_BPS);
}

const noticed = ({ commands = [] }: Outcome) =>
  commands.flatMap((command) =>
    command.do === 'tellRelay' && command.event.type === 'notice'
      ? [`${command.client} ${command.event.reason} ${command.event.noticeMs}`]
      : [],
  );

test('the newest go first, and no more of them than are needed', (t) => {
  t.deepEqual(noticed(reclaim(overdrawn(0.5))), [`B relay.reclaimed ${DELAYS.reclaimNotice}`]);
  t.deepEqual(noticed(reclaim(overdrawn(1.5))), [
    `B relay.reclaimed ${DELAYS.reclaimNotice}`,
    `A relay.reclaimed ${DELAYS.reclaimNotice}`,
  ]);
});

test('those that have notice already count, and are not told again', (t) => {
  const context = overdrawn(0.5);
  const once = after(context, reclaim(context));
  t.is(overdrawnBps(once.relaying.ledger), 0.5 * RATE_BPS, 'it holds what it has until it is over');
  t.deepEqual(noticed(reclaim(once)), []);
});

test('a relay that leaves gives everybody notice, and takes no one more', (t) => {
  const context = overdrawn(0);
  const outcome = giveNotice(context);
  t.deepEqual(
    noticed(outcome),
    ['C', 'A', 'B'].map((client) => `${client} relay.leaving ${DELAYS.leaveDeadline}`),
  );
  const leaving = lending(after(context, outcome), 9 * RATE_BPS);
  const [reply] = publishedBy(consider(leaving, { request: request('D', 1, [camera(['A'])]) }));
  t.like(reply, { kind: 'relay.reject', body: { code: 'peer.leaving' } });
});

test('a second notice does not prolong the first: one that is reminded must not be kept for ever', (t) => {
  const { clock, send, told } = alone(RELAY_AGREEMENT);
  send({ type: 'notice', reason: 'relay.reclaimed', noticeMs: 1000 });
  clock.runUntil(800);
  send({ type: 'notice', reason: 'relay.reclaimed', noticeMs: 1000 });
  clock.runUntil(1000);
  t.like(told.at(-1), { type: 'relaying.over', client: 'A' });
});

test('nor does the word of its client that it holds it', (t) => {
  const { clock, send, told } = alone(RELAY_AGREEMENT);
  send({ type: 'notice', reason: 'relay.reclaimed', noticeMs: 1000 });
  send({ type: 'listed', is: true });
  clock.runUntil(1000);
  t.like(told.at(-1), { type: 'relaying.over', client: 'A' });
});
