/** Running a machine's table: what each event does in each state. */
import { type AnyEventObject, type AnyMachineSnapshot, transition } from 'xstate';
import { getStateNodes } from 'xstate/graph';
import type { Paths, Via } from '../../machines/forwarding/paths.ts';
import { reach, statesOf, type Terrain } from './walk.ts';

/** The event is taken, and the state stays. */
export const STAYS = 'stays';
/** By state and event, where the machine goes, or {@link STAYS}. An event that is not named does nothing at all. */
export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What the machine's `transition` does in every state that it can rest in before its end. */
export function tableOf(terrain: Terrain): Table {
  const delays = getStateNodes(terrain.machine.root).flatMap(({ after }) =>
    after.map(({ eventType }) => ({ type: eventType })),
  );
  const events = [...terrain.events, ...delays];
  const rows = [...reach(terrain).values()]
    .filter(({ status }) => status === 'active')
    .map((snapshot) => [shortName(snapshot), rowOf(terrain, snapshot, events)]);
  return Object.fromEntries(rows);
}

function rowOf({ machine }: Terrain, snapshot: AnyMachineSnapshot, events: readonly AnyEventObject[]) {
  const row: Record<string, string> = {};
  for (const event of events) {
    const [next, actions] = transition(machine, snapshot, event);
    const before = shortName(snapshot);
    const after = shortName(next);
    if (after !== before) row[labelOf(event)] = after;
    else if (actions.length > 0 || next.context !== snapshot.context) row[labelOf(event)] = STAYS;
  }
  return row;
}

/** Of parallel parts, the innermost keys. */
function shortName({ value }: AnyMachineSnapshot): string {
  const states = statesOf(value);
  return states.length === 1 ? states.join() : states.map((state) => state.split('.').at(-1)).join(' + ');
}

/** The event's type, and what tells it from others of its type. */
function labelOf({ type, body = {}, is, streams }: AnyEventObject): string {
  const [, after, delay] = type.split('.');
  if (type.startsWith('xstate.after.')) return `${after} ${delay}`;
  const details = [
    body.revision === undefined ? '' : ` of revision ${body.revision}`,
    body.code === undefined ? '' : `: ${body.code}`,
    body.noticeMs === undefined ? '' : body.noticeMs === 0 ? ' now' : ' with notice',
    is === undefined ? '' : is ? ' now' : ' no more',
    streams instanceof Map ? JSON.stringify([...streams.values()].flatMap(viasOf)) : '',
  ];
  return `${type}${details.join('')}`;
}

function viasOf(paths: Paths): Via[][] {
  return [...paths.values()].map((ways) => [...ways.keys()]);
}
