/** What a client was granted stands while its profile lists it, or while the bus may be what failed and its media comes. */
import test from 'ava';
import type { AnyEventObject } from 'xstate';
import type { HeldAgreement, PeerId } from '../../../machines/messages.ts';
import {
  answerDeferred,
  consider,
  considerDeferred,
  judgeLease,
  noteMedia,
  noteUnheard,
  takeView,
} from '../../../machines/negotiation/lending.ts';
import type { Context, Outcome } from '../../../machines/negotiation/state.ts';
import { DELAYS, leaseMsOf } from '../../../machines/timers.ts';
import { type Member, withMember, withoutMember } from '../../../machines/view.ts';
import { after, camera, freshNegotiation, lending, publishedBy, request } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, RATE_BPS, sending, viewOf } from '../members.ts';
import { Room } from '../room.ts';
import { NEGOTIATION } from '../terrains.ts';

const LATENCY_MS = 20;
/** Plenty for a room of three to come to rest, in ms. */
const SETTLED_MS = 1000;
/** A profile on its way, gathered or not. */
const TOLD_MS = DELAYS.profileLater + DELAYS.profileGathering + LATENCY_MS;

/** A and C can send one copy each; B carries the rest. */
function relayedRoom(isLost: (kind: string, from: PeerId) => boolean = () => false): Room {
  const room = new Room({ delayMs: ({ kind }, from) => (isLost(kind, from) ? undefined : LATENCY_MS) });
  room.join(sending('A', 1, 1));
  room.join(sending('B', 2, 4));
  room.join(sending('C', 3, 1));
  room.run(SETTLED_MS);
  return room;
}

const clientsOf = (room: Room, relay: PeerId) => [...room.negotiationOf(relay).relaying.agreements.keys()].sort();
const listedBy = (room: Room, client: PeerId) => room.negotiationOf('B').relaying.agreements.get(client)?.listed;
const relayMessages = (room: Room) => room.published.filter(({ message }) => message.kind.startsWith('relay.'));

test('an agreement that its client lists stands without a word of it', (t) => {
  const room = relayedRoom();
  t.deepEqual([clientsOf(room, 'B'), room.unserved()], [['A', 'C'], []]);
  t.true(listedBy(room, 'A') && listedBy(room, 'C'));
  const before = relayMessages(room).length;
  room.run(10 * DELAYS.lease);
  t.is(relayMessages(room).length, before);
  t.deepEqual([clientsOf(room, 'B'), room.unserved()], [['A', 'C'], []]);
});

test('one that it does not list is over after a lease, and its client is told', (t) => {
  // A was granted it and got the offer, but nobody hears of A's profile again.
  let isLost = false;
  const room = new Room({
    delayMs: ({ kind }, from) => (isLost && from === 'A' && kind === 'profile' ? undefined : LATENCY_MS),
  });
  room.join(sending('B', 2, 4));
  room.join(sending('C', 3, 1));
  room.join(sending('A', 1, 1));
  room.run(3 * LATENCY_MS);
  isLost = true;
  room.run(TOLD_MS);
  t.true(clientsOf(room, 'B').includes('A'));
  t.false(listedBy(room, 'A'));
  const granted = room.published.find(({ to, message }) => to === 'A' && message.kind === 'relay.offer');
  t.not(granted, undefined);
  room.run(leaseMsOf(3));
  const reasons = room.published.flatMap(({ from, to, message }) =>
    from === 'B' && to === 'A' && message.kind === 'relay.release' ? [message.body.reason] : [],
  );
  t.deepEqual(reasons, ['lease.expired']);
});

test('a release that is lost frees what it held within a lease', (t) => {
  let isLost = false;
  const room = relayedRoom(() => isLost);
  t.deepEqual(room.unserved(), []);
  // With A gone, C needs no relay; its word to B is lost. Then A is back, and C asks B anew.
  room.crash('A');
  isLost = true;
  room.run(DELAYS.memberTimeout + DELAYS.mediaSilence);
  isLost = false;
  const first = room.negotiationOf('B').relaying.agreements.get('C')?.id;
  room.join(sending('A', 4, 1));
  room.run(DELAYS.lease + SETTLED_MS);
  t.not(room.negotiationOf('B').relaying.agreements.get('C')?.id, first);
  room.run(DELAYS.distrust);
  t.deepEqual(room.unserved(), []);
  t.deepEqual(clientsOf(room, 'B'), ['A', 'C']);
});

