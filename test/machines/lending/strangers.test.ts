/** One member can spoil nothing but its own streams: whatever it sends in whosever name, others' agreements are as they were. */
import test from 'ava';
import type { AnyEventObject } from 'xstate';
import { NO_PATHS, type Paths } from '../../../machines/forwarding/paths.ts';
import type { Incoming, Kind, PeerId, RejectCode } from '../../../machines/messages.ts';
import { passToClient } from '../../../machines/negotiation/asking.ts';
import { answerDeferred, consider, takeRelease } from '../../../machines/negotiation/lending.ts';
import { relayedRoutes } from '../../../machines/negotiation/relaying.ts';
import type { Context, Outcome, Request } from '../../../machines/negotiation/state.ts';
import { DELAYS } from '../../../machines/timers.ts';
import type { Member } from '../../../machines/view.ts';
import { after, camera, freshNegotiation, lending, publishedBy, request } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, sending, viewOf } from '../members.ts';
import { Room } from '../room.ts';
import { CLIENT_AGREEMENT, NEGOTIATION } from '../terrains.ts';

/** R relays the camera of C to D; E is a member like them. */
function relaying(): Context {
  const able = lending(freshNegotiation(viewOf(member('R'), ...['C', 'D', 'E'].map((id) => member(id)))), 8 * RATE_BPS);
  return after(able, consider(able, { request: request('C', 5, [camera(['D'])]) }));
}

const asked = (context: Context, of: Request): Outcome => {
  const outcome = consider(context, { request: of });
  const waiting = after(context, outcome);
  if (!waiting.deferred.has(of.from)) return outcome;
  // It has waited for its patience.
  return answerDeferred(waiting, { client: of.from });
};
const agreementOf = (context: Context, client: PeerId) => context.relaying.agreements.get(client);
const routesFor = (context: Context, client: PeerId) =>
  relayedRoutes(context.relaying, context.view).filter((route) => route.client === client);
const codeOf = (outcome: Outcome): RejectCode[] =>
  publishedBy(outcome).flatMap(({ kind, body }) => (kind === 'relay.reject' ? [body.code] : []));

test("another's agreement id in a request is the sender's own agreement, and the other's stays", (t) => {
  const context = relaying();
  for (const from of ['E', 'D']) {
    const hostile = request(from, 9, [camera([from === 'E' ? 'D' : 'E'], { rateBps: 0 })], 'C.1.1');
    const outcome = asked(context, hostile);
    const taken = after(context, outcome);
    t.is(agreementOf(taken, 'C'), agreementOf(context, 'C'));
    t.deepEqual(routesFor(taken, 'C'), routesFor(context, 'C'));
    t.is(taken.relaying.ledger.promised.get('C'), RATE_BPS);
    t.like(agreementOf(taken, from), { client: from, id: 'C.1.1' });
    t.deepEqual(new Set(outcome.commands?.flatMap((of) => ('client' in of ? [of.client] : []))), new Set([from]));
  }
});

test("nor does it take the place of the other's request that waits", (t) => {
  const poor = lending(relaying(), 1.5 * RATE_BPS);
  const waiting = after(poor, consider(poor, { request: request('C', 6, [camera(['D', 'E'])]) }));
  t.true(waiting.deferred.has('C'));
  const taken = after(waiting, consider(waiting, { request: request('E', 99, [camera(['D'])], 'C.1.1') }));
  t.deepEqual([...taken.deferred.keys()], ['C', 'E']);
  t.is(taken.deferred.get('C'), waiting.deferred.get('C'));
});

test('only its client ends an agreement', (t) => {
  const context = relaying();
  const body = { agreement: 'C.1.1', reason: 'client.done', noticeMs: 0 } as const;
  const release = (from: PeerId) =>
    takeRelease(context, { message: { kind: 'relay.release', from, epoch: 1, seq: 9, body } });
  for (const from of ['D', 'E']) t.deepEqual(release(from).commands ?? [], []);
  t.is(release('C').commands?.length, 1);
});

