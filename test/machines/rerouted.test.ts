/** Signaling tells apart what everybody must look at from what only planning wants to know. */
import test from 'ava';
import type { Body } from '../../machines/messages.ts';
import { alone } from './harness.ts';
import { capabilities } from './members.ts';
import { SIGNALING } from './terrains.ts';

const AT_REST: Body<'presence'> = {
  ...capabilities('B'),
  ...{ uploadBps: 9e6, usableBps: 9e6, lendBps: 9e6, leaving: false, routes: [], promisedBps: 0 },
};

/** What the parent hears of a presence of B that differs so from the one before. */
function toldOf(change: Partial<Body<'presence'>>): string[] {
  const { send, told } = alone(SIGNALING);
  const presence = (seq: number, body: Body<'presence'>) =>
    send({ type: 'message', message: { kind: 'presence', from: 'B', epoch: 1, seq, body } });
  send({ type: 'claim.free' });
  presence(1, AT_REST);
  told.splice(0);
  presence(2, { ...AT_REST, ...change });
  return told.map(({ type }) => type);
}

test('a presence that says nothing new is a sign of life, and no more', (t) => {
  t.deepEqual(toldOf({}), ['member.heard']);
});

test('how a member sends and what it promises changes nothing of who is there', (t) => {
  t.deepEqual(toldOf({ routes: [{ relay: null, slices: 1, receivers: ['A'] }] }), ['member.heard', 'members.rerouted']);
  t.deepEqual(toldOf({ promisedBps: 1e6 }), ['member.heard', 'members.rerouted']);
});

test('what a member has and lends does', (t) => {
  t.deepEqual(toldOf({ uploadBps: 1e6 }), ['member.heard', 'view.changed']);
  t.deepEqual(toldOf({ lendBps: 1e6, promisedBps: 1e6 }), ['member.heard', 'view.changed']);
});