test('an offer that is lost is said again, and the agreement is the same', (t) => {
  let lost = 0;
  const room = new Room({
    delayMs: ({ kind }) => {
      if (kind !== 'relay.offer' || lost >= 2) return LATENCY_MS;
      lost += 1;
      return undefined;
    },
  });
  room.join(sending('A', 1, 1));
  room.join(sending('B', 2, 4));
  room.join(sending('C', 3, 1));
  room.run(2 * DELAYS.requestRetry + SETTLED_MS);
  t.is(lost, 2);
  t.deepEqual(room.unserved(), []);
  for (const client of ['A', 'C']) {
    const held = room.negotiationOf(client).asked.get('B');
    t.like(room.negotiationOf('B').relaying.agreements.get(client), { id: held?.id, revision: held?.revision });
    t.true(listedBy(room, client));
  }
});

test('what a client holds ends when it leaves, crashes or starts anew', (t) => {
  const left = relayedRoom();
  left.send('A', { type: 'peer.leave' });
  left.run(DELAYS.leaveDeadline + SETTLED_MS);
  t.like(
    left.published.find(({ message: { kind } }) => kind === 'relay.release'),
    {
      ...{ from: 'A', to: 'B', message: { body: { reason: 'client.left' } } },
    },
  );
  t.false(left.isIn('A'));
  t.false(clientsOf(left, 'B').includes('A'));

  const crashed = relayedRoom();
  crashed.crash('A');
  crashed.run(DELAYS.memberTimeout + DELAYS.mediaSilence + SETTLED_MS);
  t.false(clientsOf(crashed, 'B').includes('A'));
  t.false(crashed.viewOf('B').members.has('A'));

  const restarted = relayedRoom();
  const before = restarted.negotiationOf('B').relaying.agreements.get('A')?.id;
  restarted.crash('A');
  restarted.join(sending('A', 9, 1));
  restarted.run(2 * SETTLED_MS);
  t.not(before, undefined);
  t.not(restarted.negotiationOf('B').relaying.agreements.get('A')?.id, before);
  t.deepEqual(restarted.unserved(), []);
});

test('a relay that dies without a word is missed as a member too', (t) => {
  const room = relayedRoom();
  t.true(clientsOf(room, 'B').includes('A'));
  room.crash('B');
  room.run(DELAYS.memberTimeout + DELAYS.mediaSilence + SETTLED_MS);
  t.deepEqual([...room.viewOf('A').members.keys()].sort(), ['A', 'C']);
});

test('while the bus is away for all, what was agreed stands: media proves it', (t) => {
  const room = relayedRoom();
  for (const id of ['A', 'B', 'C']) room.connect(id, false);
  room.run(4 * DELAYS.lease);
  t.deepEqual([clientsOf(room, 'B'), room.unserved()], [['A', 'C'], []]);
  for (const id of ['A', 'B', 'C']) room.connect(id, true);
  room.run(DELAYS.lease + SETTLED_MS);
  t.deepEqual([clientsOf(room, 'B'), room.unserved()], [['A', 'C'], []]);
});

/** R relays for C, whose profile does not say so yet. */
function granted(): Context {
  const able = lending(freshNegotiation(viewOf(member('R'), member('C'), member('D'))), RATE_BPS);
  return after(able, consider(able, { request: request('C', 1, [camera(['D'])]) }));
}

const listing = (...agreements: HeldAgreement[]) => member('C', { agreements });
const HELD: HeldAgreement = { relay: 'R', agreement: 'C.1.1', revision: 1 };
const heard = (context: Context, told: Member): Outcome => takeView(context, { view: withMember(context.view, told) });
const toldRelay = ({ commands = [] }: Outcome) =>
  commands.flatMap((command) => (command.do === 'tellRelay' ? [command.event] : []));
const verdict = (context: Context) => toldRelay(judgeLease(context, { client: 'C' })).map(({ type }) => type);

test('only the agreement itself, at its revision, with this relay, in the profile of its client, counts as listed', (t) => {
  const context = granted();
  t.deepEqual(toldRelay(heard(context, listing(HELD))), [{ type: 'listed', is: true }]);
  for (const other of [{ relay: 'D' }, { agreement: 'C.1.2' }, { revision: 2 }]) {
    t.deepEqual(toldRelay(heard(context, listing({ ...HELD, ...other }))), []);
  }
  const liar = viewOf(member('R'), member('C'), member('D', { agreements: [HELD] }));
  t.deepEqual(toldRelay(takeView(context, { view: liar })), []);
  const listed = after(context, heard(context, listing(HELD)));
  t.deepEqual(toldRelay(heard(listed, listing())), [{ type: 'listed', is: false }]);
});

