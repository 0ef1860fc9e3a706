/** What messages do to the view: news is believed once, and old news never. */
import test from 'ava';
import fc from 'fast-check';
import type { Incoming } from '../../machines/messages.ts';
import { MAX_MEMBERS } from '../../machines/messages.ts';
import { type Membership, receive, type SignalingMessage } from '../../machines/signaling/membership.ts';
import { capabilities, member, source, viewOf } from './members.ts';

const SELF = member('A', { epoch: 5 });
const alone: Membership = { view: viewOf(SELF), lastSeq: new Map(), byes: new Map() };
type Of<K extends Incoming['kind']> = Extract<Incoming, { kind: K }>;
const stamp = (from: string, epoch: number, seq: number) => ({ from, epoch, seq });

const invite = (from: string, epoch = 1, seq = 1, known: { id: string; epoch: number }[] = []): Of<'invite'> => ({
  kind: 'invite',
  ...stamp(from, epoch, seq),
  body: { ...capabilities(from), known },
});
const answer = (from: string, epoch = 1, seq = 1, change = {}): Of<'answer'> => ({
  kind: 'answer',
  ...stamp(from, epoch, seq),
  body: capabilities(from, change),
});
const presence = (from: string, epoch = 1, seq = 1, uploadBps = 1e6): Of<'presence'> => ({
  kind: 'presence',
  ...stamp(from, epoch, seq),
  body: {
    ...capabilities(from),
    uploadBps,
    usableBps: uploadBps,
    lendBps: 0,
    leaving: false,
    routes: [],
    promisedBps: 0,
  },
});
const bye = (from: string, epoch = 1, seq = 1): Of<'bye'> => ({
  kind: 'bye',
  ...stamp(from, epoch, seq),
  body: { reason: 'left' },
});

const after = (...messages: SignalingMessage[]) =>
  messages.reduce((membership, message) => receive(membership, message).membership, alone);
const consequences = (membership: Membership, message: SignalingMessage) =>
  receive(membership, message).consequences.map(({ type }) => type);

test('a stranger that invites is met, answered and introduced to', (t) => {
  t.deepEqual(consequences(alone, invite('B')), ['met', 'answer', 'introduce']);
  t.is(after(invite('B')).view.members.get('B')?.epoch, 1);
});

test('a plain RTP endpoint that invites is answered, and told nothing of RPR', (t) => {
  const plain = { ...invite('B'), body: { ...capabilities('B', { compatible: false }), known: [] } };
  t.deepEqual(consequences(alone, plain), ['met', 'answer']);
});

test('an invite that lists us is a refresh, unless it means an earlier start of ours', (t) => {
  t.deepEqual(consequences(after(invite('B')), invite('B', 1, 2, [{ id: 'A', epoch: 5 }])), ['established']);
  t.deepEqual(consequences(after(invite('B')), invite('B', 1, 2, [{ id: 'A', epoch: 4 }])), ['established', 'answer']);
});

test('who is known by presence only must be invited; an answer makes the session', (t) => {
  t.deepEqual(receive(alone, presence('B')).consequences[0], { type: 'met', peer: 'B', established: false });
  t.deepEqual(receive(alone, answer('B')).consequences, [{ type: 'met', peer: 'B', established: true }]);
  t.deepEqual(consequences(after(presence('B')), answer('B', 1, 2)), ['established']);
});

test('older news of the same start is answered but not believed', (t) => {
  const known = after(presence('B', 1, 9, 5e6));
  t.is(receive(known, presence('B', 1, 8, 1e6)).membership.view, known.view);
  t.is(receive(known, presence('B', 1, 9, 1e6)).membership.view, known.view);
  t.deepEqual(consequences(known, invite('B', 1, 3)), ['established', 'answer']);
});

test('a message of an earlier start of the sender does nothing at all', (t) => {
  const known = after(presence('B', 7, 1));
  for (const late of [invite('B', 6, 99), presence('B', 6, 99), answer('B', 6, 99), bye('B', 6, 99)]) {
    t.deepEqual(receive(known, late), { membership: known, consequences: [] });
  }
});

