/** Signaling tells apart what everybody must look at from what only planning wants to know. */
import test from 'ava';
import type { Member } from '../../../machines/view.ts';
import { alone } from '../harness.ts';
import { member, profile, stream } from '../members.ts';
import { SIGNALING } from '../terrains.ts';

/** What the parent hears of a profile of B that differs so from the one before. */
function toldOf(change: Partial<Member>): string[] {
  const { send, told } = alone(SIGNALING);
  const tell = (number: number, of: Partial<Member>) => {
    const body = profile(member('B', of), number);
    send({ type: 'message', message: { kind: 'profile', from: 'B', epoch: 1, seq: number, body } });
  };
  send({ type: 'claim.free' });
  tell(1, {});
  told.splice(0);
  tell(2, change);
  return told.map(({ type }) => type);
}

test('how a member sends, what it holds and what it promises changes nothing of who is there', (t) => {
  t.deepEqual(toldOf({}), ['members.rerouted'], 'the number of its profile');
  const routes = [{ stream: 'camera', relay: null, slices: 1, receivers: ['A'] }];
  t.deepEqual(toldOf({ routes }), ['members.rerouted']);
  t.deepEqual(toldOf({ agreements: [{ relay: 'A', agreement: 'B.1.1', revision: 1 }] }), ['members.rerouted']);
  t.deepEqual(toldOf({ promisedBps: 1e6 }), ['members.rerouted']);
  t.deepEqual(toldOf({ streams: [stream('B', { rateBps: 7 })] }), ['members.rerouted'], 'what it sends now');
});

test('what a member has, lends, shows and wants does', (t) => {
  t.deepEqual(toldOf({ uploadBps: 1e6 }), ['view.changed']);
  t.deepEqual(toldOf({ lendBps: 1e6, promisedBps: 1e6 }), ['view.changed']);
  t.deepEqual(toldOf({ streams: [stream('B', { maxBps: 7 })] }), ['view.changed']);
  t.deepEqual(toldOf({ streams: [] }), ['view.changed']);
  t.deepEqual(toldOf({ wants: [] }), ['view.changed']);
  t.deepEqual(toldOf({ downloadBps: 1e6 }), ['view.changed']);
});
