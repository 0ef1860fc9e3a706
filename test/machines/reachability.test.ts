/** No state is there for nothing, and none is a trap. Every event is tried in every state on the way: none throws. */
import test from 'ava';
import type { AnyMachineSnapshot } from 'xstate';
import {
  CLIENT_AGREEMENT,
  FORWARDING,
  NEGOTIATION,
  PAIR,
  PAIRS,
  PEER,
  RELAY_AGREEMENT,
  SESSION,
  SIGNALING,
} from './terrains.ts';
import { dead, nameOf, type Terrain, unreachable } from './walk.ts';

const hasEnded = ({ status }: AnyMachineSnapshot) => status === 'done';
const CASES: readonly { terrain: Terrain; goal: string; alive: (snapshot: AnyMachineSnapshot) => boolean }[] = [
  { terrain: PEER, goal: 'its end', alive: hasEnded },
  { terrain: SIGNALING, goal: 'its end', alive: hasEnded },
  {
    terrain: SESSION,
    goal: 'rest: described, and no doubt',
    alive: (snapshot) => snapshot.matches({ description: 'known', epoch: 'sure' }),
  },
  { terrain: CLIENT_AGREEMENT, goal: 'its end', alive: hasEnded },
  { terrain: RELAY_AGREEMENT, goal: 'its end', alive: hasEnded },
  { terrain: PAIR, goal: 'an open way', alive: (snapshot) => nameOf(snapshot) === 'open' },
  { terrain: PAIRS, goal: 'rest', alive: (snapshot) => nameOf(snapshot) === 'resting' },
  { terrain: FORWARDING, goal: 'steady', alive: (snapshot) => nameOf(snapshot) === 'steady' },
  {
    terrain: NEGOTIATION,
    goal: 'rest: planned, granted, balanced',
    alive: (snapshot) => snapshot.matches({ planning: 'settled', granting: 'complete', lending: 'balanced' }),
  },
];

for (const { terrain, goal, alive } of CASES) {
  const { id } = terrain.machine;
  test(`every state of ${id} can be reached`, (t) => {
    t.deepEqual(unreachable(terrain), []);
  });

  test(`from every state of ${id} there is a way to ${goal}`, (t) => {
    t.deepEqual(dead(terrain, alive), []);
  });

  test(`no event is missing from the test of ${id}`, (t) => {
    const known = terrain.machine.events.filter((type) => !type.startsWith('xstate.'));
    t.deepEqual(
      known.filter((type) => !terrain.events.some((event) => event.type === type)),
      [],
    );
  });
}
