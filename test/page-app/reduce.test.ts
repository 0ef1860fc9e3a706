import test from 'ava';
import type { ServerMessage } from '../../actors/page/app/link/messages.ts';
import { type Happening, isHeard, isInside, reduce } from '../../actors/page/app/state/reduce.ts';
import { START, type State } from '../../actors/page/app/state/state.ts';
import { member, stateOf, WELCOME } from './members.ts';

const after = (state: State, ...happenings: Happening[]) => happenings.reduce(reduce, state);
const message = (each: ServerMessage): Happening => ({ type: 'message', message: each });
const JOIN: Happening = { type: 'join', join: { name: 'Me', room: 'r' } };
const IN_CALL = after(START, { type: 'link.up' }, message(WELCOME), JOIN, message(stateOf(member('b'))));
const LINE = { type: 'chat', from: 'b', name: 'B', text: 'hello', at: 1, mine: false, isPrivate: false } as const;

test('from the start over the lobby into a call', (t) => {
  t.is(START.phase, 'connecting');
  t.is(after(START, message(WELCOME)).phase, 'lobby');
  t.is(after(START, message(WELCOME), JOIN).phase, 'joining');
  t.is(IN_CALL.phase, 'call');
  t.is(after(START, message({ ...WELCOME, state: 'call' })).phase, 'call');
});

test('what is wrong with a join leads back to the lobby and is kept for its field until the next try', (t) => {
  const refused = after(
    START,
    message(WELCOME),
    JOIN,
    message({ type: 'error', code: 'x', text: 'no', field: 'room' }),
  );
  t.is(refused.phase, 'lobby');
  t.deepEqual(refused.complaint, { code: 'x', text: 'no', field: 'room' });
  t.is(after(refused, JOIN).complaint, null);
});

test('members keep their places; newcomers come last', (t) => {
  const ids = (state: State) => state.room?.members.map(({ id }) => id);
  const more = after(IN_CALL, message(stateOf(member('a'), member('b'), member('c'))));
  t.deepEqual(ids(more), ['b', 'a', 'c']);
  t.deepEqual(ids(after(more, message(stateOf(member('c'), member('a'))))), ['a', 'c']);
});

test('a peer that restarted is joined again while the call stays in sight', (t) => {
  const gone = after(IN_CALL, { type: 'link.down' }, { type: 'link.down' });
  t.deepEqual(gone.link, { up: false, failures: 2 });
  t.true(isInside(gone));
  const back = after(gone, { type: 'link.up' }, message(WELCOME));
  t.is(back.phase, 'joining');
  t.true(isInside(back));
  t.is(back.link.failures, 0);
});

test('the end of a call leaves nothing of it, and says why unless the person left', (t) => {
  const busy = after(IN_CALL, message(LINE), { type: 'pin', tile: 'b/' }, { type: 'panel', panel: 'chat' });
  const left = after(busy, message({ type: 'ended', code: 'left', text: '' }));
  t.like(left, { phase: 'lobby', room: null, chat: [], pinned: null, panel: 'none', complaint: null, join: null });
  t.like(after(busy, message({ type: 'ended', code: 'failed', text: 'broken' })), {
    complaint: { code: 'ended.failed', text: 'broken' },
  });
  t.is(after(busy, message({ type: 'ended', code: 'taken-over', text: '' })).phase, 'replaced');
});

test('chat is counted while it is closed, bounded, and told anew after a reconnection', (t) => {
  const two = after(IN_CALL, message(LINE), message({ ...LINE, mine: true }));
  t.is(two.unread, 1);
  t.is(after(two, { type: 'panel', panel: 'chat' }).unread, 0);
  t.is(after(two, { type: 'panel', panel: 'chat' }, message(LINE)).unread, 0);
  t.is(after(IN_CALL, ...Array.from({ length: 600 }, () => message(LINE))).chat.length, 500);
  t.deepEqual(after(two, message({ ...WELCOME, state: 'call' })).chat, []);
});

test('somebody is heard with a microphone that is not muted, or while space is held', (t) => {
  const on: Happening = {
    type: 'device',
    kind: 'microphone',
    state: { is: 'on', id: '1', label: 'm', insteadOf: null },
  };
  t.false(isHeard(IN_CALL));
  t.true(isHeard(after(IN_CALL, on)));
  const muted = after(IN_CALL, on, { type: 'mute', muted: true });
  t.false(isHeard(muted));
  t.true(isHeard(after(muted, { type: 'talk', on: true })));
  t.false(isHeard(after(muted, { type: 'talk', on: true }, { type: 'talk', on: false })));
  t.false(isHeard(after(muted, { type: 'talk', on: true }, { type: 'link.down' })));
  t.false(after(IN_CALL, on, { type: 'talk', on: true }).talking, 'who is heard anyway does not hold it');
});

test('pinning and pausing are switches', (t) => {
  const once = after(IN_CALL, { type: 'pin', tile: 'b/' }, { type: 'pause', tile: 'b/' });
  t.like(once, { pinned: 'b/', paused: ['b/'] });
  t.like(after(once, { type: 'pin', tile: 'b/' }, { type: 'pause', tile: 'b/' }), { pinned: null, paused: [] });
});

test('the last speaker is forgotten when he leaves', (t) => {
  const spoken = after(IN_CALL, { type: 'speaker', peer: 'b' });
  t.is(after(spoken, message(stateOf(member('b')))).speaker, 'b');
  t.is(after(spoken, message(stateOf(member('c')))).speaker, null);
});
