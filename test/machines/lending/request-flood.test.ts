/** One who asks for ever more must not fill a relay's memory, nor take what is another's. */
import test from 'ava';
import { answerDeferred, consider, considerDeferred, takeView } from '../../../machines/negotiation/lending.ts';
import type { Context, Outcome } from '../../../machines/negotiation/state.ts';
import { type View, withMember, withoutMember } from '../../../machines/view.ts';
import { after, camera, freshNegotiation, lending, publishedBy, request } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';
import { NEGOTIATION } from '../terrains.ts';

const view = viewOf(member('R'), member('C'), member('D'));
const relay = lending(freshNegotiation(view), 10 * RATE_BPS);
const asked = (context: Context, ...request_: Parameters<typeof request>) =>
  after(context, consider(context, { request: request(...request_) }));
const seen = (context: Context, view: View) => after(context, takeView(context, { view }));
/** So many strangers' requests wait. */
const MOST = 64;

test('a client has one agreement, however many it asks for', (t) => {
  let context = relay;
  for (let count = 1; count <= 100; count++)
    context = asked(context, 'C', count, [camera(['D'], { rateBps: 0 })], `C.1.${count}`);
  t.deepEqual(
    [...context.relaying.agreements.values()].map(({ id }) => id),
    ['C.1.100'],
  );
  t.is(context.relaying.ledger.promised.size, 1);
});

test('requests of strangers wait for the view, one each, but only so many at once', (t) => {
  let context = relay;
  for (let count = 0; count < 1000; count++) context = asked(context, 'X', count, [camera(['D'])], `X.1.${count}`);
  t.is(context.deferred.size, 1);
  for (let count = 0; count < 1000; count++) context = asked(context, `X${count}`, 1, [camera(['D'])]);
  t.is(context.deferred.size, MOST);
  const [reply] = publishedBy(consider(context, { request: request('Y', 1, [camera(['D'])]) }));
  t.like(reply, { kind: 'relay.reject', body: { code: 'stream.unknown' } }, 'the next gets its answer at once');
});

test('however many strangers wait, members may', (t) => {
  let context = lending(relay, RATE_BPS / 2);
  for (let count = 0; count < MOST; count++) context = asked(context, `X${count}`, 1, [camera(['D'])]);
  t.true(asked(context, 'C', 1, [camera(['D'])]).deferred.has('C'));
});

test("a stranger's request is granted once it is met, and refused if that takes too long", (t) => {
  const context = asked(relay, 'X', 1, [camera(['D'])]);
  t.is(context.relaying.agreements.size, 0);
  const [reply] = publishedBy(answerDeferred(context, { client: 'X' }));
  t.like(reply, { kind: 'relay.reject', body: { code: 'stream.unknown' } });
  t.is(after(context, answerDeferred(context, { client: 'X' })).deferred.size, 0);
  const { send, published } = alone(NEGOTIATION);
  send({ type: 'view.changed', view: viewOf(member('A'), member('C')) });
  send({ type: 'relay.request', message: request('X', 1, [camera(['C'])]) });
  t.false(published.some(({ to }) => to === 'X'));
  send({ type: 'view.changed', view: viewOf(member('A'), member('C'), member('X')) });
  t.like(
    published.find(({ to }) => to === 'X'),
    { message: { kind: 'relay.offer' } },
  );
});

test('a client that goes while its request waits is forgotten; one that has not come yet is not', (t) => {
  const poor = lending(relay, RATE_BPS / 2);
  const waiting = asked(asked(poor, 'C', 1, [camera(['D'])]), 'X', 1, [camera(['D'])]);
  t.deepEqual([...waiting.deferred.keys()], ['C', 'X']);
  t.deepEqual([...seen(waiting, withoutMember(view, 'C')).deferred.keys()], ['X']);
  const met = seen(waiting, withMember(view, member('X')));
  t.deepEqual([...seen(met, view).deferred.keys()], ['C']);
});

test('what is known of members is forgotten with them', (t) => {
  const known: Context = {
    ...relay,
    failures: new Map([['C', { silent: 1, full: 0, other: 1 }]]),
    refusals: new Map([['C', 2]]),
    witnesses: new Map([['C', 1]]),
    mediaAlive: new Set(['C']),
    silent: new Set(['C']),
    unheard: new Set(['C']),
  };
  const { failures, refusals, witnesses, mediaAlive, silent, unheard } = seen(known, withoutMember(view, 'C'));
  t.deepEqual(
    [failures, refusals, witnesses, mediaAlive, silent, unheard].map(({ size }) => size),
    [0, 0, 0, 0, 0, 0],
  );
});

test('a request waits from when it has come, not anew whenever the view or the ledger changes', (t) => {
  const poor = lending(relay, RATE_BPS / 2);
  const waits = ({ commands = [] }: Outcome) => commands.filter((command) => command.do === 'wait');
  const come = consider(poor, { request: request('C', 1, [camera(['D'])]) });
  t.deepEqual(waits(come), [{ do: 'wait', client: 'C' }]);
  t.deepEqual(waits(considerDeferred(after(poor, come))), []);
});
