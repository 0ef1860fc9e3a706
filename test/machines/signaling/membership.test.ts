/** What messages do to the view: news is believed once, and old news never. */
import test from 'ava';
import fc from 'fast-check';
import { type Body, type Incoming, MAX_MEMBERS } from '../../../machines/messages.ts';
import {
  type Membership,
  receive,
  type SignalingMessage,
  soloMembership,
  withoutBye,
} from '../../../machines/signaling/membership.ts';
import { capabilities, member, profile as profileOf, viewOf } from '../members.ts';

const SELF = member('A', { epoch: 5 });
const alone = soloMembership(viewOf(SELF));
const plainAlone = soloMembership(viewOf({ ...SELF, compatible: false }));
type Of<K extends Incoming['kind']> = Extract<Incoming, { kind: K }>;
const stamp = (from: string, epoch: number, seq: number) => ({ from, epoch, seq });
const PLAIN = { compatible: false };

const invite = (from: string, epoch = 1, seq = 1, known: Body<'invite'>['known'] = [], change = {}): Of<'invite'> => ({
  kind: 'invite',
  ...stamp(from, epoch, seq),
  body: { ...capabilities(from, change), known },
});
const answer = (from: string, epoch = 1, seq = 1, change = {}): Of<'answer'> => ({
  kind: 'answer',
  ...stamp(from, epoch, seq),
  body: capabilities(from, change),
});
const profile = (from: string, epoch = 1, number = 1, change = {}): Of<'profile'> => ({
  kind: 'profile',
  ...stamp(from, epoch, number),
  body: profileOf(member(from, change), number),
});
const beat = (from: string, epoch = 1, number = 1): Of<'beat'> => ({
  kind: 'beat',
  ...stamp(from, epoch, number),
  body: { profile: number },
});
const ask = (from: string, epoch = 1): Of<'profile.ask'> => ({
  kind: 'profile.ask',
  ...stamp(from, epoch, 1),
  body: {},
});
const bye = (from: string, epoch = 1, seq = 1): Of<'bye'> => ({
  kind: 'bye',
  ...stamp(from, epoch, seq),
  body: { reason: 'left' },
});

const afterAll = (start: Membership, ...messages: SignalingMessage[]) =>
  messages.reduce((membership, message) => receive(membership, message).membership, start);
const after = (...messages: SignalingMessage[]) => afterAll(alone, ...messages);
const consequences = (membership: Membership, message: SignalingMessage) =>
  receive(membership, message).consequences.map(({ type }) => type);
const full = (epoch = 1) =>
  after(...Array.from({ length: MAX_MEMBERS - 1 }, (_, index) => profile(`P${index}`, epoch)));

test('a joiner that invites is told who we are, and is in the room when its own profile comes', (t) => {
  const invited = receive(alone, invite('B'));
  t.deepEqual(invited.consequences, [
    { type: 'met', peer: 'B', description: 'coming' },
    { type: 'introduce', peer: 'B' },
  ]);
  t.is(invited.membership.view, alone.view);
  const joined = receive(invited.membership, profile('B'));
  t.deepEqual(joined.consequences, [
    { type: 'described', peer: 'B' },
    { type: 'joined', peer: 'B' },
  ]);
  t.is(joined.membership.view.members.get('B')?.profile, 1);
  t.is(joined.membership.strangers.size, 0);
});

test('a profile alone makes a member, at once', (t) => {
  t.deepEqual(receive(alone, profile('B')).consequences, [
    { type: 'met', peer: 'B', description: 'known' },
    { type: 'joined', peer: 'B' },
  ]);
});

test('who beats or asks and is unknown is asked for its profile, and is no member before it comes', (t) => {
  t.deepEqual(receive(alone, beat('B')).consequences, [{ type: 'met', peer: 'B', description: 'lacking' }]);
  t.deepEqual(consequences(alone, ask('B')), ['met', 'introduce']);
  t.is(after(beat('B'), ask('B')).view, alone.view);
  t.deepEqual(consequences(after(beat('B')), beat('B', 1, 2)), ['upheld']);
});

test('a beat of another profile than the known one has it asked for; of an earlier one or the same it does not', (t) => {
  const known = after(profile('B', 1, 3));
  t.deepEqual(consequences(known, beat('B', 1, 4)), ['upheld', 'lacks']);
  for (const number of [2, 3]) t.deepEqual(consequences(known, beat('B', 1, number)), ['upheld']);
  t.deepEqual(consequences(known, { ...beat('B', 1, 3), seq: 99 }), ['upheld'], 'it is the one that we have');
});