test('what there is nothing to forward of is rejected, each kind with its word', (t) => {
  const context = relaying();
  const rejected = (...terms: Parameters<typeof request>[2]) => codeOf(asked(context, request('E', 1, terms)));
  t.deepEqual(rejected(camera(['D'], { stream: 'screen' })), ['stream.unknown']);
  t.deepEqual(rejected(camera(['nobody'])), ['request.invalid']);
  t.deepEqual(rejected(camera(['E'])), ['request.invalid'], 'to the client itself');
  t.deepEqual(rejected(camera(['R'])), ['request.invalid'], 'to the relay itself');
  t.deepEqual(rejected(camera(['D', 'D'])), ['request.invalid'], 'a receiver twice');
  t.deepEqual(codeOf(asked(lending(context, 0), request('E', 1, [camera(['D'])]))), ['lending.off']);
});

test('of what can be forwarded in part the rest is left out', (t) => {
  const context = relaying();
  const terms = [camera(['D', 'E', 'R', 'nobody']), camera(['D'], { stream: 'screen' })];
  const taken = after(context, asked(context, request('E', 1, terms)));
  t.deepEqual(agreementOf(taken, 'E')?.streams, [camera(['D'])]);
});

/** A client of R's, in the machine: what it publishes and hears when these messages come. */
function client() {
  const poor = sending('A', 1, 1);
  const room = viewOf(poor, sending('B', 1, 8), member('C', { lendBps: 0 }), member('D', { lendBps: 0 }));
  const harness = alone({ ...NEGOTIATION, input: { ...NEGOTIATION.input, view: room } });
  harness.send({ type: 'view.changed', view: viewOf(poor, sending('B', 1, 8), member('C', { lendBps: 0 })) });
  harness.send({ type: 'view.changed', view: room });
  harness.clock.runUntil(DELAYS.planSettle);
  const requests = harness.published.flatMap(({ to, message }) =>
    message.kind === 'relay.request' && to === 'B' ? [message.body] : [],
  );
  const [first] = requests;
  if (first === undefined) throw new Error('A needs B and has not asked');
  const { agreement, revision } = first;
  const streams = first.streams.map(({ stream, legs }) => ({ stream, legs }));
  return { ...harness, agreement, revision, offer: { agreement, revision, streams, spareBps: 0 } };
}

function message(kind: Kind, from: PeerId, body: object, epoch = 1): AnyEventObject {
  return { type: kind, message: { kind, from, epoch, seq: 1, body } as Incoming };
}

/** The camera's ways that forwarding was told last. */
function waysIn(told: readonly AnyEventObject[]): Paths {
  return told.findLast(({ type }) => type === 'routes.own')?.streams.get('camera') ?? NO_PATHS;
}
const vias = (told: readonly AnyEventObject[]) => [
  ...new Set([...waysIn(told).values()].flatMap((ways) => [...ways.keys()])),
];

test('an offer, a reject or a release of another than the relay changes nothing', (t) => {
  for (const isGranted of [false, true]) {
    const { send, told, published, offer, agreement, revision, clock } = client();
    if (isGranted) send(message('relay.offer', 'B', offer));
    t.is(vias(told).includes('B'), isGranted);
    const before = [told.length, published.length];
    send(message('relay.reject', 'C', { agreement, revision, code: 'lending.off', spareBps: 0 }));
    send(message('relay.release', 'C', { agreement, reason: 'relay.leaving', noticeMs: 0 }));
    send(message('relay.release', 'C', { agreement, reason: 'relay.leaving', noticeMs: 1000 }));
    clock.runUntil(clock.now() + DELAYS.planSettle);
    t.deepEqual([told.length, published.length], before);
    send(message('relay.offer', 'C', offer));
    t.is(vias(told).includes('B'), isGranted, 'the relay has not said so');
    t.false(vias(told).includes('C'));
    t.deepEqual(
      published.slice(before[1]).map(({ to, message: { kind } }) => `${kind} > ${to}`),
      ['relay.release > C'],
      'and nothing of it is left standing there',
    );
  }
});

test('what another start of the relay says changes nothing', (t) => {
  for (const epoch of [0, 2]) {
    const { send, told, published, offer, agreement, revision } = client();
    const before = [told.length, published.length];
    send(message('relay.offer', 'B', offer, epoch));
    send(message('relay.reject', 'B', { agreement, revision, code: 'lending.off', spareBps: 0 }, epoch));
    send(message('relay.release', 'B', { agreement, reason: 'relay.leaving', noticeMs: 0 }, epoch));
    t.deepEqual([told.length, published.length], before);
    send(message('relay.offer', 'B', offer));
    t.true(vias(told).includes('B'));
  }
});