test('a restarted member is parted from and met anew, with its numbers starting over', (t) => {
  const known = after(presence('B', 1, 500));
  const again = receive(known, invite('B', 2, 1));
  t.deepEqual(
    again.consequences.map(({ type }) => type),
    ['parted', 'met', 'answer', 'introduce'],
  );
  t.is(again.membership.view.members.get('B')?.epoch, 2);
  t.is(again.membership.view.members.get('B')?.uploadBps, 0);
  t.is(again.membership.lastSeq.get('B'), 1);
});

test('a bye of a known member parts from it, of a stranger does nothing, of a later start than known parts once', (t) => {
  const parted = receive(after(invite('B')), bye('B', 1, 2));
  t.deepEqual(parted.membership.view, alone.view);
  t.deepEqual(parted.consequences, [{ type: 'parted', peer: 'B', reason: 'bye' }]);
  const stranger = receive(alone, bye('B'));
  t.is(stranger.membership.view, alone.view);
  t.deepEqual(stranger.consequences, []);
  t.deepEqual(receive(after(invite('B')), bye('B', 2, 1)).consequences, [
    { type: 'parted', peer: 'B', reason: 'restarted' },
  ]);
});

test('one message again and again leaves the view as it is, as the same object', (t) => {
  const known = after(presence('B', 1, 1));
  t.is(receive(known, presence('B', 1, 2)).membership.view, known.view);
});

test('our own messages, should they come back, are not ours to hear', (t) => {
  for (const message of [invite('A', 9), presence('A', 9), bye('A', 9)]) {
    t.deepEqual(receive(alone, message), { membership: alone, consequences: [] });
  }
});

test('of two sources with one SSRC, whoever started later takes another', (t) => {
  const ssrc = SELF.source?.ssrc;
  const earlier = receive(alone, answer('B', 4, 1, { source: source('B', { ssrc }) })).membership;
  t.not(earlier.view.members.get('A')?.source?.ssrc, ssrc);
  t.is(earlier.view.members.get('B')?.source?.ssrc, ssrc);
  const later = receive(alone, answer('B', 6, 1, { source: source('B', { ssrc }) })).membership;
  t.is(later.view.members.get('A')?.source?.ssrc, ssrc);
  const tie = receive(alone, answer('B', 5, 1, { source: source('B', { ssrc }) })).membership;
  t.is(tie.view.members.get('A')?.source?.ssrc, ssrc, 'A comes before B');
});

test('a room is full at its limit: newcomers are not met, members still heard', (t) => {
  const crowd = Array.from({ length: MAX_MEMBERS + 5 }, (_, index) => presence(`P${index}`));
  const full = after(...crowd);
  t.is(full.view.members.size, MAX_MEMBERS);
  t.deepEqual(receive(full, invite('Z')), { membership: full, consequences: [] });
  t.is(receive(full, presence('P0', 1, 2, 9e6)).membership.view.members.get('P0')?.uploadBps, 9e6);
});

test('in whatever order messages come, the newest of the newest start is what is believed', (t) => {
  const news = fc.record({ epoch: fc.integer({ min: 1, max: 3 }), seq: fc.integer({ min: 1, max: 6 }) });
  const property = fc.property(fc.array(news, { minLength: 1, maxLength: 15 }), (told) => {
    const { view } = after(...told.map(({ epoch, seq }) => presence('B', epoch, seq, epoch * 100 + seq)));
    const newest = Math.max(...told.map(({ epoch, seq }) => epoch * 100 + seq));
    t.is(view.members.get('B')?.uploadBps, newest);
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 500 }));
});

test('what was sent before a bye and comes after it brings nobody back', (t) => {
  const gone = after(presence('B', 1, 7), bye('B', 1, 9));
  t.is(receive(gone, presence('B', 1, 8)).membership.view, gone.view);
  t.deepEqual(receive(gone, presence('B', 1, 8)).consequences, []);
  t.true(receive(gone, presence('B', 1, 10)).membership.view.members.has('B'));
  t.true(receive(gone, invite('B', 2, 1)).membership.view.members.has('B'));
});
