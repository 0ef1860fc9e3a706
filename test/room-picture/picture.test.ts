import test from 'ava';
import { pictureOf } from '../../actors/room-picture/picture.ts';
import type { PeerId, RouteInfo, StreamInfo } from '../../machines/messages.ts';
import { type Member, NO_PROFILE } from '../../machines/view.ts';

const camera: StreamInfo = {
  ...{ name: 'camera', ssrc: 1, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 0, maxBps: 1.6e6, rateBps: 1.6e6, group: null, layer: 0 },
};

function room(...members: readonly (Partial<Member> & { readonly id: PeerId })[]): ReadonlyMap<PeerId, Member> {
  return new Map(
    members.map((member) => [
      member.id,
      {
        ...NO_PROFILE,
        ...{ epoch: 1, software: 'rpr', version: '1', compatible: true, name: '', key: null, outside: null },
        media: { host: '127.0.0.1', port: 5000 },
        streams: [camera],
        uploadBps: 10e6,
        ...member,
      },
    ]),
  );
}

const route = (relay: PeerId | null, receivers: readonly PeerId[], slices = 0xffff): RouteInfo => ({
  ...{ stream: 'camera', relay, slices, receivers },
});
const arrowsOf = (members: ReadonlyMap<PeerId, Member>) =>
  pictureOf(members).arrows.map(({ from, to, source, kind, bps }) => `${source}: ${from}>${to} ${kind} ${bps}`);

test('a relay gets one copy, whoever else gets it through the relay', (t) => {
  const members = room(
    { id: 'A', routes: [route(null, ['B']), route('B', ['C', 'D'])] },
    { id: 'B', promisedBps: 3.2e6 },
    { id: 'C' },
    { id: 'D' },
  );
  t.deepEqual(arrowsOf(members), ['A: A>B to-relay 1600000', 'A: B>C relayed 1600000', 'A: B>D relayed 1600000']);
  const [a, b] = pictureOf(members).peers;
  t.like(a, { ownBps: 1.6e6, lentBps: 0, freeBps: 8.4e6 });
  t.like(b, { ownBps: 0, lentBps: 3.2e6, freeBps: 6.8e6 });
});

test('slices that go several ways are arrows of their share', (t) => {
  const members = room(
    { id: 'A', routes: [route(null, ['C'], 0x00ff), route('B', ['C'], 0xff00)] },
    { id: 'B' },
    { id: 'C' },
  );
  t.deepEqual(arrowsOf(members), ['A: A>C direct 800000', 'A: A>B to-relay 800000', 'A: B>C relayed 800000']);
});

test('a copy to a relay that only it plays is no copy to a relay', (t) => {
  const members = room({ id: 'A', routes: [route('B', ['B'])] }, { id: 'B' });
  t.deepEqual(arrowsOf(members), ['A: A>B direct 1600000']);
});

test('whoever is named and is not there is in no picture', (t) => {
  const members = room({ id: 'A', routes: [route(null, ['B', 'Z', 'A']), route('Y', ['B'])] }, { id: 'B' });
  t.deepEqual(arrowsOf(members), ['A: A>B direct 1600000']);
});

test('what is lent is the word of who lends: what a client says of a relay does not make it look busy', (t) => {
  const liar = { ...camera, rateBps: 1e11 };
  const members = room({ id: 'A', streams: [liar], routes: [route('B', ['C'])] }, { id: 'B' }, { id: 'C' });
  t.like(pictureOf(members).peers[1], { id: 'B', lentBps: 0, freeBps: 10e6 });
});

test('who claims more arrows than can be drawn hides nobody else', (t) => {
  const ids = Array.from({ length: 100 }, (_, place) => `P${place}`);
  const streams = Array.from({ length: 8 }, (_, place) => ({ ...camera, name: `s${place}`, ssrc: place }));
  const routes = streams.map(({ name }) => ({ ...route(null, ids), stream: name }));
  const members = room(
    ...ids.map((id) => (id === 'P0' ? { id, streams, routes } : { id, routes: [route(null, ['P0'])] })),
  );
  const { arrows, omitted } = pictureOf(members);
  t.is(arrows.filter(({ source }) => source !== 'P0').length, 99);
  t.is(arrows.filter(({ source }) => source === 'P0').length, 50);
  t.is(omitted, 8 * 99 - 50);
});

test('peers stand in the order of their ids, numbers in that of numbers', (t) => {
  const members = room({ id: 'P10' }, { id: 'P2' }, { id: 'A' });
  t.deepEqual(
    pictureOf(members).peers.map(({ id }) => id),
    ['A', 'P2', 'P10'],
  );
});

test('a person is called as it wants, else by its id', (t) => {
  const members = room({ id: 'A', name: 'Anna Ödön' }, { id: 'B' });
  t.deepEqual(
    pictureOf(members).peers.map(({ id, name }) => [id, name]),
    [
      ['A', 'Anna Ödön'],
      ['B', 'B'],
    ],
  );
});
