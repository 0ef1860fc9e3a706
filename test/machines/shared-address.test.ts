/** A member that says it is where another one is: nothing is forwarded from there in its name, and nothing is sent there for it. */
import test from 'ava';
import { decide } from '../../machines/negotiation/answering.ts';
import { NOT_RELAYING, relayedRoutes } from '../../machines/negotiation/relaying.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { isAtAnothersAddress, type Member, withMember, withoutMember } from '../../machines/view.ts';
import { member, RATE_BPS, source, viewOf } from './members.ts';

const [relay, client, receiver, other] = [member('R'), member('C'), member('D'), member('E')];
const room = viewOf(relay, client, receiver, other);
/** A process that has just started, and is said to be where `owner` is. */
const startedAt = (liar: Member, owner: Member): Member => ({ ...liar, epoch: liar.epoch + 1, media: owner.media });
const ledger = { ...NOT_RELAYING.ledger, usableBps: relay.usableBps, lendBps: relay.lendBps };
const legTo = ({ id, media }: typeof receiver) => ({ receiver: id, slices: ALL_SLICES, address: media });
const request = (...legs: readonly (typeof receiver)[]) =>
  decide(
    { ...NOT_RELAYING, ledger },
    'C',
    { agreement: 'C.1.1', revision: 1, ssrc: source('C').ssrc, rateBps: RATE_BPS, legs: legs.map(legTo) },
    { view: room, leaving: false, patient: false },
  );

test('a client is forwarded for from where it is, wherever it was when it asked', (t) => {
  const decision = request(receiver);
  if (decision.type !== 'offered') return t.fail(decision.type);
  const moved = { ...client, media: { host: '192.0.2.9', port: 9 } };
  const upstreams = (view: typeof room) => relayedRoutes(decision.relaying, view).map(({ upstream }) => upstream);
  t.deepEqual(upstreams(room), [client.media]);
  t.deepEqual(upstreams(withMember(room, moved)), [moved.media]);
});

test('not while it says that it is where another member was before it: that one may be its relay', (t) => {
  const decision = request(receiver);
  if (decision.type !== 'offered') return t.fail(decision.type);
  const lying = withMember(room, startedAt(client, other));
  t.deepEqual(relayedRoutes(decision.relaying, lying), []);
  t.is(relayedRoutes(decision.relaying, withMember(lying, client)).length, 1);
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

test('no leg goes to a receiver that says it is where another member is', (t) => {
  const view = withMember(room, startedAt(receiver, other));
  const decision = decide(
    { ...NOT_RELAYING, ledger },
    'C',
    {
      ...{ agreement: 'C.1.1', revision: 1, ssrc: source('C').ssrc, rateBps: RATE_BPS },
      legs: [legTo({ ...receiver, media: other.media })],
    },
    { view, leaving: false, patient: false },
  );
  t.is(decision.type, 'rejected');
});

test('who is known to be elsewhere stays there, also once the one at that address is missed on the bus', (t) => {
  const decision = request(receiver);
  if (decision.type !== 'offered') return t.fail(decision.type);
  const lying = withMember(room, { ...client, media: other.media });
  for (const view of [lying, withoutMember(lying, other.id)]) {
    const upstreams = relayedRoutes(decision.relaying, view).map(({ upstream }) => upstream);
    t.deepEqual(upstreams, [client.media]);
  }
});

test('who moves to an address that is free by then is believed', (t) => {
  const moved = { ...client, media: other.media };
  const view = withMember(withoutMember(room, other.id), moved);
  t.deepEqual(view.members.get(client.id)?.media, other.media);
});
