/** The bus actor on a real server: what passes, what is dropped, and who gets an id. */
import test from 'ava';
import { createActor, setup } from 'xstate';
import { Bus, type BusOptions } from '../../actors/bus/bus.ts';
import { KnownMembers } from '../../actors/identity/known-members.ts';
import { connectNats, type NatsBus } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { encodeMessage, MAX_MESSAGE_BYTES, type Outgoing } from '../../machines/messages.ts';
import type { PeerEvent } from '../../machines/peer.ts';

const BYE: Outgoing = { kind: 'bye', body: { reason: 'left' } };
const text = new TextEncoder();

/** A bus actor with a parent that keeps what it is told. */
async function openBus(nats: NatsBus, options: Partial<BusOptions> = {}) {
  const faults: string[] = [];
  const events: PeerEvent[] = [];
  const waiting: (() => void)[] = [];
  const bus = new Bus({
    nats,
    room: 'r',
    id: 'A',
    epoch: 5,
    compatible: true,
    keys: { identity: null, room: null, known: new KnownMembers({ path: null, onFailed: () => undefined }) },
    view: () => undefined,
    onFault: ({ fault }) => faults.push(fault),
    ...options,
  });
  const parent = setup({ types: { events: {} as PeerEvent }, actors: { bus: bus.logic } }).createMachine({
    invoke: { src: 'bus', systemId: 'bus' },
    on: {
      '*': {
        actions: ({ event }) => {
          events.push(event);
          for (const wake of waiting.splice(0)) wake();
        },
      },
    },
  });
  const actor = createActor(parent).start();
  await nats.flush();
  const next = async (type: PeerEvent['type']) => {
    while (!events.some((event) => event.type === type)) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { bus, actor, faults, events, next, send: actor.system.get('bus') };
}

test('a message passes; hostile payloads are counted and dropped, and what follows them still passes', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const { bus, events, next, faults } = await openBus(a);
  const good = encodeMessage(BYE, 1, 1);
  const huge = JSON.stringify({ epoch: 1, seq: 1, reason: 'left', padding: 'x'.repeat(MAX_MESSAGE_BYTES) });
  for (const payload of [
    '',
    '{',
    'null',
    '[]',
    '{"epoch":-1,"seq":1,"reason":"left"}',
    '{"epoch":1,"seq":1,"reason":7}',
    huge,
  ]) {
    b.publish('rpr.v2.r.B.A.bye', text.encode(payload));
  }
  b.publish('rpr.v2.r.B.all.bye', text.encode(good));
  await next('bus.message');
  t.deepEqual(
    events.map(({ type }) => type),
    ['bus.message'],
  );
  t.deepEqual(faults.sort(), ['invalid', 'not-json', 'oversized'], 'told once of each sender and reason');
  t.deepEqual(bus.counters().dropped, { 'not-json': 2, invalid: 4, oversized: 1 });
});

test('what is said in another room, to another peer, or under our own name is not heard', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const { events, next, bus } = await openBus(a);
  const bye = text.encode(encodeMessage(BYE, 1, 1));
  for (const subject of [
    'rpr.v2.other.B.A.bye',
    'rpr.v2.r.B.C.bye',
    'rpr.v2.r.A.all.bye',
    'rpr.v2.r.B.A.nonsense',
    'rpr.v1.r.B.A.bye',
  ]) {
    b.publish(subject, bye);
  }
  b.publish('rpr.v2.r.not an id.A.bye'.replaceAll(' ', '~'), bye);
  b.publish('rpr.v2.r.C.A.bye', bye);
  await next('bus.message');
  t.like(events, { length: 1, 0: { type: 'bus.message', message: { from: 'C' } } });
  t.deepEqual(bus.counters().dropped, { 'bad-subject': 1 });
});

