/** A presence that repeats the one before is news where a session message has described its sender otherwise since. */
import test from 'ava';
import { encodeMessage, type Incoming } from '../../machines/messages.ts';
import { capabilities } from '../machines/members.ts';
import { HeldPresences } from './held-presences.ts';

const from = { from: 'B', epoch: 1, seq: 1 };
const upload = { uploadBps: 9e6, usableBps: 9e6, lendBps: 0, leaving: false, routes: [], promisedBps: 0 };
const presence: Incoming = { kind: 'presence', ...from, body: { ...capabilities('B'), ...upload } };
const answer: Incoming = { kind: 'answer', ...from, body: capabilities('B') };

test('a presence after an answer reaches the machines, and the next one that says the same does not', (t) => {
  const held = new HeldPresences(0);
  const takes = (message: Incoming, seq: number) => !held.holdsBack(message, encodeMessage(message, 1, seq), seq * 100);
  t.deepEqual([takes(presence, 1), takes(presence, 2)], [true, false]);
  t.deepEqual([takes(answer, 3), takes(presence, 4), takes(presence, 5)], [true, true, false]);
});