test('a profile whose number its sender never had gives way to what the next beats name', (t) => {
  const garbled = after(profile('B', 1, 3), { ...profile('B', 1, 900), seq: 4 });
  const next = { ...beat('B', 1, 3), seq: 5 };
  t.deepEqual(consequences(garbled, next), ['upheld', 'lacks']);
  t.deepEqual(consequences(garbled, { ...next, seq: 3 }), ['upheld'], 'said before it');
  t.is(afterAll(garbled, { ...profile('B', 1, 3), seq: 6 }).view.members.get('B')?.profile, 3);
});

test('an older profile, and the same again, change nothing', (t) => {
  const known = after(profile('B', 1, 9, { uploadBps: 5e6 }));
  for (const number of [8, 9]) {
    const again = receive(known, profile('B', 1, number, { uploadBps: 1e6 }));
    t.is(again.membership.view, known.view);
    t.deepEqual(again.consequences, [{ type: 'upheld', peer: 'B' }]);
  }
});

test('a plain RTP endpoint that invites is met and answered, and told nothing of RPR', (t) => {
  t.deepEqual(consequences(alone, invite('B', 1, 1, [], PLAIN)), ['met', 'joined', 'answer']);
  t.deepEqual(consequences(alone, answer('B', 1, 1, PLAIN)), ['met', 'joined']);
  t.deepEqual(consequences(plainAlone, invite('B')), ['met', 'joined', 'answer']);
});

test('an invite that lists us is a refresh, unless it means an earlier start of ours', (t) => {
  const known = after(invite('B', 1, 1, [], PLAIN));
  const refresh = (epoch: number) => invite('B', 1, 2, [{ id: 'A', epoch }], PLAIN);
  t.false(consequences(known, refresh(5)).includes('answer'));
  t.true(consequences(known, refresh(4)).includes('answer'));
});

test('older news of a plain endpoint is answered but not believed', (t) => {
  const known = after(answer('B', 1, 9, { ...PLAIN, software: 'new' }));
  const late = receive(known, invite('B', 1, 3, [], { ...PLAIN, software: 'old' }));
  t.is(late.membership.view, known.view);
  t.deepEqual(
    late.consequences.map(({ type }) => type),
    ['upheld', 'answer'],
  );
});

test('a member that speaks RPR is no plain endpoint in the same epoch, whatever an invite of its says', (t) => {
  const known = after(profile('B', 1, 3));
  t.is(afterAll(known, invite('B', 1, 9, [], PLAIN), answer('B', 1, 10, PLAIN)).view, known.view);
  t.false(afterAll(known, invite('B', 2, 1, [], PLAIN)).view.members.get('B')?.compatible);
});

test('one taken for a plain endpoint that beats speaks RPR: it is asked for its profile', (t) => {
  const mistaken = after(invite('B', 1, 1, [], PLAIN));
  t.deepEqual(consequences(mistaken, beat('B', 1, 2)), ['upheld', 'lacks']);
  t.true(afterAll(mistaken, profile('B', 1, 2)).view.members.get('B')?.compatible);
  t.deepEqual(consequences(afterAll(plainAlone, invite('B')), beat('B', 1, 2)), ['upheld']);
});

test('a message of an earlier start of the sender changes nothing, whatever it says, and puts the known one in doubt', (t) => {
  const known = after(profile('B', 7, 1));
  for (const late of [
    invite('B', 6, 99),
    profile('B', 6, 99),
    answer('B', 6, 99),
    bye('B', 6, 99),
    beat('B', 6),
    ask('B', 6),
  ]) {
    t.deepEqual(receive(known, late), { membership: known, consequences: [{ type: 'contested', peer: 'B' }] });
  }
});

test('a restarted member is parted from and met anew, with its numbers starting over', (t) => {
  const known = after(profile('B', 1, 500));
  const again = receive(known, profile('B', 2, 1));
  t.deepEqual(
    again.consequences.map(({ type }) => type),
    ['parted', 'met', 'joined'],
  );
  t.like(again.membership.view.members.get('B'), { epoch: 2, profile: 1 });
  t.deepEqual(consequences(known, beat('B', 2)), ['parted', 'met']);
  t.false(after(profile('B', 1, 500), beat('B', 2)).view.members.has('B'));
});

