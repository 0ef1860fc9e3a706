/** Presences that can wait are told together, and before whatever comes after them. */
import test from 'ava';
import { GATHER_MS, PresenceGathering } from '../../actors/presence-gathering.ts';
import type { Incoming } from '../../machines/messages.ts';
import type { BusEvent, Presence } from '../../machines/ports.ts';
import { capabilities } from '../machines/members.ts';

const upload = { uploadBps: 9e6, usableBps: 9e6, lendBps: 0, leaving: false, routes: [], promisedBps: 0 };
const presence = (from: string): Presence => {
  return { kind: 'presence', from, epoch: 1, seq: 1, body: { ...capabilities(from), ...upload } };
};
const bye: Incoming = { kind: 'bye', from: 'C', epoch: 1, seq: 2, body: { reason: 'left' } };

function gathering() {
  const told: string[] = [];
  const waiting = new Map<() => void, number>();
  const after = (ms: number, run: () => void) => {
    waiting.set(run, ms);
    return () => waiting.delete(run);
  };
  const tell = (event: BusEvent) => {
    if (event.type === 'bus.reroutings') told.push(event.presences.map(({ from }) => from).join('+'));
    if (event.type === 'bus.message') told.push(event.message.kind);
  };
  return { gathered: new PresenceGathering({ after }, tell), told, waiting };
}

test('those that come while the first one waits are told with it', (t) => {
  const { gathered, told, waiting } = gathering();
  gathered.add(presence('A'));
  gathered.add(presence('B'));
  t.deepEqual([...waiting.values()], [GATHER_MS]);
  for (const run of waiting.keys()) run();
  t.deepEqual(told, ['A+B']);
  gathered.flush();
  t.deepEqual(told, ['A+B']);
});

test('what cannot wait goes after them, at once', (t) => {
  const { gathered, told, waiting } = gathering();
  gathered.add(presence('A'));
  gathered.pass(bye);
  t.deepEqual(told, ['A', 'bye']);
  t.is(waiting.size, 0);
});

test('after the end nothing is told', (t) => {
  const { gathered, told, waiting } = gathering();
  gathered.add(presence('A'));
  gathered.end();
  gathered.flush();
  t.deepEqual([told.length, waiting.size], [0, 0]);
});