test('nor does what another start of the client says, or of a receiver', (t) => {
  const [B, C] = [member('B'), member('C', { lendBps: 0 })];
  for (const epoch of [0, 2]) {
    const { send, told, published } = alone(NEGOTIATION);
    send({ type: 'view.changed', view: viewOf(member('A'), B, C) });
    const body = request('B', 1, [camera(['C'])]).body;
    send(message('relay.request', 'B', body, epoch));
    t.deepEqual(published, []);
    send(message('relay.request', 'B', body));
    t.like(published, { length: 1, 0: { message: { kind: 'relay.offer' } } });
    const relayed = () => told.findLast(({ type }) => type === 'routes.relayed')?.routes.length;
    t.is(relayed(), 1);
    send(message('relay.release', 'B', { agreement: body.agreement, reason: 'client.done', noticeMs: 0 }, epoch));
    send(message('relay.request', 'B', { ...body, revision: 9, agreement: 'B.0.1' }, epoch));
    t.like(published, { length: 1 });
    t.is(relayed(), 1);
  }
});

test('nor does what another start of a receiver misses, be it the first complaint or the second', (t) => {
  for (const other of [0, 2]) {
    for (const epochs of [
      [other, 1],
      [1, other],
      [other, other, other],
    ]) {
      const { send, told, offer } = client();
      send(message('relay.offer', 'B', offer));
      const complain = (epoch: number) => message('media.missing', 'C', { stream: 'camera', slices: 0xffff }, epoch);
      for (const epoch of epochs) send(complain(epoch));
      t.true(vias(told).includes('B'));
      for (const epoch of [1, 1]) send(complain(epoch));
      t.false(vias(told).includes('B'));
    }
  }
});

test('an offer is taken for what was asked for, and no more', (t) => {
  const context = freshNegotiation(viewOf(member('A'), member('B'), member('C'), member('D')));
  const known = { id: 'A.1.1', terms: [camera(['C'])], granted: [], revision: 0 };
  const asking = { ...context, asked: new Map([['B', known]]) };
  const of = (from: PeerId, agreement: string) => {
    const body = { agreement, revision: 1, streams: [], spareBps: 0 };
    return passToClient(asking, { message: { kind: 'relay.offer', from, epoch: 1, seq: 1, body } }).commands?.[0]?.do;
  };
  t.is(of('B', 'A.1.1'), 'tellClient');
  t.is(of('B', 'A.1.2'), 'publish');
  t.is(of('D', 'A.1.1'), 'publish');

  const { send, told, offer } = client();
  const streams = [
    ...offer.streams.map(({ stream }) => ({ stream, legs: [{ slices: 0xffff, receivers: ['B', 'C', 'D', 'X'] }] })),
    { stream: 'screen', legs: [{ slices: 0xffff, receivers: ['C'] }] },
  ];
  send(message('relay.offer', 'B', { ...offer, streams }));
  t.like(
    told.findLast(({ type }) => type === 'routes.own'),
    { streams: { size: 1 } },
  );
  t.deepEqual([...waysIn(told).keys()].sort(), ['B', 'C', 'D']);
});

test('what a relay says that it grants beyond that is not believed', (t) => {
  const { send, told } = alone(CLIENT_AGREEMENT);
  const legs = [{ slices: 0xffff, receivers: ['C', 'D', 'X'] }];
  const streams = [
    { stream: 'camera', legs },
    { stream: 'screen', legs },
  ];
  send({ type: 'relay.offer', body: { agreement: 'A.1.1', revision: 1, streams, spareBps: 0 } });
  t.deepEqual(told, [{ type: 'agreement.granted', relay: 'B', terms: [camera(['C'])], revision: 1 }]);
});

test('a plain RTP endpoint takes no part in agreements, whoever asks it', (t) => {
  const answersOf = (self: Member) => {
    const room = new Room({ delayMs: () => 0 });
    room.join(self);
    room.run(DELAYS.claimTimeout);
    room.send('A', { type: 'view.changed', view: viewOf(self, member('B'), member('C')) });
    room.send('A', { type: 'bus.message', message: request('B', 1, [camera(['C'])]) });
    room.run(DELAYS.requestTimeout);
    return room.published.filter(({ message }) => message.kind.startsWith('relay.')).length;
  };
  t.is(answersOf(member('A')), 1);
  t.is(answersOf(member('A', { compatible: false })), 0);
});
