import test from 'ava';
import { createActor, setup } from 'xstate';
import { Inspector, parseTransition, type Transition } from '../../actors/call/inspector.ts';
import { VirtualClock } from '../simulation/world/clock.ts';

const lamp = setup({ delays: { glow: 500 } }).createMachine({
  id: 'lamp',
  type: 'parallel',
  states: {
    bulb: {
      initial: 'off',
      states: {
        off: { on: { press: 'warming', touch: {} } },
        warming: { always: 'on' },
        on: { after: { glow: 'off' }, on: { press: 'off' } },
      },
    },
    plug: { initial: 'in', states: { in: {}, out: {} }, on: { 'cable.pulled': '.out' } },
  },
});
const room = setup({ actors: { lamp } }).createMachine({ id: 'room', invoke: { src: 'lamp', id: 'lamp.left' } });

function watch() {
  const clock = new VirtualClock();
  const told: Transition[] = [];
  const publish = (text: string) => {
    const transition = parseTransition(text);
    if (transition === undefined) throw new Error(`not a transition: ${text}`);
    told.push(transition);
  };
  const inspector = new Inspector({ publish, now: () => clock.now() });
  const actor = createActor(room, { clock, inspect: inspector.observe }).start();
  return { clock, actor, inspector, told, child: actor.getSnapshot().children['lamp.left'] };
}

test('each transition is told with its machine, its event and only the states that changed', (t) => {
  const { clock, child, told } = watch();
  t.deepEqual(told, [
    { atMs: 0, machine: 'lamp.left', chart: 'lamp', event: 'start', from: [], to: ['bulb.off', 'plug.in'] },
  ]);
  told.length = 0;
  child?.send({ type: 'press' });
  clock.runUntil(600);
  child?.send({ type: 'cable.pulled' });
  const of = { machine: 'lamp.left', chart: 'lamp' };
  t.deepEqual(told, [
    { atMs: 0, ...of, event: 'press', from: ['bulb.off'], to: ['bulb.warming'] },
    { atMs: 0, ...of, event: 'press', from: ['bulb.warming'], to: ['bulb.on'] },
    { atMs: 500, ...of, event: 'after glow', from: ['bulb.on'], to: ['bulb.off'] },
    { atMs: 600, ...of, event: 'cable.pulled', from: ['plug.in'], to: ['plug.out'] },
  ]);
});

test('an event that changes no state is not told; the end of a machine is', (t) => {
  const { actor, child, told } = watch();
  told.length = 0;
  child?.send({ type: 'touch' });
  t.deepEqual(told, []);
  actor.stop();
  t.deepEqual(
    told.map(({ machine, event, from, to }) => ({ machine, event, from, to })),
    [{ machine: 'lamp.left', event: 'stop', from: ['bulb.off', 'plug.in'], to: [] }],
  );
});

test('a machine in a loop is told of a thousand times a second, then how much was left out', (t) => {
  const { clock, child, told } = watch();
  // After the start: on by two steps, off by one.
  for (let turn = 0; turn < 700; turn += 1) child?.send({ type: 'press' });
  t.is(told.length, 1000);
  clock.runUntil(1000);
  child?.send({ type: 'press' });
  t.is(told.length, 1002);
  t.deepEqual(
    told.slice(999).map(({ skipped }) => skipped),
    [undefined, 51, undefined],
  );
});

test('a line that is no transition, or that a terminal might obey, is not one', (t) => {
  const fine = { atMs: 1, machine: 'm', chart: 'm', event: 'e', from: [], to: ['a'] };
  t.deepEqual(parseTransition(JSON.stringify(fine)), fine);
  t.is(parseTransition('not json'), undefined);
  t.is(parseTransition('{}'), undefined);
  t.is(parseTransition(JSON.stringify({ ...fine, machine: '\u001b[2J' })), undefined);
  t.is(parseTransition(JSON.stringify({ ...fine, to: Array(33).fill('a') })), undefined);
  t.is(parseTransition(JSON.stringify({ ...fine, atMs: 1e300 })), undefined);
});