test('nor does another member end it by listing the like', (t) => {
  const context = granted();
  const listed = after(context, heard(context, listing(HELD)));
  const liar = viewOf(member('R'), listing(HELD), member('D', { agreements: [{ ...HELD, revision: 7 }] }));
  t.deepEqual(toldRelay(takeView(listed, { view: liar })), []);
  t.true(after(listed, takeView(listed, { view: liar })).relaying.agreements.get('C')?.listed);
});

test('other terms must be listed anew; more of the same are, where the first part was', (t) => {
  const context = granted();
  const listed = after(context, heard(context, listing(HELD)));
  const amended = after(listed, consider(listed, { request: request('C', 2, [camera(['D'], { slices: 0xff })]) }));
  t.false(amended.relaying.agreements.get('C')?.listed);

  const poor = lending(freshNegotiation(context.view), RATE_BPS / 2);
  const waiting = after(poor, consider(poor, { request: request('C', 1, [camera(['D'])]) }));
  const partly = after(waiting, answerDeferred(waiting, { client: 'C' }));
  const known = after(partly, heard(partly, listing(HELD)));
  t.true(known.relaying.agreements.get('C')?.listed);
  const richer = lending(known, RATE_BPS);
  const rest = considerDeferred(richer);
  t.is(publishedBy(rest).length, 1);
  t.true(after(richer, rest).relaying.agreements.get('C')?.listed);
  t.deepEqual(toldRelay(rest), [
    { type: 'granted', leaseMs: DELAYS.lease },
    { type: 'listed', is: true },
  ]);
  const early = lending(partly, RATE_BPS);
  t.false(after(early, considerDeferred(early)).relaying.agreements.get('C')?.listed, 'not even the first part was');
});

test('a client that is heard on the bus must list what it holds', (t) => {
  const context = after(granted(), noteMedia(granted(), { peer: 'C', alive: true }));
  t.deepEqual(verdict(context), ['end']);
});

test('one whose media comes, while the bus is away or has not brought anything of it for long, need not', (t) => {
  const silent = granted();
  const alive = after(silent, noteMedia(silent, { peer: 'C', alive: true }));
  const unheard = (context: Context) => after(context, noteUnheard(context, { peer: 'C' }));
  t.deepEqual(verdict(unheard(alive)), ['proven']);
  t.deepEqual(verdict({ ...alive, busAway: true }), ['proven']);
  t.deepEqual(verdict(unheard(silent)), ['end']);
  t.deepEqual(verdict({ ...silent, busAway: true }), ['end']);
  t.deepEqual(verdict(after(alive, noteUnheard(alive, { peer: 'D' }))), ['end'], 'it is another one that is unheard');
});

test('once the bus brings its profile, that is what counts', (t) => {
  const context = granted();
  const alive = after(context, noteMedia(context, { peer: 'C', alive: true }));
  const unheard = after(alive, noteUnheard(alive, { peer: 'C' }));
  t.deepEqual(verdict(after(unheard, heard(unheard, member('C', { profile: 2 })))), ['end']);
  t.deepEqual(verdict(after(unheard, heard(unheard, member('C')))), ['proven'], 'nothing came of it');
});

test('and once the bus itself is back', (t) => {
  const reasons = (...events: AnyEventObject[]) => {
    const { send, published, clock } = alone(NEGOTIATION);
    send({ type: 'view.changed', view: viewOf(member('A'), member('B'), member('C')) });
    for (const type of ['media.alive', 'member.unheard']) send({ type, peer: 'B' });
    send({ type: 'relay.request', message: request('B', 1, [camera(['C'])]) });
    for (const event of events) send(event);
    clock.runUntil(DELAYS.lease);
    return published.flatMap(({ message }) => (message.kind === 'relay.release' ? [message.body.reason] : []));
  };
  t.deepEqual(reasons(), []);
  t.deepEqual(reasons({ type: 'bus.disconnected' }, { type: 'bus.connected' }), ['lease.expired']);
});

test('the agreement of a client that is gone is gone at once', (t) => {
  const context = granted();
  const outcome = takeView(context, { view: withoutMember(context.view, 'C') });
  t.deepEqual(outcome.commands, [{ do: 'closeRelay', client: 'C' }]);
  const gone = after(context, outcome);
  t.is(gone.relaying.agreements.size, 0);
  t.is(gone.relaying.ledger.promised.size, 0);
});
