/** A peer that distrusts a relay goes round it by what the others leave: they do not know, and carry out the plan of all. */
import test from 'ava';
import { type Failing, planFor } from '../../../machines/room-plan.ts';
import type { Member } from '../../../machines/view.ts';
import { member, RATE_BPS, stream, viewOf, voice } from '../members.ts';

const upload = (mbit: number) => ({ uploadBps: mbit * RATE_BPS, usableBps: mbit * RATE_BPS, lendBps: mbit * RATE_BPS });
const poor = member('A', upload(1));
const doubts = (distrusted: Record<string, Failing> = {}) => ({
  silent: new Set<string>(),
  distrusted: new Map(Object.entries(distrusted)),
});
const relaysOf = (plan: ReturnType<typeof planFor>) =>
  [...new Set(plan.routes.flatMap(({ relay }) => (relay === null ? [] : [relay])))].sort();

test('without doubts the own part is that of the plan of all', (t) => {
  const plan = planFor(viewOf(poor, member('B', upload(8)), member('C', upload(2))), doubts(), []);
  t.deepEqual(relaysOf(plan), ['B']);
});

test('a distrusted relay is gone round where others have upload to spare', (t) => {
  const view = viewOf(poor, member('B', upload(8)), member('C', upload(3)));
  const plan = planFor(view, doubts({ B: 'other' }), []);
  t.deepEqual(relaysOf(plan), ['C']);
  t.deepEqual(plan.unserved, []);
});

test('all that another lends and nobody uses yet is counted on, to the last bit', (t) => {
  const view = viewOf(poor, member('B', upload(8)), member('C', { ...upload(3), lendBps: RATE_BPS }));
  const plan = planFor(view, doubts({ B: 'other' }), []);
  t.deepEqual(relaysOf(plan), ['C']);
  t.deepEqual(plan.unserved, []);
});

test('what the others need for themselves is not counted on', (t) => {
  const view = viewOf(poor, member('B', upload(8)), member('C', upload(2)));
  const plan = planFor(view, doubts({ B: 'other' }), []);
  t.deepEqual(relaysOf(plan), []);
  t.is(plan.unserved.length, 1);
});

test('where nobody else has any, one that only fell silent and is heard again is better than none', (t) => {
  const view = viewOf(poor, member('B', upload(8)), member('C', upload(2)));
  const plan = planFor(view, doubts({ B: 'silent' }), []);
  t.deepEqual(relaysOf(plan), ['B']);
  t.deepEqual(plan.unserved, []);
  const withChoice = planFor(viewOf(poor, member('B', upload(8)), member('C', upload(3))), doubts({ B: 'silent' }), []);
  t.deepEqual(relaysOf(withChoice), ['C']);
});

test('one that is about to leave is neither relay nor receiver', (t) => {
  const view = viewOf(poor, member('B', { ...upload(8), leaving: true }), member('C', upload(3)));
  const plan = planFor(view, doubts(), []);
  t.deepEqual(relaysOf(plan), []);
  t.deepEqual(
    plan.routes.map(({ receivers }) => receivers),
    [['C']],
  );
});

test('one whose media path is silent is no relay and sent no video; it may hear us, and gets the voices that it wants', (t) => {
  const speaking = { ...member('A', upload(2)), streams: [stream('A'), voice('A')] };
  const others = [member('C', upload(3)), member('D', { ...upload(3), streams: [voice('D')] })];
  const wantsOf = (wants: Member['wants']) => {
    const view = viewOf(speaking, member('B', { ...upload(8), wants }), ...others);
    const { routes } = planFor(view, { ...doubts(), silent: new Set(['B']) }, []);
    return routes.flatMap(({ stream, relay, receivers }) => (receivers.includes('B') ? [[stream, relay]] : []));
  };
  t.deepEqual(wantsOf('all'), [['voice', null]]);
  t.deepEqual(wantsOf([{ source: 'A' }]), [['voice', null]]);
  t.deepEqual(wantsOf([{ source: 'A', stream: 'camera' }]), []);
  t.deepEqual(wantsOf([{ source: 'D' }]), []);
});
