/** Members say whom they can't reach, and each plans around it: over a member that reaches both, or it says that there is none. */
import test from 'ava';
import { plan } from '../../../machines/negotiation/asking.ts';
import { planFor } from '../../../machines/room-plan.ts';
import { freshNegotiation } from '../fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';

const NO_DOUBTS = { silent: new Set<string>(), distrusted: new Map() };
const waysOf = (plan: ReturnType<typeof planFor>) =>
  plan.routes.map(({ relay, receivers }) => [relay, receivers.join(' ')]);

const apart = { A: member('A', { cut: ['B'] }), B: member('B', { cut: ['A'] }), R: member('R') };

test('two that cannot reach each other meet over one who reaches both', (t) => {
  const plan = planFor(viewOf(apart.A, apart.B, apart.R), NO_DOUBTS, []);
  t.deepEqual(waysOf(plan), [['R', 'B']]);
  t.deepEqual(plan.unserved, []);
});

test('one of the two is enough to say so', (t) => {
  const A = member('A');
  t.deepEqual(waysOf(planFor(viewOf(A, apart.B, apart.R), NO_DOUBTS, [])), [['R', 'B']]);
  t.deepEqual(waysOf(planFor(viewOf(apart.A, member('B'), apart.R), NO_DOUBTS, [])), [['R', 'B']]);
});

test('IPv4-only and IPv6-only members are bridged by the one who has both', (t) => {
  const four = ['A', 'B'];
  const six = ['X', 'Y'];
  const members = [
    ...four.map((id) => member(id, { cut: six })),
    ...six.map((id) => member(id, { cut: four })),
    // Four cameras of its own and eight for others.
    member('R', { usableBps: 12 * RATE_BPS, lendBps: 12 * RATE_BPS }),
  ];
  for (const self of members) {
    const plan = planFor(viewOf(self, ...members.filter((other) => other !== self)), NO_DOUBTS, []);
    t.deepEqual(plan.unserved, []);
    const bridged = plan.routes.flatMap(({ relay, receivers }) => (relay === 'R' ? receivers : []));
    t.deepEqual([...bridged].sort(), [...self.cut]);
  }
});

test('a relay that is not relied on is not gone round where nobody else reaches both', (t) => {
  const view = viewOf(apart.A, apart.B, apart.R, member('S', { cut: ['B'] }));
  const plan = planFor(view, { ...NO_DOUBTS, distrusted: new Map([['R', 'other' as const]]) }, []);
  t.deepEqual(
    plan.unserved.map(({ receiver }) => receiver),
    ['B'],
  );
  t.false(plan.routes.some(({ receivers }) => receivers.includes('B')));
});

test('who is reached over a TURN server only is served by one who reaches both, whoever of the two says so', (t) => {
  const [A, B] = [member('A', { costly: ['B'] }), member('B', { costly: ['A'] })];
  for (const [a, b] of [
    [A, B],
    [A, member('B')],
    [member('A'), B],
  ] as const) {
    t.deepEqual(waysOf(planFor(viewOf(a, b, apart.R), NO_DOUBTS, [])), [['R', 'B']]);
    t.deepEqual(waysOf(planFor(viewOf(a, b), NO_DOUBTS, [])), [[null, 'B']]);
  }
});

test('a cut from somebody who is not there means nothing', (t) => {
  const plan = planFor(viewOf(member('A', { cut: ['Z'] }), member('B')), NO_DOUBTS, []);
  t.deepEqual(waysOf(plan), [[null, 'B']]);
});

test('where nobody bridges, the journal hears whom we do not reach', (t) => {
  const context = freshNegotiation(viewOf(apart.A, apart.B));
  const notes = plan(context).commands?.flatMap((command) => (command.do === 'note' ? [command.entry] : []));
  t.deepEqual(notes, [
    { type: 'pairs.unserved', stream: 'camera', receivers: ['B'], unreachable: ['B'], noneOpen: true },
  ]);
});
