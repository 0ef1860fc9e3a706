/**
 * What `--inspect` wires: the transitions of a peer's machines as JSON lines, for `npm run inspect` or any other watcher
 * on the subject `rpr.v2.<room>.<id>.all.inspect`. It costs nothing where it is not asked for.
 */
import { type InspectionEvent, isMachineSnapshot, type StateValue } from 'xstate';
import { z } from 'zod';

/** The last token of the subject. No message of the protocol: peers ignore it. */
export const INSPECT_KIND = 'inspect';
/** A machine in a loop must not fill the bus. A join in a room of twenty takes some two hundred a second. */
const MAX_LINES_PER_SECOND = 1000;
/** Longer names are cut. The longest are agreements' ids, of up to 96 characters. */
const MAX_NAME = 160;
const AFTER = 'xstate.after.';
const NOW = 'now';

/** What a terminal can show without doing what it says. */
const printable = z
  .string()
  .max(MAX_NAME)
  .regex(/^[\x20-\x7e]*$/);
const states = z.array(printable).max(32);

/** One transition of one machine. Only what changed is named: a machine of several parallel parts tells of those that moved. */
export const transitionSchema = z.object({
  atMs: z.number().min(0).max(8.64e15).describe('when, in ms since 1970 by the clock of the peer'),
  machine: printable.describe('which machine of the peer, e.g. session.B'),
  chart: printable.describe('the chart it runs, as in CHARTS.md'),
  event: printable.describe(
    'the event; start and stop stand for the begin and the end of the machine, now for how it is',
  ),
  from: states.describe('states left, as dotted paths'),
  to: states.describe('states entered'),
  ended: z.literal(true).optional().describe('the machine has come to its end'),
  skipped: z.int().min(0).optional().describe('transitions before this one that were too many to be told'),
});

export type Transition = z.infer<typeof transitionSchema>;

export interface InspectorOptions {
  /** Takes one line of JSON, of 12 kB at most. */
  readonly publish: (text: string) => void;
  /** The wall clock, ms since 1970. */
  readonly now: () => number;
}

/** One machine as it was seen last. */
interface Seen {
  readonly machine: string;
  readonly chart: string;
  readonly states: readonly string[];
  readonly context: unknown;
}

/** Publishes each transition of a machine and of its children, and knows how each of them is. */
export class Inspector {
  readonly #options: InspectorOptions;
  readonly #seen = new Map<object, Seen>();
  readonly #budget = new LineBudget();

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  /** For `createActor(machine, { inspect })`. */
  readonly observe = (inspected: InspectionEvent): void => {
    // Microsteps rather than snapshots: a state that is passed through at once is of interest too.
    const begins = inspected.type === '@xstate.snapshot' && inspected.event.type === 'xstate.init';
    if (!begins && inspected.type !== '@xstate.microstep') return;
    const { actorRef, event, snapshot, rootId } = inspected;
    if (!isMachineSnapshot(snapshot)) return;
    const before = this.#seen.get(actorRef)?.states ?? [];
    const after = snapshot.status === 'stopped' ? [] : leavesOf(snapshot.value);
    const chart = snapshot.machine.id;
    const machine = actorRef.sessionId === rootId ? chart : nameOf(actorRef, chart);
    const isOver = snapshot.status !== 'active';
    if (isOver) this.#seen.delete(actorRef);
    else this.#seen.set(actorRef, { machine, chart, states: after, context: snapshot.context });
    const from = before.filter((state) => !after.includes(state));
    const to = after.filter((state) => !before.includes(state));
    if (from.length === 0 && to.length === 0) return;
    this.#tell({ machine, chart, event: eventName(event.type), from, to, ...(isOver && { ended: true }) });
  };

  /** How all machines are now, each as a transition from nothing by the event `now`: for whoever has not heard what led there. */
  tellAll(): void {
    for (const { machine, chart, states } of this.#seen.values())
      this.#tell({ machine, chart, event: NOW, from: [], to: [...states] });
  }

  /** What a machine remembers; undefined where there is none of this name. */
  contextOf(machine: string): unknown {
    return [...this.#seen.values()].find((seen) => seen.machine === machine)?.context;
  }

  #tell(what: Omit<Transition, 'atMs' | 'skipped'>): void {
    const atMs = this.#options.now();
    const skipped = this.#budget.take(atMs);
    if (skipped === undefined) return;
    const transition: Transition = { atMs, ...what };
    this.#options.publish(JSON.stringify(skipped === 0 ? transition : { ...transition, skipped }));
  }
}

/** The transition that a line tells, or undefined where it is none. */
export function parseTransition(text: string): Transition | undefined {
  try {
    return transitionSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** How many lines may still go out in this second. */
class LineBudget {
  #secondMs = 0;
  #spent = 0;
  #skipped = 0;

  /** How many were skipped before this line, or undefined where it is to be skipped too. */
  take(nowMs: number): number | undefined {
    if (Math.abs(nowMs - this.#secondMs) >= 1000) {
      this.#secondMs = nowMs;
      this.#spent = 0;
    }
    if (this.#spent >= MAX_LINES_PER_SECOND) {
      this.#skipped += 1;
      return undefined;
    }
    this.#spent += 1;
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }
}

function leavesOf(value: StateValue, path = ''): string[] {
  if (typeof value === 'string') return [`${path}${value}`];
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : isEmpty(inner) ? [`${path}${key}`] : leavesOf(inner, `${path}${key}.`),
  );
}

/** A region without states of its own. */
function isEmpty(value: StateValue): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function nameOf(actorRef: object, fallback: string): string {
  return 'id' in actorRef && typeof actorRef.id === 'string' ? actorRef.id.slice(0, MAX_NAME) : fallback;
}

/** XState's own names, in the words of the charts. */
function eventName(type: string): string {
  if (type === 'xstate.init') return 'start';
  if (type === 'xstate.stop') return 'stop';
  if (type.startsWith(AFTER)) return `after ${type.slice(AFTER.length).split('.')[0] ?? ''}`;
  return type.slice(0, MAX_NAME);
}
