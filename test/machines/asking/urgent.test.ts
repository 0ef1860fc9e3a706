/** In the place of a relay that fell silent: what is asked for goes both ways and is used at once, until the answer tells otherwise. */
import test from 'ava';
import { pathsOf } from '../../../machines/forwarding/own-streams.ts';
import { Urgent } from '../../../machines/hearing/urgent.ts';
import { ask, askUrgently, noteGranted, noteRefused, plan, run } from '../../../machines/negotiation/asking.ts';
import type { Asked } from '../../../machines/negotiation/carry-out.ts';
import { suspect } from '../../../machines/negotiation/doubting.ts';
import type { Context } from '../../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { after, camera, freshNegotiation, lending } from '../fresh-negotiation.ts';
import { RATE_BPS, sending, viewOf } from '../members.ts';

/** A has upload for one copy, and B relays for it; C could, too. */
function relayed(): Context {
  const view = viewOf(
    sending('A', 1, 1),
    sending('B', 1, 9),
    { ...sending('C', 1, 6), key: 'k'.repeat(43) },
    sending('D', 1, 3),
  );
  let context: Context = { ...freshNegotiation(view), reached: reaching('B', 'C', 'D') };
  context = { ...context, relaying: { ...context.relaying, ledger: { ...context.relaying.ledger, usableBps: 1e6 } } };
  context = after(context, plan(context));
  const asked = new Map([
    ['B', { id: 'A.1.1', terms: [camera(['C', 'D'])], granted: [camera(['C', 'D'])], revision: 1 }],
  ]);
  context = { ...context, asked };
  return after(context, run(context));
}

/** B has fallen silent. */
function bereft(): Context {
  let context = relayed();
  context = after(context, suspect(context, { relay: 'B', quiet: [] }));
  context = { ...context, asked: new Map() };
  context = after(context, plan(context));
  return after(context, askUrgently(context, { relay: 'B' }));
}

const wayTo = (context: Context, receiver: string) => [...(pathsOf(context.inForce, 'camera').get(receiver) ?? [])];

/** Members with whom our pair has a way, of this round trip in ms. */
function reaching(...peers: readonly string[]): Context['reached'] {
  return new Map(peers.map((peer) => [peer, 40]));
}

test('what another relay is asked for in its place runs at once', (t) => {
  const context = bereft();
  t.deepEqual(
    wayTo(relayed(), 'D').map(([via]) => via),
    ['B'],
  );
  const now = after(context, run(context));
  t.deepEqual(
    wayTo(now, 'D').map(([via]) => via),
    ['C'],
  );
});

test('and goes on when it is granted, at what is granted; when it is refused it ends', (t) => {
  let context = bereft();
  context = after(context, run(context));
  const granted = after(context, noteGranted(context, { relay: 'C', terms: [camera(['D'])], revision: 2 }));
  t.is(granted.asked.get('C')?.presumed, undefined);
  t.deepEqual(wayTo(after(granted, run(granted)), 'D'), wayTo(context, 'D'));
  const refused = after(context, noteRefused(context, { relay: 'C', code: 'capacity.exhausted' }));
  t.is(refused.asked.get('C')?.presumed, undefined);
  t.deepEqual(wayTo(after(refused, run(refused)), 'D'), []);
});

/** A's camera goes to D through B and to E through C; B falls silent, and the plan would have F serve both. */
function halfBereft(asked: ReadonlyMap<string, Asked> = new Map()): Context {
  const key = 'k'.repeat(43);
  const keyed = (id: string) => ({ ...sending(id, 1, 9), key });
  const view = viewOf(keyed('A'), ...['B', 'C', 'D', 'E', 'F'].map(keyed));
  const through = (ways: readonly (readonly [string, string])[]) =>
    new Map([['camera', new Map(ways.map(([to, via]) => [to, new Map([[via, ALL_SLICES]])]))]]);
  const held = (relay: string, to: string): [string, Asked] => [
    relay,
    { id: `A.1.${relay}`, terms: [camera([to])], granted: [camera([to])], revision: 1 },
  ];
  const inForce = through([
    ['D', 'B'],
    ['E', 'C'],
  ]);
  return {
    ...lending(freshNegotiation(view), 9 * RATE_BPS),
    ...{ inForce, reached: reaching('B', 'C', 'D', 'E', 'F'), silent: new Set(['B']) },
    asked: new Map([held('C', 'E'), ...asked]),
    wanted: through([
      ['D', 'F'],
      ['E', 'F'],
    ]),
    wantedRates: new Map([['camera', RATE_BPS]]),
    rates: new Map([['camera', RATE_BPS]]),
  };
}