test('a bye of a known member parts from it, of a stranger does nothing, of a later start than known parts once', (t) => {
  const parted = receive(after(profile('B')), bye('B', 1, 2));
  t.deepEqual(parted.membership.view, alone.view);
  t.deepEqual(parted.consequences, [{ type: 'parted', peer: 'B', reason: 'bye' }]);
  const stranger = receive(alone, bye('B'));
  t.is(stranger.membership.view, alone.view);
  t.deepEqual(stranger.consequences, []);
  t.deepEqual(receive(after(profile('B')), bye('B', 2, 1)).consequences, [
    { type: 'parted', peer: 'B', reason: 'restarted' },
  ]);
  t.deepEqual(receive(after(beat('B')), bye('B', 1, 2)).consequences, [{ type: 'dropped', peer: 'B' }]);
});

test('what was sent before a bye and comes after it is not believed until the bye is forgotten', (t) => {
  const gone = after(profile('B', 5, 1), bye('B', 5, 3));
  t.deepEqual(consequences(gone, profile('B', 5, 2)), []);
  t.deepEqual(consequences(gone, beat('B', 4)), []);
  t.deepEqual(consequences(withoutBye(gone, 'B'), beat('B', 4)), ['met']);
  t.deepEqual(consequences(gone, profile('B', 6, 1)), ['met', 'joined']);
});

test('who speaks under an earlier start after a bye is remembered: its clock may have been set back', (t) => {
  const gone = after(profile('B', 5, 1), bye('B', 5, 3));
  t.false(after(profile('B', 5, 1), bye('B', 5, 3), profile('B', 5, 2)).byes.get('B')?.contested);
  t.true(receive(gone, beat('B', 4)).membership.byes.get('B')?.contested);
});

test('byes are bounded, whoever says them', (t) => {
  const many = after(...Array.from({ length: MAX_MEMBERS + 9 }, (_, index) => bye(`P${index}`)));
  t.is(many.byes.size, MAX_MEMBERS);
  t.true(many.byes.has(`P${MAX_MEMBERS + 8}`));
});

test('of byes the one that was said longest ago gives way, however often it was said before', (t) => {
  const full = Array.from({ length: MAX_MEMBERS }, (_, index) => bye(`P${index}`, 1, 1));
  const { byes } = after(...full, bye('P0', 2, 1), bye('Z', 1, 1));
  t.deepEqual([byes.has('P0'), byes.has('P1'), byes.has('Z')], [true, false, true]);
});

test('strangers are bounded, and leave room for those who describe themselves', (t) => {
  const many = after(...Array.from({ length: MAX_MEMBERS + 9 }, (_, index) => beat(`P${index}`)));
  t.is(many.strangers.size, MAX_MEMBERS);
  t.deepEqual(consequences(many, profile('Z')), ['met', 'joined']);
});

test('our own messages, should they come back, are not ours to hear', (t) => {
  for (const message of [invite('A', 9), profile('A', 9), bye('A', 9), beat('A', 9)]) {
    t.deepEqual(receive(alone, message), { membership: alone, consequences: [] });
  }
});

test('a room is full at its limit: newcomers are not met, members still heard', (t) => {
  const room = full();
  t.is(room.view.members.size, MAX_MEMBERS);
  for (const message of [invite('Z', 9), profile('Z', 9), beat('Z', 9), ask('Z', 9)])
    t.is(receive(room, message).membership, room);
  t.is(receive(room, profile('P0', 1, 2, { uploadBps: 9e6 })).membership.view.members.get('P0')?.uploadBps, 9e6);
});

test('a full room tells newcomers who is here, so that they find out', (t) => {
  t.deepEqual(consequences(full(), invite('Z', 9)), ['introduce']);
  t.deepEqual(consequences(full(), invite('Z', 9, 1, [], PLAIN)), ['answer']);
  t.deepEqual(consequences(full(), beat('Z', 9)), []);
});

test('whoever has a full view and hears somebody older is the surplus', (t) => {
  t.deepEqual(consequences(full(), beat('Z', 4)), ['surplus']);
  t.deepEqual(consequences(full(), invite('Z', 4)), ['surplus', 'introduce']);
  t.deepEqual(consequences(full(), beat('P0', 1, 2)), ['upheld', 'lacks']);
});

test('in whatever order messages come, the newest of the newest start is what is believed', (t) => {
  const news = fc.record({ epoch: fc.integer({ min: 1, max: 3 }), number: fc.integer({ min: 1, max: 6 }) });
  const property = fc.property(fc.array(news, { minLength: 1, maxLength: 15 }), (told) => {
    const { view } = after(
      ...told.map(({ epoch, number }) => profile('B', epoch, number, { uploadBps: epoch * 100 + number })),
    );
    const newest = Math.max(...told.map(({ epoch, number }) => epoch * 100 + number));
    return view.members.get('B')?.uploadBps === newest;
  });
  t.notThrows(() => fc.assert(property, { seed: 3, numRuns: 300 }));
});
