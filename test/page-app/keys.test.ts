import test from 'ava';
import { type Key, keyAction } from '../../actors/page/app/state/keys.ts';

const press = (key: string, more: Partial<Key> = {}) =>
  keyAction({
    down: true,
    key,
    code: key === ' ' ? 'Space' : `Key${key.toUpperCase()}`,
    repeat: false,
    composing: false,
    withModifier: false,
    focus: 'page',
    ...more,
  });

test('the keys of the call', (t) => {
  t.deepEqual(
    ['m', 'V', 's', 'c', 'Escape', ' '].map((key) => press(key)),
    ['mute', 'camera', 'screen', 'chat', 'close', 'talk'],
  );
  t.is(press('x'), null);
});

test('a keyboard of another script has the keys in the same places, one of Latin letters where they are printed', (t) => {
  t.is(press('ь', { code: 'KeyM' }), 'mute');
  t.is(press('М', { code: 'KeyV' }), 'camera');
  t.is(press('ψ', { code: 'KeyC' }), 'chat');
  // AZERTY has its M right of the L.
  t.is(press('m', { code: 'Semicolon' }), 'mute');
  t.is(press(',', { code: 'KeyM' }), null);
  t.is(press('é', { code: 'KeyM' }), null);
});

test('what an input method puts together is no key of the call', (t) => {
  t.is(press('Escape', { focus: 'text', composing: true }), null);
  t.is(press('Process', { code: 'KeyM', composing: true }), null);
});

test('keys are letters while somebody writes, and space presses a button that has the focus', (t) => {
  for (const key of ['m', 'v', 's', 'c', ' ']) t.is(press(key, { focus: 'text' }), null, key);
  t.is(press(' ', { focus: 'control' }), null);
  t.is(press('m', { focus: 'control' }), 'mute');
  t.is(press('Escape', { focus: 'text' }), 'close');
});

test('shortcuts of the browser and held keys do nothing', (t) => {
  t.is(press('s', { withModifier: true }), null);
  t.is(press('m', { repeat: true }), null);
  t.is(press(' ', { repeat: true }), null);
});

test('letting go of space ends the talk wherever the focus is by then', (t) => {
  for (const focus of ['text', 'control', 'page'] as const) t.is(press(' ', { down: false, focus }), 'talk.end');
  t.is(press('m', { down: false }), null);
});
