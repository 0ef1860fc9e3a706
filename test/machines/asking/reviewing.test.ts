/** When a peer looks whether the plan has changed while others' sources move to it. */
import test from 'ava';
import type { RouteInfo } from '../../../machines/messages.ts';
import { DELAYS } from '../../../machines/timers.ts';
import type { Member } from '../../../machines/view.ts';
import { alone } from '../harness.ts';
import { member, sending, viewOf } from '../members.ts';
import { NEGOTIATION } from '../terrains.ts';

const { planReview, planReviewLatest, shortfallRetry } = DELAYS;

/** One copy is all that A can send. */
const POOR = sending('A', 1, 1);
const route = (slices: number): RouteInfo => ({ stream: 'camera', relay: null, slices, receivers: ['A'] });

function room() {
  const harness = alone(NEGOTIATION);
  const elapse = (ms: number) => harness.clock.runUntil(harness.clock.now() + ms);
  elapse(planReviewLatest);
  return {
    ...harness,
    elapse,
    isStill: () => harness.state().includes('still'),
    reroute: (...others: readonly Member[]) =>
      harness.send({ type: 'members.rerouted', view: viewOf(POOR, ...others) }),
  };
}

test('once all are still for a while', (t) => {
  const { reroute, elapse, isStill } = room();
  reroute(member('B', { routes: [route(1)] }), member('C'));
  elapse(planReview - 1);
  reroute(member('B', { routes: [route(3)] }), member('C'));
  elapse(planReview - 1);
  t.false(isStill());
  elapse(1);
  t.true(isStill());
});

test('at which rates they send, and what they have promised, puts it off for nobody', (t) => {
  const { reroute, elapse, isStill } = room();
  reroute(member('B', { routes: [route(1)] }), member('C'));
  elapse(planReview - 1);
  reroute(member('B', { routes: [route(1)], promisedBps: 1 }), member('C', { promisedBps: 2 }));
  elapse(1);
  t.true(isStill());
  reroute(member('B', { routes: [route(1)], promisedBps: 3 }), member('C'));
  t.true(isStill());
});

test('one that never comes to rest does not put it off for ever', (t) => {
  const { reroute, elapse, isStill } = room();
  const stepMs = planReview / 2;
  let sinceMs = 0;
  for (let step = 1; sinceMs + stepMs < planReviewLatest; step += 1) {
    reroute(member('B', { routes: [route(step)] }), member('C'));
    elapse(stepMs);
    sinceMs += stepMs;
    t.false(isStill());
  }
  elapse(planReviewLatest - sinceMs);
  t.true(isStill());
});

test('one that relays do not grant what it wants plans anew from what it knows by then', (t) => {
  const { reroute, elapse, send, published } = room();
  const requested = () => published.filter(({ message: { kind } }) => kind === 'relay.request').map(({ to }) => to);
  send({ type: 'view.changed', view: viewOf(POOR, sending('B', 1, 6), member('C', { lendBps: 0 })) });
  elapse(DELAYS.planSettle);
  t.deepEqual(requested(), ['B']);
  send({ type: 'agreement.refused', relay: 'B', code: 'capacity.exhausted' });
  reroute(member('B', { lendBps: 0 }), sending('C', 1, 6));
  elapse(shortfallRetry);
  t.true(requested().includes('C'));
});

test('one that changes every 10 ms what it can do puts the plan off for nobody', (t) => {
  const { elapse, send, published } = room();
  send({ type: 'view.changed', view: viewOf(POOR, sending('B', 1, 6), member('C', { lendBps: 0 })) });
  const stepMs = 10;
  let passedMs = 0;
  for (let lendBps = 1; passedMs < DELAYS.planSettle; lendBps += 1) {
    t.false(published.some(({ message }) => message.kind === 'relay.request'));
    elapse(Math.min(stepMs, DELAYS.planSettle - passedMs));
    passedMs += stepMs;
    send({ type: 'view.changed', view: viewOf(POOR, sending('B', 1, 6), member('C', { lendBps })) });
  }
  t.deepEqual(
    published.filter(({ message }) => message.kind === 'relay.request').map(({ to }) => to),
    ['B'],
  );
});

for (const [how, stepMs] of [
  ['once all are still', planReview],
  ['at the latest', planReview - 1],
] as const) {
  test(`what it finds it can do by itself it does at once: ${how}`, (t) => {
    const { elapse, send, told } = room();
    const served = () => {
      const own = told.filter(({ type }) => type === 'routes.own').at(-1);
      return own === undefined ? [] : [...(own.streams.get('camera')?.keys() ?? [])].sort();
    };
    t.deepEqual(served(), []);
    for (let elapsedMs = 0, slices = 1; elapsedMs < planReviewLatest; elapsedMs += stepMs, slices += 1) {
      const others = [member('B', { routes: [route(slices)] }), member('C')];
      if (slices === 1 || how === 'at the latest')
        send({ type: 'members.rerouted', view: viewOf(sending('A', 1, 6), ...others) });
      elapse(stepMs);
    }
    t.deepEqual(served(), ['B', 'C']);
  });
}

test('who is not served is noted, once, and that all are again', (t) => {
  const { elapse, send, notes } = room();
  const unserved = () => notes.filter(({ type }) => type === 'pairs.unserved');
  const others = [member('B', { lendBps: 0 }), member('C', { lendBps: 0 })];
  notes.splice(0);
  send({ type: 'view.changed', view: viewOf(sending('A', 1, 6), ...others) });
  elapse(planReviewLatest);
  const before = unserved().length;
  for (let time = 0; time < 2; time++) {
    send({ type: 'view.changed', view: viewOf(POOR, ...others) });
    elapse(planReviewLatest);
  }
  t.deepEqual(unserved().slice(before), [{ type: 'pairs.unserved', stream: 'camera', receivers: ['C'] }]);
  send({ type: 'view.changed', view: viewOf(sending('A', 1, 6), ...others) });
  elapse(planReviewLatest);
  t.deepEqual(unserved().at(-1), { type: 'pairs.unserved', stream: 'camera', receivers: [] });
});
