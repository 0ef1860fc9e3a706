import test from 'ava';
import type { Member } from '../../actors/page/app/link/messages.ts';
import { newsOf } from '../../actors/page/app/state/news.ts';
import { type Happening, reduce } from '../../actors/page/app/state/reduce.ts';
import { START } from '../../actors/page/app/state/state.ts';
import { sayIn } from '../../actors/page/app/text/text.ts';
import { member, stateOf, stream } from './members.ts';

const say = sayIn('en');
const state = (...members: readonly Member[]): Happening => ({
  type: 'message',
  message: stateOf(...members),
});
const IN_CALL = reduce(START, state(member('b')));
const news = (happening: Happening, before = IN_CALL) => newsOf(before, reduce(before, happening), say);

test('comings, goings and screens are said; who was there already is not', (t) => {
  t.deepEqual(newsOf(START, IN_CALL, say), []);
  t.deepEqual(news(state(member('b'), member('c'))), ['C joined']);
  t.deepEqual(news(state()), ['B left']);
  t.deepEqual(news(state(member('b', [stream('screen')]))), ['B shares a screen']);
  t.deepEqual(news(state(member('b'), member('c'), member('d'), member('e'))), ['3 people joined']);
});

test('what changes all the time is not said', (t) => {
  const before = reduce(START, state(member('b', [stream('camera', { bps: 1 })])));
  t.deepEqual(news(state(member('b', [stream('camera', { bps: 2, loss: 0.5 })], { pair: 'via' })), before), []);
});

test('own switches, and chat as long as a breath', (t) => {
  t.deepEqual(news({ type: 'mute', muted: true }), ['Microphone muted']);
  const line = {
    type: 'chat',
    from: 'b',
    name: 'B',
    text: 'x'.repeat(500),
    at: 1,
    mine: false,
    isPrivate: false,
  } as const;
  t.deepEqual(news({ type: 'message', message: line }), [`B writes: ${'x'.repeat(120)} …`]);
  t.deepEqual(news({ type: 'message', message: { ...line, mine: true } }), []);
});
