import test from 'ava';
import { readPageMessage } from '../../../actors/page/messages.ts';

const field = (value: unknown) => {
  const read = readPageMessage(value);
  return read.type === 'fault' ? read.field : undefined;
};

test('a message that fits is read, and what it should not hold is left out', (t) => {
  const read = readPageMessage({ type: 'join', name: ' Ada ', room: 'main', admin: true });
  t.deepEqual(read, { type: 'join', name: 'Ada', room: 'main' });
});

test('what is no message is refused, and never throws', (t) => {
  for (const value of [null, 1, 'hello', [], {}, { type: 1 }, { type: 'toString' }, { type: '__proto__' }]) {
    t.is(field(value), 'type', JSON.stringify(value));
  }
});

test('fields out of bounds are named', (t) => {
  const join = { type: 'join', name: 'Ada', room: 'main' };
  t.is(field({ ...join, room: 'a.b' }), 'room');
  t.is(field({ ...join, name: '  ' }), 'name');
  t.is(field({ ...join, name: 'x'.repeat(65) }), 'name');
  for (const name of ['A\nda', 'A\u202eda', 'A\u001b[31mda'])
    t.is(field({ ...join, name }), 'name', 'no member would take it');
  t.is(field({ ...join, id: 'all' }), 'id');
  t.is(field({ ...join, upload: Number.POSITIVE_INFINITY }), 'upload');
  t.is(field({ type: 'chat', text: 'x'.repeat(2001) }), 'text');
  t.is(field({ type: 'mute', stream: 'camera-large', muted: true }), 'stream');
  t.is(field({ type: 'offer', sdp: 'x'.repeat(300_000), tracks: [] }), 'sdp');
});

test('a slot or a stream is named once', (t) => {
  const slot = { mid: '4', peer: 'B', stream: 'camera' };
  t.is(field({ type: 'show', slots: [slot, slot] }), 'slots');
  t.is(field({ type: 'show', slots: [slot] }), undefined);
  const track = { mid: '0', stream: 'voice', layers: [] };
  t.is(field({ type: 'offer', sdp: 'v=0', tracks: [track, { ...track, mid: '1' }] }), 'tracks');
  const many = Array.from({ length: 51 }, (_, index) => ({ ...slot, mid: String(index) }));
  t.is(field({ type: 'show', slots: many }), 'slots');
});
