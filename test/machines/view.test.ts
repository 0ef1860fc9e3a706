/** What in a view is another room, what is other routes only, and what is no difference at all. */
import test from 'ava';
import {
  changesRoom,
  isCurrent,
  type Member,
  reroutes,
  streamOf,
  type View,
  withMember,
  withoutMember,
  withProfile,
  withSession,
} from '../../machines/view.ts';
import { capabilities, member, profile, stream, viewOf, voice } from './members.ts';

const B = member('B', { streams: [stream('B'), voice('B')] });
const room = viewOf(member('A'), B, member('C'));
const route = { stream: 'camera', relay: null, slices: 1, receivers: ['A'] };

type Change = { readonly [K in keyof Member]: Member[K] };
/** A change of each thing that is known of a member; the type keeps the list complete. */
const CHANGES: Omit<Change, 'id'> = {
  epoch: 2,
  profile: 9,
  name: 'Berta',
  software: 'other',
  version: '2',
  compatible: false,
  media: { host: '192.0.2.77', port: 7 },
  plain: 'refuse',
  key: 'k'.repeat(43),
  outside: '192.0.2.7',
  nat: 'cone',
  cut: ['C'],
  costly: ['C'],
  narrow: [{ peer: 'B', bps: 1 }],
  line: { bps: 1, isShort: true },
  streams: [stream('B')],
  uploadBps: 1,
  usableBps: 1,
  lendBps: 1,
  downloadBps: 1,
  wants: [{ source: 'A' }],
  leaving: true,
  routes: [route],
  agreements: [{ relay: 'A', agreement: 'B.1.1', revision: 1 }],
  promisedBps: 1,
};
/** How it runs: no matter of who is there and what each can do. */
const RUNNING = new Set(['profile', 'routes', 'agreements', 'promisedBps']);

for (const [key, value] of Object.entries(CHANGES)) {
  test(`another ${key} of a member is another ${RUNNING.has(key) ? 'view, but the same room' : 'room'}`, (t) => {
    const after = withMember(room, { ...B, [key]: value });
    t.not(after, room);
    t.is(changesRoom(room, after), !RUNNING.has(key));
    t.is(reroutes(room, after), key === 'routes');
  });
}

test('who comes or goes makes it another room, and others routes', (t) => {
  for (const after of [withoutMember(room, 'C'), withMember(room, member('D'))]) {
    t.true(changesRoom(room, after));
    t.true(reroutes(room, after));
  }
});

test('at which rate a stream sends now is no matter of the room', (t) => {
  const after = withMember(room, { ...B, streams: [stream('B', { rateBps: 7 }), voice('B')] });
  t.not(after, room);
  t.false(changesRoom(room, after));
  for (const change of [{ ssrc: 1 }, { maxBps: 7 }, { group: 'g' }, { layer: 1 }, { name: 'screen' }, { fmtp: 'x' }]) {
    t.true(changesRoom(room, withMember(room, { ...B, streams: [stream('B', change), voice('B')] })));
  }
});

test('what says nothing new leaves the same object', (t) => {
  t.is(withMember(room, structuredClone(B) as Member), room);
  t.is(withoutMember(room, 'X'), room);
  t.false(changesRoom(room, room));
});

test('a profile tells all of a member; a session keeps what only a profile tells, unless it started anew', (t) => {
  const told = { ...B, routes: [route], uploadBps: 5e6 };
  const known = withProfile(viewOf(member('A')), 'B', 1, profile(told, 3));
  t.deepEqual(known.members.get('B'), { ...told, profile: 3 });
  const again = withSession(known, 'B', 1, capabilities('B'));
  t.like(again.members.get('B'), { uploadBps: 5e6, profile: 3, streams: [stream('B')] });
  t.like(withSession(known, 'B', 2, capabilities('B')).members.get('B'), { uploadBps: 0, profile: 0, routes: [] });
});

test('a message is of a member at its epoch, and of nobody else', (t) => {
  const is = (view: View, from: string, epoch: number) => isCurrent(view, { from, epoch });
  t.true(is(room, 'B', 1));
  t.false(is(room, 'B', 0));
  t.false(is(room, 'B', 2));
  t.false(is(room, 'X', 1));
});

test('a stream is found by its name', (t) => {
  t.is(streamOf(B, 'voice'), B.streams[1]);
  t.is(streamOf(B, 'screen'), undefined);
  t.is(streamOf(undefined, 'voice'), undefined);
});
