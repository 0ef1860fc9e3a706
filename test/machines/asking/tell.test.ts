/** What forwarding and the room are told of agreements: once, and at no cost where nothing has changed. */
import test from 'ava';
import { initialTransition, transition } from 'xstate';
import { run } from '../../../machines/negotiation/asking.ts';
import { consider, tell } from '../../../machines/negotiation/lending.ts';
import type { Context } from '../../../machines/negotiation/state.ts';
import { withMember } from '../../../machines/view.ts';
import { after, camera, freshNegotiation, lending, request } from '../fresh-negotiation.ts';
import { member, RATE_BPS, stream, viewOf } from '../members.ts';
import { NEGOTIATION } from '../terrains.ts';

const view = viewOf(member('R'), member('C'), member('D'), member('E'));

function relaying(): Context {
  const able = lending(freshNegotiation(view), 4 * RATE_BPS);
  return after(able, consider(able, { request: request('C', 1, [camera(['D'])]) }));
}

const news = (context: Context) =>
  (tell(context).commands ?? []).flatMap((command) => (command.do === 'tell' ? [command.news.type] : []));
const told = (context: Context) => after(context, tell(context));

test('both are told once', (t) => {
  t.deepEqual(news(relaying()), ['routes.relayed', 'announce']);
  t.deepEqual(news(told(relaying())), []);
});

test('where nothing has changed nothing is compared, and nothing assigned', (t) => {
  const context = told(relaying());
  const unreadable = new Proxy([], {
    get: () => {
      throw new Error('there is nothing to be compared');
    },
  });
  const guarded: Context = {
    ...context,
    told: { ...context.told, relayed: unreadable, announced: unreadable as never },
  };
  t.deepEqual(tell(guarded), {});
});

test('what is another object and the same is compared once, and not told', (t) => {
  const context = told(relaying());
  const same = {
    ...context,
    inForce: new Map(context.inForce),
    relaying: { ...context.relaying, agreements: new Map(context.relaying.agreements) },
  };
  t.deepEqual(news(same), []);
  t.deepEqual(tell(told(same)), {});
});

test('each hears of what is its own', (t) => {
  const context = told(relaying());
  const renamed = withMember(view, member('C', { streams: [stream('C', { ssrc: 77 })] }));
  t.deepEqual(news({ ...context, view: renamed }), ['routes.relayed']);
  const held = { id: 'R.1.1', terms: [camera(['D'])], granted: [camera(['D'])], revision: 3 };
  t.deepEqual(news({ ...context, asked: new Map([['E', held]]) }), ['announce']);
});

test('the room is told of agreements that are granted, by their revision, and of what is promised', (t) => {
  const held = { id: 'R.1.1', terms: [camera(['D'])], granted: [camera(['D'])], revision: 3 };
  const asking = { ...held, id: 'R.1.2', granted: [], revision: 0 };
  const asked = new Map([
    ['E', held],
    ['D', asking],
  ]);
  const announced = tell({ ...relaying(), asked }).patch?.told?.announced;
  t.deepEqual(announced?.agreements, [{ relay: 'E', agreement: 'R.1.1', revision: 3 }]);
  t.is(announced?.promisedBps, RATE_BPS);
});

test('forwarding hears of ways and rates when they change, and only then', (t) => {
  const paths = new Map([['C', new Map([[null, 0xffff]])]]);
  const planned: Context = {
    ...lending(freshNegotiation(view), 4 * RATE_BPS),
    wanted: new Map([['camera', paths]]),
    wantedRates: new Map([['camera', RATE_BPS]]),
  };
  const first = run(planned);
  t.like(first.commands?.[0], { news: { type: 'routes.own', rates: new Map([['camera', RATE_BPS]]) } });
  t.is(run(after(planned, first)).commands, undefined);
  const slower = { ...after(planned, first), wantedRates: new Map([['camera', RATE_BPS / 2]]) };
  t.like(run(slower).commands?.[0], { news: { type: 'routes.own', rates: new Map([['camera', RATE_BPS / 2]]) } });
});

test('a step that comes to the same leaves the context as it is, for a new one costs a snapshot of all regions', (t) => {
  const [start] = initialTransition(NEGOTIATION.machine, NEGOTIATION.input);
  const event = { type: 'patience.over', client: 'B' };
  const [first] = transition(NEGOTIATION.machine, start, event);
  const [second] = transition(NEGOTIATION.machine, first, event);
  t.is(second.context, first.context);
});
