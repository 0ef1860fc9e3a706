/** All configurations of states that a machine can come to rest in, found by trying every event in each. */
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createEmptyActor,
  type StateValue,
} from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap, getStateNodes } from 'xstate/graph';

/** More configurations than any of our machines has: a walk that goes on for longer is a mistake in its test. */
const LIMIT = 300_000;

export interface Terrain {
  readonly machine: AnyStateMachine;
  readonly input: object;
  /** Every event that may come, complete; those of delays are added. */
  readonly events: readonly AnyEventObject[];
  /** What of the context decides where events lead. */
  readonly keyOf?: (snapshot: AnyMachineSnapshot) => string;
}

/** Takes whatever is sent to it. */
export const NOBODY = createEmptyActor();

/** `planning.settled, lending.balanced` */
export function statesOf(value: StateValue, path = ''): string[] {
  if (typeof value === 'string') return [path + value];
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : statesOf(inner, `${path}${key}.`),
  );
}

export function nameOf(snapshot: AnyMachineSnapshot): string {
  return statesOf(snapshot.value).join(', ');
}

function optionsOf({ machine, input, events, keyOf = () => '' }: Terrain) {
  const delays = getStateNodes(machine.root).flatMap(({ after }) =>
    after.map(({ eventType }) => ({ type: eventType })),
  );
  return {
    input,
    events: [...events, ...delays],
    limit: LIMIT,
    serializeState: (snapshot: AnyMachineSnapshot) => `${nameOf(snapshot)} ${snapshot.status} ${keyOf(snapshot)}`,
  };
}

/** The states that the machine can come to rest in. */
export function reach(terrain: Terrain): ReadonlyMap<string, AnyMachineSnapshot> {
  const reached = new Map<string, AnyMachineSnapshot>();
  for (const { state } of Object.values(getAdjacencyMap(terrain.machine, optionsOf(terrain)))) {
    const name = nameOf(state);
    if (!reached.has(name)) reached.set(name, state);
  }
  return reached;
}

/** The states that nothing leads to. Those that are left at once, whatever happens, are no places to rest in. */
export function unreachable(terrain: Terrain): string[] {
  const reached = new Set([...reach(terrain).values()].flatMap(({ value }) => statesOf(value)));
  return getStateNodes(terrain.machine.root)
    .filter(({ type, always = [] }) => (type === 'atomic' || type === 'final') && !always.some(({ guard }) => !guard))
    .map(({ path }) => path.join('.'))
    .filter((state) => !reached.has(state));
}

/** The configurations from which no event whatever leads to one that is `alive`. */
export function dead(terrain: Terrain, alive: (snapshot: AnyMachineSnapshot) => boolean): string[] {
  const options = optionsOf(terrain);
  const graph = getAdjacencyMap(terrain.machine, options);
  const sources = new Map<string, string[]>();
  for (const { state, nextState } of adjacencyMapToArray(graph)) {
    const to = options.serializeState(nextState);
    sources.set(to, [...(sources.get(to) ?? []), options.serializeState(state)]);
  }
  const saved = new Set<string>();
  const queue = Object.entries(graph).flatMap(([key, { state }]) => (alive(state) ? [key] : []));
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    if (saved.has(key)) continue;
    saved.add(key);
    queue.push(...(sources.get(key) ?? []));
  }
  return Object.keys(graph).filter((key) => !saved.has(key));
}
