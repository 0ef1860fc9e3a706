/** Presences that come together do what they do one after the other, and machines hear of it once. */
import test from 'ava';
import type { PeerId, RouteInfo } from '../../machines/messages.ts';
import type { Presence } from '../../machines/ports.ts';
import { alone } from './harness.ts';
import { capabilities } from './members.ts';
import { SIGNALING } from './terrains.ts';

const DIRECT: RouteInfo = { relay: null, slices: 0xffff, receivers: ['A'] };

function presence(from: PeerId, seq: number, routes: RouteInfo[] = [], uploadBps = 9e6): Presence {
  const upload = { uploadBps, usableBps: uploadBps, lendBps: uploadBps, leaving: false };
  return { kind: 'presence', from, epoch: 1, seq, body: { ...capabilities(from), ...upload, routes, promisedBps: 0 } };
}

/** A peer that has met B and C; what its parent hears from now on. */
function inRoom() {
  const harness = alone(SIGNALING);
  harness.send({ type: 'claim.free' });
  for (const peer of ['B', 'C']) harness.send({ type: 'message', message: presence(peer, 1) });
  harness.told.splice(0);
  return harness;
}

const lastView = ({ told }: ReturnType<typeof inRoom>) => told.findLast(({ view }) => view !== undefined)?.view;

test('many are one piece of news', (t) => {
  const presences = [presence('B', 2, [DIRECT]), presence('C', 2, [DIRECT]), presence('B', 3)];
  const [together, single] = [inRoom(), inRoom()];
  together.send({ type: 'reroutings', presences });
  for (const message of presences) single.send({ type: 'message', message });
  t.deepEqual(
    together.told.map(({ type }) => type),
    ['members.rerouted'],
  );
  t.deepEqual(lastView(together), lastView(single));
  t.deepEqual(lastView(together).members.get('C').routes, [DIRECT]);
});

test('old ones and those that say nothing new are none', (t) => {
  const room = inRoom();
  room.send({ type: 'reroutings', presences: [presence('B', 0, [DIRECT]), presence('C', 2)] });
  t.deepEqual(room.told, []);
});

test('what one can do is told as such, whoever let it wait', (t) => {
  const room = inRoom();
  room.send({ type: 'reroutings', presences: [presence('B', 2, [DIRECT]), presence('C', 2, [], 1e6)] });
  t.deepEqual(
    room.told.map(({ type }) => type),
    ['view.changed'],
  );
});

test('a stranger among them is met', (t) => {
  const room = inRoom();
  room.send({ type: 'reroutings', presences: [presence('D', 1, [DIRECT]), presence('B', 2, [DIRECT])] });
  t.true(lastView(room).members.has('D'));
  t.deepEqual(lastView(room).members.get('B').routes, [DIRECT]);
  t.true(room.published.some(({ to, message }) => to === 'D' && message.kind === 'invite'));
});
