/** A machine as plain data, read from its own definition: what the diagrams and tables are made of. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** Where a state is: its keys from the root down. The root itself is the empty path. */
export type StatePath = readonly string[];

export interface ChartState {
  readonly path: StatePath;
  readonly type: AnyStateNode['type'];
  readonly description: string | undefined;
  /** Key of the child it starts in; of compound states only. */
  readonly initial: string | undefined;
  readonly entry: readonly string[];
  readonly states: readonly ChartState[];
}

export interface ChartTransition {
  readonly source: StatePath;
  /** Null: it acts and stays. */
  readonly target: StatePath | null;
  /** An event, `after NAME (MS ms)`, or `at once`. */
  readonly trigger: string;
  readonly guard: string | undefined;
  readonly actions: readonly string[];
}

export interface ChartChild {
  readonly name: string;
  /** Runs as long as the state that invokes it; else it is spawned and stopped by actions. */
  readonly invoked: boolean;
}

export interface Chart {
  readonly id: string;
  readonly root: ChartState;
  readonly transitions: readonly ChartTransition[];
  readonly children: readonly ChartChild[];
}

/** Reads a machine's chart. Its states, transitions and children come in the order of the definition. */
export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = withDescendants(machine.root);
  const invoked = nodes.flatMap((node) => node.invoke.map(({ src }) => String(src)));
  const spawned = Object.keys(machine.implementations.actors ?? {}).filter((name) => !invoked.includes(name));
  return {
    id: machine.id,
    root: stateOf(machine.root),
    transitions: nodes.flatMap((node) => transitionsOf(node, machine)),
    children: [
      ...invoked.map((name) => ({ name, invoked: true })),
      ...spawned.map((name) => ({ name, invoked: false })),
    ],
  };
}

function withDescendants(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(withDescendants)];
}

function stateOf(node: AnyStateNode): ChartState {
  return {
    path: node.path,
    type: node.type,
    description: node.description,
    initial: node.type === 'compound' ? node.initial.target[0]?.key : undefined,
    entry: namesOf(node.config.entry),
    states: Object.values(node.states).map(stateOf),
  };
}

function transitionsOf(node: AnyStateNode, machine: AnyStateMachine): ChartTransition[] {
  const onEvents = [...node.transitions]
    // XState's own events: what `after` raises is listed under its delay's name instead.
    .filter(([event]) => !event.startsWith('xstate.'))
    .flatMap(([event, candidates]) => candidates.map((candidate) => ({ candidate, trigger: event })));
  const delayed = node.after.map((candidate) => ({ candidate, trigger: delayOf(candidate.delay, machine) }));
  const immediate = (node.always ?? []).map((candidate) => ({ candidate, trigger: 'at once' }));
  return [...immediate, ...onEvents, ...delayed].map(({ candidate, trigger }) => ({
    source: node.path,
    target: targetOf(candidate),
    trigger,
    guard: candidate.guard === undefined ? undefined : namesOf(candidate.guard)[0],
    actions: namesOf(candidate.actions),
  }));
}

function targetOf({ target }: AnyTransitionDefinition): StatePath | null {
  return target?.[0]?.path ?? null;
}

function delayOf(delay: unknown, { implementations }: AnyStateMachine): string {
  if (typeof delay !== 'string') throw new Error('a delay without a name cannot be documented: name it in `setup`');
  const ms: unknown = implementations.delays?.[delay];
  return typeof ms === 'number' ? `after ${delay} (${ms} ms)` : `after ${delay} (varies)`;
}

/** The names of actions or guards, each with the parameters that the definition itself fixes: `release(reason: lost)`. */
function namesOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(namesOf);
  if (typeof value === 'string') return [value];
  if (typeof value === 'object' && 'type' in value) {
    return [`${String(value.type)}${'params' in value ? fixedParams(value.params) : ''}`];
  }
  throw new Error('an action or guard without a name cannot be documented: name it in `setup`');
}

function fixedParams(params: unknown): string {
  if (typeof params !== 'object' || params === null) return '';
  return `(${Object.entries(params)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ')})`;
}
