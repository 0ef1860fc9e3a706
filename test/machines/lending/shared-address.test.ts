/** A plain endpoint that says it is where another member is: nothing is sent there for it. Where a peer is, its pair proves. */

import test from 'ava';
import { isAtAnothersAddress } from '../../../machines/claimed-addresses.ts';
import { decide } from '../../../machines/negotiation/answering.ts';
import { NOT_RELAYING, type Relaying, relayedRoutes } from '../../../machines/negotiation/relaying.ts';
import { type Member, type View, withMember, withoutMember } from '../../../machines/view.ts';
import { camera, request } from '../fresh-negotiation.ts';
import { member, viewOf } from '../members.ts';

const [relay, client, other] = [member('R'), member('C'), member('E')];
const receiver = member('D', { compatible: false });
const room = viewOf(relay, client, receiver, other);
/** A process that has just started, and is said to be where `owner` is. */
const startedAt = (liar: Member, owner: Member): Member => ({ ...liar, epoch: liar.epoch + 1, media: owner.media });
const ledger = { ...NOT_RELAYING.ledger, usableBps: relay.usableBps, lendBps: relay.lendBps };

function asked(view: View, ...receivers: string[]) {
  const { body } = request('C', 1, [camera(receivers)]);
  return decide({ ...NOT_RELAYING, ledger }, 'C', body, { view, reached: new Set(), leaving: false, patient: false });
}

function relaying(): Relaying {
  const decision = asked(room, 'D');
  if (decision.type !== 'granted') throw new Error(decision.type);
  return decision.relaying;
}

const receivers = (view: View) =>
  relayedRoutes(relaying(), view).flatMap(({ legs }) => legs.map((leg) => leg.receiver));

test('it gets nothing that was granted for it before it said so', (t) => {
  t.deepEqual(receivers(room), ['D']);
  t.deepEqual(receivers(withMember(room, startedAt(receiver, other))), []);
});

test('no leg is granted to a receiver that says it is where another member is', (t) => {
  t.is(asked(withMember(room, startedAt(receiver, other)), 'D').type, 'rejected');
});

test('the one that is lied about keeps its address, whichever joined first', (t) => {
  for (const owner of [other, relay, client]) {
    const lying = startedAt(receiver, owner);
    const view = withMember(room, lying);
    t.true(isAtAnothersAddress(view, lying));
    t.false(isAtAnothersAddress(view, owner));
  }
});

test('of a peer it is no matter what it says: only where it has proved to be it gets anything', (t) => {
  const lying = startedAt(client, other);
  t.false(isAtAnothersAddress(withMember(room, lying), lying));
});

test('who is known to be elsewhere stays there, also once the one at that address is missed on the bus', (t) => {
  const lying = withMember(room, { ...receiver, media: other.media });
  for (const view of [lying, withoutMember(lying, other.id)]) {
    t.deepEqual(view.members.get(receiver.id)?.media, receiver.media);
  }
});

test('who moves to an address that is free by then is believed', (t) => {
  const moved = { ...receiver, media: other.media };
  const view = withMember(withoutMember(room, other.id), moved);
  t.deepEqual(view.members.get(receiver.id)?.media, other.media);
});

test('a relay grants no leg to whom it has no way, whichever of the two says so, and says why where none is left', (t) => {
  const [selfCut, receiverCut, clientCut] = [
    withMember(room, { ...relay, cut: ['D'] }),
    withMember(room, { ...receiver, cut: ['R'] }),
    withMember(room, { ...client, cut: ['R'] }),
  ];
  for (const view of [selfCut, receiverCut, clientCut]) {
    t.like(asked(view, 'D'), { type: 'rejected', reply: { body: { code: 'receiver.unreachable' } } });
  }
  for (const view of [selfCut, receiverCut]) {
    const decision = asked(view, 'D', 'E');
    t.is(decision.type, 'granted');
    if (decision.type !== 'granted') return;
    t.deepEqual(
      relayedRoutes(decision.relaying, view)[0]?.legs.map((leg) => leg.receiver),
      ['E'],
    );
  }
});
