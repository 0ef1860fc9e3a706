/** Who is told which of our addresses, and when. */
import test from 'ava';
import type { AnyEventObject } from 'xstate';
import type { Candidate, Incoming } from '../../machines/messages.ts';
import { candidatesFor, mayBeBeside, type OwnAddresses } from '../../machines/pairs/candidates.ts';
import { pairsMachine } from '../../machines/pairs/pairs.ts';
import { DELAYS } from '../../machines/timers.ts';
import { type View, withMember } from '../../machines/view.ts';
import { alone } from '../machines/harness.ts';
import { member, viewOf } from '../machines/members.ts';
import { NOBODY } from '../machines/walk.ts';

const KEY = 'k'.repeat(43);
const OUTSIDE = '203.0.113.1';
const PRIVATE: Candidate = { kind: 'host', host: '192.168.1.2', port: 5000 };
const PUBLIC: Candidate = { kind: 'reflexive', host: OUTSIDE, port: 5000 };
const OWN: OwnAddresses = {
  candidates: [
    { ...PRIVATE, isPrivate: true },
    { ...PUBLIC, isPrivate: false },
  ],
  ...{ outside: OUTSIDE, nat: 'cone', outsideIs: 'known' },
};

test('private addresses go to those whom the internet sees at our own address, and to nobody else', (t) => {
  t.deepEqual(candidatesFor(OWN, OUTSIDE), [PRIVATE, PUBLIC]);
  t.deepEqual(candidatesFor(OWN, '203.0.113.2'), [PUBLIC]);
  t.deepEqual(candidatesFor(OWN, null), [PUBLIC]);
});

test('while we do not know our own address, they go to nobody who knows theirs; where nobody can tell us, to everybody', (t) => {
  const beside = (outsideIs: OwnAddresses['outsideIs'], theirs: string | null) =>
    mayBeBeside({ ...OWN, outside: null, outsideIs }, theirs);
  t.deepEqual([beside('asking', null), beside('asking', OUTSIDE)], [false, false]);
  t.deepEqual([beside('hidden', null), beside('hidden', OUTSIDE)], [false, false]);
  t.deepEqual([beside('untold', null), beside('untold', OUTSIDE)], [true, false]);
  t.deepEqual([beside('alone', null), beside('alone', OUTSIDE)], [true, true]);
});

const SELF = member('A', { key: KEY, outside: OUTSIDE, nat: 'cone' });
const B = member('B', { key: KEY });

function peerIn(view: View) {
  const harness = alone({ machine: pairsMachine, input: { view, parent: NOBODY }, events: [] });
  const told = () => harness.published.splice(0).map(({ to, message }) => `${message.kind} ${to}`);
  return { ...harness, toldNow: told };
}

const own = (change: Partial<OwnAddresses> = {}): AnyEventObject => ({ type: 'candidates.own', ...OWN, ...change });
const opened = (peer: string): AnyEventObject => ({ type: 'pair.opened', peer, to: PUBLIC, kind: 'host', rttMs: 1 });
const TOLD_B = ['pair.candidates B'];

test('nobody is told anything before we know where we are; then everybody who answers checks is', (t) => {
  const plain = [member('C', { key: null }), member('D', { key: KEY, compatible: false })];
  const { send, toldNow } = peerIn(viewOf(SELF, B, ...plain));
  t.deepEqual(toldNow(), []);
  send(own());
  t.deepEqual(toldNow(), TOLD_B);
});

test('a member that comes is told, one that is here is not told again', (t) => {
  const { send, toldNow } = peerIn(viewOf(SELF, B));
  send(own());
  toldNow();
  send({ type: 'view.changed', view: viewOf(SELF, B, member('C', { key: KEY })) });
  t.deepEqual(toldNow(), ['pair.candidates C']);
  send({
    type: 'view.changed',
    view: viewOf(SELF, member('B', { key: KEY, uploadBps: 1 }), member('C', { key: KEY })),
  });
  t.deepEqual(toldNow(), []);
});

test('a new process of a member is told; so is one that turns out to be beside us, and what it is told are more addresses', (t) => {
  const { send, published, toldNow } = peerIn(viewOf(SELF, B));
  send(own());
  toldNow();
  send({ type: 'view.changed', view: viewOf(SELF, member('B', { key: KEY, epoch: 2 })) });
  t.deepEqual(toldNow(), TOLD_B);
  send({ type: 'view.changed', view: viewOf(SELF, member('B', { key: KEY, epoch: 2, outside: OUTSIDE })) });
  const [{ message } = { message: undefined }] = published;
  t.deepEqual(message?.body, { generation: 1, candidates: [PRIVATE, PUBLIC] });
});

test('when our addresses change all are told, under a higher generation; when what a member may know is the same, it is not', (t) => {
  const { send, published, toldNow } = peerIn(viewOf(SELF, B));
  send(own());
  toldNow();
  send(own({ candidates: [{ ...PUBLIC, isPrivate: false }] }));
  t.deepEqual(toldNow(), []);
  send(own({ candidates: [{ ...PUBLIC, port: 6000, isPrivate: false }] }));
  const [{ message } = { message: undefined }] = published;
  t.deepEqual(message?.body, { generation: 3, candidates: [{ ...PUBLIC, port: 6000 }] });
});