test('whose way stands keeps it until the new one is granted', (t) => {
  let context = halfBereft();
  context = after(context, askUrgently(context, { relay: 'B' }));
  t.deepEqual(context.asked.get('F')?.terms, [camera(['D', 'E'])]);
  t.deepEqual(context.asked.get('F')?.presumed, [camera(['D'])]);
  const now = after(context, run(context));
  t.deepEqual([wayTo(now, 'D'), wayTo(now, 'E')], [[['F', ALL_SLICES]], [['C', ALL_SLICES]]]);
});

test('a relay that was asked for the same already is used in its place at once, but not against its answer', (t) => {
  const terms = [camera(['D', 'E'])];
  const awaited = new Map([['F', { id: 'A.1.F', terms, granted: [], revision: 0 }]]);
  const context = halfBereft(awaited);
  const asking = after(context, askUrgently(context, { relay: 'B' }));
  t.deepEqual(asking.asked.get('F')?.presumed, [camera(['D'])]);
  const refused = { ...context, refusals: new Map([['F', 1]]) };
  t.is(after(refused, askUrgently(refused, { relay: 'B' })).asked.get('F')?.presumed, undefined);
});

test('what is presumed stays so while the plan asks for something else beside it', (t) => {
  let context = halfBereft();
  context = after(context, askUrgently(context, { relay: 'B' }));
  const wanted = new Map([['camera', new Map([['D', new Map([['F', ALL_SLICES]])]])]]);
  context = { ...context, wanted, held: context.wanted };
  context = after(context, ask({ ...context, inForce: wanted, held: wanted }));
  t.deepEqual(context.asked.get('F')?.presumed, [camera(['D'])]);
});

test('nothing is sent to a relay that we have no way to yet, whatever it is presumed to grant', (t) => {
  const context: Context = { ...bereft(), reached: reaching('B', 'D') };
  t.deepEqual(wayTo(after(context, run(context)), 'D'), []);
});

test('an answer goes both ways for two seconds after a request has come by the media path', (t) => {
  const urgent = new Urgent();
  t.false(urgent.goesBothWays('A', 'relay.offer', false, 0));
  t.true(urgent.goesBothWays('A', 'relay.request', true, 0));
  t.true(urgent.came('A', 'relay.request', 1000));
  t.true(urgent.goesBothWays('A', 'relay.offer', false, 1500));
  t.true(urgent.goesBothWays('A', 'relay.reject', false, 1500));
  t.false(urgent.goesBothWays('A', 'relay.release', false, 1500));
  t.false(urgent.goesBothWays('B', 'relay.offer', false, 1500));
  t.false(urgent.goesBothWays('A', 'relay.offer', false, 3000));
});

test('keys that are asked for by the media path are told there: who has lost the bus hears nobody else', (t) => {
  const urgent = new Urgent();
  t.false(urgent.goesBothWays('A', 'media.keys', false, 0));
  t.true(urgent.came('A', 'media.keys.ask', 0));
  t.true(urgent.goesBothWays('A', 'media.keys', false, 1999));
  t.false(urgent.goesBothWays('A', 'relay.offer', false, 1), 'it has asked for no relay');
  t.false(urgent.goesBothWays('A', 'media.keys', false, 2000));
});

test('nothing but requests, questions for keys, and their answers is taken from the media path', (t) => {
  const urgent = new Urgent();
  t.false(urgent.came('A', 'bye', 0));
  t.false(urgent.came('A', 'profile', 0));
  t.true(urgent.came('A', 'relay.offer', 0));
  t.false(urgent.goesBothWays('A', 'relay.offer', false, 1), 'an answer of theirs asks for none');
});
