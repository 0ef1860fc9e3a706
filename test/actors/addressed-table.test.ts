/** What of the machines' table has somewhere to go: only what leads to where a member has proved to be. */
import test from 'ava';
import { addressedTable } from '../../actors/media/addressed-table.ts';
import { MemberPlaces } from '../../actors/media/member-places.ts';
import type { Endpoint, PlainPolicy } from '../../machines/messages.ts';
import type { Ways } from '../../machines/pairs/contract.ts';
import type { TransportMember, TransportTable } from '../../machines/ports.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { memberAt } from './transport-members.ts';

const at = (port: number) => ({ host: '192.0.2.1', port });
const NOWHERE: Ways = { send: null, accept: [] };
const hop = (peer: string) => ({ peer, slices: ALL_SLICES });
const relayed = (client: string, ...receivers: readonly string[]) => ({
  ...{ client, stream: 'camera', ssrc: 7, media: 'video' as const, promisedBps: 1, limitBps: 1 },
  legs: receivers.map((receiver) => ({ receiver, slices: ALL_SLICES })),
});

/** A sends to B and C itself, and relays for both. */
const TABLE: TransportTable = {
  own: [
    {
      stream: 'camera',
      ssrc: 1,
      media: 'video',
      codec: 'VP8/90000',
      rateBps: 0,
      holders: [],
      hops: [hop('B'), hop('C'), hop('gone')],
    },
  ],
  relayed: [relayed('B', 'C', 'D', 'gone'), relayed('C', 'D')],
  relays: [
    { relay: 'B', ssrcs: [1] },
    { relay: 'C', ssrcs: [1] },
  ],
  members: [memberAt('B', at(2)), memberAt('C', at(3)), memberAt('D', at(4))],
  ...{ plain: 'local' as const, resendLimitBps: 0, paceBps: 0 },
};

function addressed(ways: Readonly<Record<string, Ways>>) {
  return addressedTable(TABLE, (peer) => ways[peer] ?? NOWHERE);
}

test('packets go where their receiver has proved to be, and to nobody else', (t) => {
  const { own, relayed: routes } = addressed({
    B: { send: at(20), accept: [at(20), at(21)] },
    D: { send: at(40), accept: [] },
  });
  t.deepEqual(own[0]?.hops, [{ ...hop('B'), to: at(20) }]);
  t.deepEqual(
    routes.map(({ client, upstream, from, legs }) => ({ client, upstream, from, legs })),
    [{ client: 'B', upstream: at(20), from: [at(20), at(21)], legs: [{ ...hop('D'), address: at(40) }] }].map(
      ({ legs, ...rest }) => ({ ...rest, legs: legs.map(({ peer: receiver, ...leg }) => ({ receiver, ...leg })) }),
    ),
  );
});

test('a relay without a way is not waited for', (t) => {
  t.deepEqual(addressed({ C: { send: at(30), accept: [] } }).relays, [{ relay: 'C', ssrcs: [1] }]);
});

test('who may send but cannot be sent to yet is known by where its checks came from; of two the first has the address', (t) => {
  const { members } = addressed({
    B: { send: null, accept: [at(20)] },
    C: { send: at(30), accept: [at(30), at(20)] },
  });
  t.deepEqual(
    members.map(({ address, from }) => [address, from.length]),
    [
      [null, 1],
      [at(30), 2],
      [null, 0],
    ],
  );
  const places = new MemberPlaces(members);
  t.deepEqual([places.at(at(20)), places.at(at(30))], ['B', 'C']);
});

test('members behind one TURN server are told apart by their channels', (t) => {
  const server = at(3478);
  const members = ['B', 'C'].map((peer, index) => ({ peer, from: [{ ...server, channel: 0x4000 + index }] }));
  const places = new MemberPlaces(members);
  t.deepEqual(
    members.map(({ from }) => from.map((place) => places.at(place))),
    [['B'], ['C']],
  );
  t.is(places.at(server), undefined, 'the server itself is nobody');
});

test('a plain endpoint that is reached outside of private networks gets nothing of those who allow no more than these', (t) => {
  const inside = { host: '192.168.1.9', port: 40 };
  const plain = { ...memberAt('D', inside, [], false), plain: 'allow' as const };
  const [b, c] = [memberAt('B', at(2)), memberAt('C', at(3))];
  const table = {
    ...TABLE,
    own: [{ ...ownCamera(), hops: [hop('B'), hop('D')] }],
    relayed: [relayed('B', 'C', 'D'), relayed('C', 'D')],
  };
  const served = (members: readonly TransportMember[], policy: PlainPolicy, place: Endpoint) => {
    const ways: Record<string, Ways> = {
      B: { send: at(20), accept: [] },
      C: { send: at(30), accept: [] },
      D: { send: place, accept: [] },
    };
    const { own, relayed: routes } = addressedTable(
      { ...table, plain: policy, members },
      (peer) => ways[peer] ?? NOWHERE,
    );
    return [
      ...(own[0]?.hops ?? []).map(({ peer }) => peer),
      ...routes.map(({ client, legs }) => [client, ...legs.map(({ receiver }) => receiver)].join('>')),
    ];
  };
  const some = [b, { ...c, plain: 'refuse' as const }, plain];
  t.deepEqual(served(some, 'local', inside), ['B', 'D', 'B>C>D', 'C']);
  t.deepEqual(served(some, 'local', at(40)), ['B', 'B>C', 'C']);
  t.deepEqual(served(some, 'allow', at(40)), ['B', 'D', 'B>C', 'C']);
  t.deepEqual(served([{ ...b, plain: 'allow' }, c, plain], 'refuse', at(40)), ['B', 'B>C>D', 'C']);
});

function ownCamera() {
  const [own] = TABLE.own;
  if (own === undefined) throw new Error('the table has none');
  return own;
}