test('while there is no way, a member is told again after 1 s, and then ever more seldom: the message may be lost', (t) => {
  const { send, clock, toldNow } = peerIn(viewOf(SELF, B));
  send(own());
  toldNow();
  const seconds: number[] = [];
  for (let second = 1; second <= 300; second += 1) {
    clock.runUntil(second * DELAYS.candidatesAgain);
    if (toldNow().length > 0) seconds.push(second);
  }
  t.deepEqual(seconds.slice(0, 6), [1, 3, 7, 15, 31, 63]);
  t.is((seconds.at(-1) ?? 0) - (seconds.at(-2) ?? 0), DELAYS.checkSlowest / 1000);
});

test('a member whose answer is late is told at once, also a member that is spared the message else', (t) => {
  const { send, toldNow } = peerIn(viewOf(member('A', { ...SELF, epoch: 2 }), member('B', { key: KEY, nat: 'none' })));
  send(own());
  t.deepEqual(toldNow(), [], 'our check tells it where we are');
  send({ type: 'pair.late', peer: 'B' });
  t.deepEqual(toldNow(), TOLD_B);
});

test('one whose own address nobody is to learn tells where it may be tried at once: its checks do not come from there', (t) => {
  const { send, toldNow } = peerIn(viewOf(member('A', { ...SELF, outside: null, epoch: 2 }), B));
  send(own({ outside: null, outsideIs: 'hidden' }));
  t.deepEqual(toldNow(), TOLD_B);
});

test('once a way leads to it, it is told no more; once it is cut, it is again', (t) => {
  const { send, clock, state, toldNow } = peerIn(viewOf(SELF, B));
  send(own());
  send(opened('B'));
  toldNow();
  t.is(state(), 'resting');
  clock.runUntil(100_000);
  t.deepEqual(toldNow(), []);
  send({ type: 'pair.cut', peer: 'B', reason: 'unanswered' });
  clock.runUntil(100_000 + DELAYS.candidatesAgain);
  t.deepEqual(toldNow(), TOLD_B);
});

test('what was told since the bus was last there may be lost with it: it is told again when the bus is back, and once', (t) => {
  const { send, toldNow } = peerIn(viewOf(SELF, B));
  send(own());
  send(opened('B'));
  toldNow();
  send({ type: 'bus.connected' });
  t.deepEqual(toldNow(), TOLD_B);
  send({ type: 'bus.connected' });
  t.deepEqual(toldNow(), [], 'nothing has changed since');
});

test('the room is told whom we reach over a TURN server only, as long as that is so', (t) => {
  const { send, told } = peerIn(viewOf(SELF, B));
  send(own());
  told.length = 0;
  /** What the room is told last; then that is so. */
  const costlyIs = (...costly: string[]) => {
    send({ type: 'view.changed', view: viewOf(member('A', { ...SELF, costly }), B) });
    return told.splice(0).findLast(({ type }) => type === 'profile.changed')?.change.costly;
  };
  send({ ...opened('B'), kind: 'relayed' });
  t.deepEqual(costlyIs('B'), ['B']);
  send({ ...opened('B'), kind: 'reflexive' });
  t.deepEqual(costlyIs(), []);
  send({ ...opened('B'), kind: 'relayed' });
  costlyIs('B');
  send({ type: 'pair.cut', peer: 'B', reason: 'unanswered' });
  t.deepEqual(costlyIs(), [], 'no way is no costly one');
});

test('what members name goes to the transport, if it is they who name it', (t) => {
  const { send, commands } = peerIn(viewOf(SELF, B));
  const body = { generation: 1, candidates: [PUBLIC] };
  const message = (from: string, epoch: number) => ({ kind: 'pair.candidates', from, epoch, seq: 1, body }) as Incoming;
  for (const [from, epoch] of [
    ['B', 1],
    ['B', 2],
    ['X', 1],
  ] as const)
    send({ type: 'message', message: message(from, epoch) });
  t.deepEqual(commands, [{ type: 'transport.candidates', peer: 'B', ...body }]);
});

test('who is cut is told to the room with our profile, until there is a way', (t) => {
  const { send, told } = peerIn(viewOf(SELF, B));
  send(own());
  t.deepEqual(told, [], 'the room knows where we are');
  send({ type: 'pair.cut', peer: 'B', reason: 'nat' });
  const cutOf = () => told.filter(({ type }) => type === 'profile.changed').map(({ change }) => change.cut);
  t.deepEqual(cutOf(), [['B']]);
  const view = withMember(viewOf(SELF, B), { ...SELF, cut: ['B'] });
  send({ type: 'view.changed', view });
  send(opened('B'));
  t.deepEqual(cutOf(), [['B'], []]);
});

test('a pair of a process that is gone is not open, and not cut', (t) => {
  const { send, told } = peerIn(viewOf(SELF, B));
  send(own());
  send(opened('B'));
  const reached = () => told.filter(({ type }) => type === 'pairs.reached').map(({ peers }) => [...peers.keys()]);
  t.deepEqual(reached(), [['B']]);
  send({ type: 'view.changed', view: viewOf(SELF, member('B', { key: KEY, epoch: 2 })) });
  t.deepEqual(reached(), [['B'], []]);
});

test('news of a pair with nobody is no news', (t) => {
  const { send, told } = peerIn(viewOf(SELF, B));
  send(own());
  send(opened('X'));
  send({ type: 'pair.cut', peer: 'X', reason: 'nat' });
  t.deepEqual(told, []);
});
