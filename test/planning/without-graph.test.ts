/** Where everybody reaches everybody plans are what they were before the planner knew of graphs, to the last bit. */
import { createHash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { type PlanInput, type PlanRoute, planRoom } from '../../machines/plan.ts';
import { anyRoom, homeRoom, joinedOneByOne, seededRandom, voicedRoom } from './rooms.ts';

/** SHA-256 of the plans of all rooms of {@link hashOfPlans}, as the planner without graphs made them. */
const BEFORE = 'e3e0aa1acd1c4a377d88d1cd1faec5c6a0f619021650d4fcca308bae5fa910c7';

function hashOfPlans(): string {
  const hash = createHash('sha256');
  const add = (input: PlanInput): readonly PlanRoute[] => {
    const plan = planRoom(input);
    hash.update(JSON.stringify(plan));
    return plan.routes;
  };
  for (const size of [3, 5, 8, 12, 20]) {
    const random = seededRandom(size);
    for (let run = 0; run < 5; run += 1) add(homeRoom(random, size));
    add(joinedOneByOne(voicedRoom(random, Math.min(size, 12))));
  }
  let inForce: readonly PlanRoute[] = [];
  for (const room of fc.sample(anyRoom, { seed: 5, numRuns: 200 })) inForce = add({ ...room, inForce });
  return hash.digest('hex');
}

/** Each room is planned around what ran in the one before. */
function samePlans(t: ExecutionContext, withGraph: (input: PlanInput) => PlanInput): void {
  let inForce: readonly PlanRoute[] = [];
  for (const any of fc.sample(anyRoom, { seed: 5, numRuns: 50 })) {
    const room = { ...any, inForce };
    const plan = planRoom(room);
    t.deepEqual(planRoom(withGraph(room)), plan);
    inForce = plan.routes;
  }
}

test('with no graph at all', (t) => {
  t.is(hashOfPlans(), BEFORE);
});

test('with an empty one', (t) => {
  samePlans(t, (input) => ({ ...input, cut: [], costly: [] }));
});

test('with pairs that are none: of one with itself, and with peers that are not there', (t) => {
  const id = ({ peers }: PlanInput): string => peers[0]?.id ?? '';
  const none = (input: PlanInput): NonNullable<PlanInput['cut']> => [
    [id(input), id(input)],
    [id(input), 'gone'],
  ];
  samePlans(t, (input) => ({ ...input, cut: none(input), costly: none(input) }));
});
