/** The bus actor on a real server: what passes, what is dropped, and who gets an id. */
import test from 'ava';
import { createActor, setup } from 'xstate';
import { Bus, type BusOptions } from '../../actors/bus.ts';
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
    b.publish('rpr.v1.r.B.A.bye', text.encode(payload));
  }
  b.publish('rpr.v1.r.B.all.bye', text.encode(good));
  await next('bus.message');
  t.deepEqual(
    events.map(({ type }) => type),
    ['bus.message'],
  );
  t.deepEqual(faults.sort(), ['invalid', 'invalid', 'invalid', 'invalid', 'not-json', 'not-json', 'oversized']);
  t.deepEqual(bus.counters().dropped, { 'not-json': 2, invalid: 4, oversized: 1 });
});

test('what is said in another room, to another peer, or under our own name is not heard', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const { events, next, bus } = await openBus(a);
  const bye = text.encode(encodeMessage(BYE, 1, 1));
  for (const subject of [
    'rpr.v1.other.B.A.bye',
    'rpr.v1.r.B.C.bye',
    'rpr.v1.r.A.all.bye',
    'rpr.v1.r.B.A.nonsense',
    'rpr.v2.r.B.A.bye',
  ]) {
    b.publish(subject, bye);
  }
  b.publish('rpr.v1.r.not an id.A.bye'.replaceAll(' ', '~'), bye);
  b.publish('rpr.v1.r.C.A.bye', bye);
  await next('bus.message');
  t.like(events, { length: 1, 0: { type: 'bus.message', message: { from: 'C' } } });
  t.deepEqual(bus.counters().dropped, { 'bad-subject': 1 });
});

test('a plain RTP endpoint does not even hear what is of RPR alone', async (t) => {
  await using server = await startNatsServer();
  await using d = await connectNats({ url: server.url, id: 'D' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const { events, next, bus } = await openBus(d, { id: 'D', compatible: false });
  b.publish('rpr.v1.r.B.all.presence', text.encode('{}'));
  b.publish('rpr.v1.r.B.D.relay.accept', text.encode('{"epoch":1,"seq":1,"agreement":"x","revision":1}'));
  b.publish('rpr.v1.r.B.D.bye', text.encode(encodeMessage(BYE, 1, 1)));
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

test('presences that can wait are passed on together, and before whatever comes after them', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const { events } = await openBus(a);
  const capabilities = { software: 'rpr', version: '1', compatible: true, media: { host: '192.0.2.1', port: 9 } };
  const upload = { uploadBps: 1, usableBps: 1, lendBps: 1, leaving: false };
  for (const promisedBps of [1, 2, 3]) {
    const body = { ...capabilities, source: null, ...upload, routes: [], promisedBps };
    b.publish('rpr.v1.r.B.all.presence', text.encode(encodeMessage({ kind: 'presence', body }, 1, promisedBps)));
  }
  b.publish('rpr.v1.r.B.all.bye', text.encode(encodeMessage(BYE, 1, 4)));
  await b.flush();
  await a.flush();
  t.deepEqual(
    events.flatMap((event) => {
      if (event.type === 'bus.reroutings') return event.presences.map(({ seq }) => `waited ${seq}`);
      return event.type === 'bus.message' ? `passed ${event.message.seq}` : [];
    }),
    ['passed 1', 'waited 2', 'waited 3', 'passed 4'],
  );
});
