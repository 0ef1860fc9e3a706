import test from 'ava';
import { readServerMessage } from '../../actors/page/app/link/read.ts';

const LINE_UNKNOWN = { bps: null, limit: 'unmeasured', overratedBps: null } as const;
const read = (message: unknown) => readServerMessage(JSON.stringify(message));

test('what is no message, or none that the page knows, is nothing', (t) => {
  for (const text of ['', '{', '[]', 'null', '7', '"x"']) t.is(readServerMessage(text), null, text);
  for (const type of ['', 'nonsense', 'toString', '__proto__', 'constructor', 7, null]) t.is(read({ type }), null);
});

test('a state with fields of wrong types is read as far as it makes sense', (t) => {
  const message = read({
    type: 'state',
    self: {
      id: 7,
      name: 'Ada',
      uploadBps: -1,
      usedBps: 'x',
      lentBps: null,
      line: { bps: 'x', limit: 7 },
      downlinkBps: -3,
      bus: 'strange',
    },
    own: 'nothing',
    members: [
      null,
      { id: '' },
      { id: 'b', pair: 'magic', streams: [{ stream: 'camera', loss: 7, bps: -5, via: ['c', 3] }] },
    ],
  });
  t.like(message, {
    self: { id: '', name: 'Ada', uploadBps: 0, usedBps: 0, line: LINE_UNKNOWN, downlinkBps: null, bus: 'connected' },
    own: [],
    invite: '',
  });
  t.true(message?.type === 'state' && message.members.length === 1);
  t.like(message, {
    members: [{ id: 'b', name: 'b', pair: 'looking', streams: [{ group: 'camera', loss: 1, bps: 0, via: ['c'] }] }],
  });
});

test('names, lists and texts are cut to what a page can show', (t) => {
  const long = 'x'.repeat(10_000);
  const members = Array.from({ length: 200 }, (_, index) => ({
    id: String(index),
    name: long,
    streams: Array(20).fill({ stream: long }),
  }));
  const state = read({ type: 'state', members, invite: long });
  t.true(state?.type === 'state' && state.members.length === 100 && state.invite.length === 4_000);
  t.true(
    state?.type === 'state' && state.members.every(({ name, streams }) => name.length === 64 && streams.length === 16),
  );
  t.like(read({ type: 'chat', from: 'b', text: long }), { name: 'b', mine: false });
  const chat = read({ type: 'chat', from: 'b', text: long });
  t.true(chat?.type === 'chat' && chat.text.length === 4_000);
});

test('an answer that is none, a rate for no line and an empty line of chat are nothing', (t) => {
  t.is(read({ type: 'answer' }), null);
  t.is(read({ type: 'answer', sdp: 'x'.repeat(600_000) }), null);
  t.is(read({ type: 'rate', maxBps: 1 }), null);
  t.is(read({ type: 'chat', from: 'b', text: '' }), null);
  t.deepEqual(read({ type: 'rate', mid: '0', rid: 7, maxBps: -3 }), { type: 'rate', mid: '0', rid: null, maxBps: 0 });
});

test('a welcome offers at most as many slots as a page can have', (t) => {
  t.like(read({ type: 'welcome', state: 'call', slots: 1e9, codecs: ['video/VP8', 7] }), {
    state: 'call',
    slots: 50,
    codecs: ['video/VP8'],
  });
  t.like(read({ type: 'welcome' }), { state: 'lobby', slots: 0, suggestions: { name: '', room: '' } });
});
