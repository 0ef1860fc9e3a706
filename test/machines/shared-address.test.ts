/** A member that says it is where another one is: nothing is forwarded from there in its name, and nothing is sent there for it. */
import test from 'ava';
import { decide } from '../../machines/negotiation/answering.ts';
import { NOT_RELAYING, type Relaying, relayedRoutes } from '../../machines/negotiation/relaying.ts';
import { isAtAnothersAddress, type Member, type View, withMember, withoutMember } from '../../machines/view.ts';
import { camera, request } from './fresh-negotiation.ts';
import { member, viewOf } from './members.ts';

const [relay, client, receiver, other] = [member('R'), member('C'), member('D'), member('E')];
const room = viewOf(relay, client, receiver, other);
/** A process that has just started, and is said to be where `owner` is. */
const startedAt = (liar: Member, owner: Member): Member => ({ ...liar, epoch: liar.epoch + 1, media: owner.media });
const ledger = { ...NOT_RELAYING.ledger, usableBps: relay.usableBps, lendBps: relay.lendBps };

function asked(view: View, ...receivers: string[]) {
  const { body } = request('C', 1, [camera(receivers)]);
  return decide({ ...NOT_RELAYING, ledger }, 'C', body, { view, leaving: false, patient: false });
}

function relaying(): Relaying {
  const decision = asked(room, 'D');
  if (decision.type !== 'granted') throw new Error(decision.type);
  return decision.relaying;
}

const upstreams = (view: View) => relayedRoutes(relaying(), view).map(({ upstream }) => upstream);
const destinations = (view: View) =>
  relayedRoutes(relaying(), view).flatMap(({ legs }) => legs.map(({ address }) => address));

test('a client is forwarded for from where it is, to where its receivers are, wherever they were when it asked', (t) => {
  const media = { host: '192.0.2.9', port: 9 };
  t.deepEqual(upstreams(room), [client.media]);
  t.deepEqual(upstreams(withMember(room, { ...client, media })), [media]);
  t.deepEqual(destinations(room), [receiver.media]);
  t.deepEqual(destinations(withMember(room, { ...receiver, media })), [media]);
});

test('not while it says that it is where another member was before it: that one may be its relay', (t) => {
  const lying = withMember(room, startedAt(client, other));
  t.deepEqual(upstreams(lying), []);
  t.is(upstreams(withMember(lying, client)).length, 1);
});

test('nor to a receiver that says so after it was granted', (t) => {
  t.deepEqual(destinations(withMember(room, startedAt(receiver, other))), []);
});

test('the one that is lied about keeps its address, whichever joined first', (t) => {
  for (const [liar, owner] of [
    [client, other],
    [other, client],
  ] as const) {
    const lying = startedAt(liar, owner);
    const view = withMember(room, lying);
    t.true(isAtAnothersAddress(view, lying));
    t.false(isAtAnothersAddress(view, owner));
  }
  t.false(isAtAnothersAddress(withMember(room, startedAt(other, relay)), relay));
});

test('no leg is granted to a receiver that says it is where another member is', (t) => {
  t.is(asked(withMember(room, startedAt(receiver, other)), 'D').type, 'rejected');
});

test('who is known to be elsewhere stays there, also once the one at that address is missed on the bus', (t) => {
  const lying = withMember(room, { ...client, media: other.media });
  for (const view of [lying, withoutMember(lying, other.id)]) t.deepEqual(upstreams(view), [client.media]);
});

test('who moves to an address that is free by then is believed', (t) => {
  const moved = { ...client, media: other.media };
  const view = withMember(withoutMember(room, other.id), moved);
  t.deepEqual(view.members.get(client.id)?.media, other.media);
});
