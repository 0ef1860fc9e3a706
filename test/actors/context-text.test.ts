import test from 'ava';
import { createActor, setup } from 'xstate';
import { contextText } from '../../actors/call/context-text.ts';

const read = (context: unknown) => JSON.parse(contextText(context) ?? '');

test('data is told as JSON, maps by their keys, sets as lists', (t) => {
  const context = {
    a: 1,
    b: new Map<unknown, unknown>([['x', new Set([1, 'y'])]]),
    c: [null, true],
    d: 7n,
    e: Number.NaN,
  };
  t.deepEqual(read(context), { a: 1, b: { x: [1, 'y'] }, c: [null, true], d: '7', e: 'NaN' });
});

test('what is no data is named', (t) => {
  const parent = createActor(setup({}).createMachine({ id: 'root' }), { id: 'root' });
  t.deepEqual(read({ parent, act: () => 1, key: new Uint8Array(32) }), {
    parent: '(actor root)',
    act: '(function)',
    key: '(32 bytes)',
  });
});

test('there is an end to it: to circles, long lists, long texts, and to the whole', (t) => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  t.true(JSON.stringify(read(circle)).includes('(deeper)'));
  t.is(read(Array.from({ length: 100 }, () => 1)).at(-1), '(36 more)');
  t.is(read(new Map(Array.from({ length: 100 }, (_, key) => [key, 1])))['(more)'], 36);
  t.is(read('x'.repeat(9999)).length, 512);
  const wide = Array.from({ length: 64 }, () => Array.from({ length: 64 }, () => 'x'.repeat(500)));
  const text = contextText(wide) ?? '';
  t.true(text.length < 12_100);
  t.true(text.endsWith('(cut here)'));
});

test('nothing in it can steer a terminal, and of nothing there is no text', (t) => {
  t.regex(contextText({ name: '\u001b[2J\u0085\u202eöäü' }) ?? '', /^[\x20-\x7e\n]+$/);
  t.is(contextText(undefined), null);
  t.is(contextText(null), 'null');
});