test('a plain RTP endpoint does not even hear what is of RPR alone', async (t) => {
  await using server = await startNatsServer();
  await using d = await connectNats({ url: server.url, id: 'D' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const { events, next, bus } = await openBus(d, { id: 'D', compatible: false });
  b.publish('rpr.v2.r.B.all.beat', text.encode('{}'));
  b.publish('rpr.v2.r.B.all.profile', text.encode('{}'));
  b.publish('rpr.v2.r.B.D.relay.request', text.encode('{}'));
  b.publish('rpr.v2.r.B.D.bye', text.encode(encodeMessage(BYE, 1, 1)));
  await next('bus.message');
  t.is(events.length, 1);
  t.deepEqual(bus.counters(), { sent: {}, received: { bye: 1 }, dropped: {} });
});

test('an id is free at once where nobody has it, taken where somebody joined, and of two at once one gets it', async (t) => {
  await using server = await startNatsServer();
  await using first = await connectNats({ url: server.url, id: 'A' });
  await using second = await connectNats({ url: server.url, id: 'A' });
  const older = await openBus(first, { epoch: 7 });
  const younger = await openBus(second, { epoch: 8 });
  older.send.send({ type: 'bus.claim' });
  younger.send.send({ type: 'bus.claim' });
  await younger.next('claim.taken');
  await older.next('claim.free');
  await using third = await connectNats({ url: server.url, id: 'A' });
  // Even one that claims to be older: who has joined stays undisturbed.
  const late = await openBus(third, { epoch: 1 });
  late.send.send({ type: 'bus.claim' });
  await late.next('claim.taken');
  t.deepEqual(
    older.events.map(({ type }) => type),
    ['claim.free'],
  );
});

test('who claims early joins without asking again, keeps the id while it waits, and asks again where it was taken then', async (t) => {
  await using server = await startNatsServer();
  await using first = await connectNats({ url: server.url, id: 'A' });
  await using second = await connectNats({ url: server.url, id: 'A' });
  let asked = 0;
  const counting: NatsBus = {
    ...first,
    request: (...args) => {
      asked += 1;
      return first.request(...args);
    },
  };
  const waiting = await openBus(counting, { epoch: 7 });
  waiting.bus.claimEarly();
  await first.flush();
  // It is older, but comes second.
  const late = await openBus(second, { epoch: 1 });
  late.bus.claimEarly();
  late.send.send({ type: 'bus.claim' });
  await late.next('claim.taken');
  waiting.send.send({ type: 'bus.claim' });
  await waiting.next('claim.free');
  t.is(asked, 1, 'the answer was there');
  // The first goes: the id is free again.
  waiting.actor.stop();
  await first.flush();
  late.send.send({ type: 'bus.claim' });
  await late.next('claim.free');
});

test('what was claimed before the bus was away is claimed anew', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  const waiting = await openBus(a);
  waiting.bus.claimEarly();
  await a.flush();
  await server.stop();
  await waiting.next('bus.disconnected');
  await server.start();
  await waiting.next('bus.connected');
  await using b = await connectNats({ url: server.url, id: 'A' });
  const other = await openBus(b, { epoch: 1 });
  other.send.send({ type: 'bus.claim' });
  await Promise.race([other.next('claim.free'), other.next('claim.taken')]);
  waiting.send.send({ type: 'bus.claim' });
  await Promise.race([waiting.next('claim.free'), waiting.next('claim.taken')]);
  const answers = [...other.events, ...waiting.events].map(({ type }) => type);
  t.is(answers.filter((type) => type === 'claim.free').length, 1, 'one of them has it');
});

test('the machines hear when the server goes and when it is back', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  const { next, events } = await openBus(a);
  await server.stop();
  await next('bus.disconnected');
  await server.start();
  await next('bus.connected');
  t.deepEqual(
    events.map(({ type }) => type),
    ['bus.disconnected', 'bus.connected'],
  );
});

test('beats that say nothing new wake no machine, and are counted as received', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const members = new Map([['B', { epoch: 1, profile: 3 }]]);
  const { events, next, bus } = await openBus(a, { view: () => ({ members }) });
  for (const [seq, profile] of [3, 3, 4].entries()) {
    b.publish('rpr.v2.r.B.all.beat', text.encode(encodeMessage({ kind: 'beat', body: { profile } }, 1, seq)));
  }
  await next('bus.message');
  t.like(events, { length: 1, 0: { message: { kind: 'beat', body: { profile: 4 } } } });
  t.deepEqual(bus.counters().received, { beat: 3 });
});

test('a member that falls silent is unheard', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const members = new Map([['B', { epoch: 1, profile: 3 }]]);
  const { events, next } = await openBus(a, { view: () => ({ members }) });
  b.publish('rpr.v2.r.B.all.beat', text.encode(encodeMessage({ kind: 'beat', body: { profile: 3 } }, 1, 1)));
  await next('member.unheard');
  t.deepEqual(events, [{ type: 'member.unheard', peer: 'B' }]);
});

