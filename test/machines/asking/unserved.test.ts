/** Whether a room is told that the internet reaches none of its members. */
import test from 'ava';
import type { Nat } from '../../../machines/messages.ts';
import { unservedNotes } from '../../../machines/negotiation/unserved.ts';
import { type Member, NO_PROFILE } from '../../../machines/view.ts';
import { stream } from '../members.ts';

const memberOf = (
  id: string,
  nat: Nat,
  cut: readonly string[] = [],
  outside = `203.0.113.${id.charCodeAt(0)}`,
): Member => ({
  ...NO_PROFILE,
  ...{ id, name: '', epoch: 1, software: 'rpr', version: '1', compatible: true, key: null },
  ...{ media: { host: '10.0.0.1', port: 5000 }, streams: [stream(id)], uploadBps: 1, usableBps: 1, lendBps: 1 },
  ...{ nat, cut: [...cut], outside },
});

/** What A is told when `D` gets nothing of its camera. */
function told(members: readonly Member[], why: 'no-relay' | 'no-upload' = 'no-relay') {
  const view = { self: 'A', members: new Map(members.map((member) => [member.id, member])) };
  const pair = { source: 'A', stream: 'camera', receiver: 'D', why };
  return unservedNotes(view, new Map(), new Map([['camera', [pair]]])).map((command) =>
    command.do === 'note' ? command.entry : command,
  );
}

const A = memberOf('A', 'symmetric', ['D']);
const D = memberOf('D', 'symmetric', ['A']);
const CLOSED = { type: 'pairs.unserved', stream: 'camera', receivers: ['D'], unreachable: ['D'] };

test('two who refuse each other, and nobody open', (t) => {
  t.deepEqual(told([A, D]), [{ ...CLOSED, noneOpen: true }]);
  t.deepEqual(told([A, D, memberOf('B', 'cone', ['A', 'D'])]), [{ ...CLOSED, noneOpen: true }]);
});

test('a member of the internet is open, and one that a symmetric NAT gets through to', (t) => {
  t.deepEqual(told([A, D, memberOf('B', 'none')]), [CLOSED]);
  t.deepEqual(told([A, D, memberOf('B', 'cone', ['D'])]), [CLOSED]);
});

test('two behind one router reach each other without being open', (t) => {
  t.deepEqual(told([A, D, memberOf('B', 'symmetric', ['D'], A.outside ?? '')]), [{ ...CLOSED, noneOpen: true }]);
});

test('who is reached over a TURN server is not open', (t) => {
  const B = memberOf('B', 'cone', ['D']);
  t.deepEqual(told([A, D, { ...B, costly: ['A'] }]), [{ ...CLOSED, noneOpen: true }]);
  t.deepEqual(told([{ ...A, costly: ['B'] }, D, B]), [{ ...CLOSED, noneOpen: true }]);
});

test('of a stream that is gone nothing is said, and of one that is served again it is', (t) => {
  const view = { self: 'A', members: new Map([A, D].map((member) => [member.id, member])) };
  const pair = { source: 'A', receiver: 'D', why: 'no-upload' } as const;
  const lacking = new Map(['camera', 'screen'].map((stream) => [stream, [{ ...pair, stream }]]));
  t.deepEqual(unservedNotes(view, lacking, new Map()), [
    { do: 'note', entry: { type: 'pairs.unserved', stream: 'camera', receivers: [] } },
  ]);
});

test('where upload is missing it is no matter', (t) => {
  t.deepEqual(told([A, D], 'no-upload'), [{ type: 'pairs.unserved', stream: 'camera', receivers: ['D'] }]);
});