test('of two processes of one id the older is replaced, and the younger sees to it that it hears', async (t) => {
  await using server = await startNatsServer();
  await using first = await connectNats({ url: server.url, id: 'A' });
  await using second = await connectNats({ url: server.url, id: 'A' });
  const older = await openBus(first, { epoch: 7 });
  const younger = await openBus(second, { epoch: 8 });
  const beat: Outgoing = { kind: 'beat', body: { profile: 1 } };
  younger.send.send({ type: 'bus.publish', to: 'B', message: beat });
  older.send.send({ type: 'bus.publish', to: 'all', message: beat });
  await older.next('bus.replaced');
  await second.flush();
  t.deepEqual(younger.events, []);
  t.deepEqual(younger.bus.counters().sent, { beat: 2 });
});

test('one that floods is cut short, counted, and told of once', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  await using c = await connectNats({ url: server.url, id: 'C' });
  const { events, faults, bus } = await openBus(a);
  const missing: Outgoing = { kind: 'media.missing', body: { stream: 's', slices: 1 } };
  for (let seq = 0; seq < 1000; seq++)
    b.publish('rpr.v2.r.B.A.media.missing', text.encode(encodeMessage(missing, 1, seq)));
  await b.flush();
  c.publish('rpr.v2.r.C.A.bye', text.encode(encodeMessage(BYE, 1, 1)));
  await c.flush();
  await a.flush();
  t.deepEqual(faults, ['flood']);
  t.true((bus.counters().dropped.flood ?? 0) > 800);
  t.like(events.at(-1), { message: { from: 'C' } });
});

test('a message that the server would not take is not sent, and told of', async (t) => {
  await using server = await startNatsServer({ config: 'max_payload: 1000' });
  await using a = await connectNats({ url: server.url, id: 'A' });
  const { faults, bus, send } = await openBus(a);
  const legs = Array.from({ length: 100 }, (_, index) => ({ slices: 1, receivers: [`peer-${index}`] }));
  const streams = [{ stream: 'camera', rateBps: 1, legs }];
  send.send({
    type: 'bus.publish',
    to: 'B',
    message: { kind: 'relay.request', body: { agreement: 'a', revision: 1, streams } },
  });
  t.deepEqual(faults, ['unsendable']);
  t.deepEqual(bus.counters(), { sent: {}, received: {}, dropped: { unsendable: 1 } });
});

const REQUEST: Outgoing = {
  kind: 'relay.request',
  body: {
    agreement: 'a',
    revision: 1,
    streams: [{ stream: 'camera', rateBps: 1, legs: [{ slices: 1, receivers: ['C'] }] }],
  },
};
const OFFER: Outgoing = { kind: 'relay.offer', body: { agreement: 'a', revision: 1, streams: [], spareBps: 0 } };

test('what is urgent is handed on for the media path, too, and so is the answer to what came by it', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  const hastened: string[] = [];
  const hasten = (to: string, kind: string, said: string) => hastened.push(`${kind} to ${to}: ${said}`);
  const { bus, events, send, faults } = await openBus(a, { hasten });
  send.send({ type: 'bus.publish', to: 'B', message: REQUEST });
  send.send({ type: 'bus.publish', to: 'B', message: OFFER });
  t.deepEqual(hastened, []);
  send.send({ type: 'bus.publish', to: 'B', message: REQUEST, urgent: true });
  t.deepEqual(hastened, [`relay.request to B: ${encodeMessage(REQUEST, 5, 3)}`]);
  bus.takeHurried('relay.request', 'B', `${encodeMessage(REQUEST, 1, 1)}  `);
  t.like(events.at(-1), { type: 'bus.message', message: { kind: 'relay.request', from: 'B' } });
  send.send({ type: 'bus.publish', to: 'B', message: OFFER });
  send.send({ type: 'bus.publish', to: 'C', message: OFFER });
  t.deepEqual(hastened.slice(1), [`relay.offer to B: ${encodeMessage(OFFER, 5, 4)}`]);
  t.deepEqual(faults, []);
});

test('nothing else is taken from the media path, and what is, as strictly as from the bus', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  const { bus, events, faults } = await openBus(a);
  const before = events.length;
  bus.takeHurried('bye', 'B', encodeMessage(BYE, 1, 1));
  bus.takeHurried('no.kind', 'B', '{}');
  t.deepEqual(faults, []);
  bus.takeHurried('relay.offer', 'B', '{');
  bus.takeHurried('relay.offer', 'B', '{"epoch":1,"seq":1}');
  t.is(events.length, before);
  t.is(faults.length, 2, 'no JSON, and not what its schema takes');
});
