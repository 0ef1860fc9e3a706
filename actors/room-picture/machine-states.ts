/** In which states the machines of a peer are, as far as its transitions were heard. Nothing here is believed of other peers. */
import type { Transition } from '../call/inspector.ts';
import type { MachineState } from './contract.ts';

/** A peer of a full room has a session and a pair for each other, and agreements. Beyond that the one that moved first is forgotten. */
const MAX_MACHINES = 1024;
/** A chart shows the newest transitions; these are enough to see what led to where it is. */
const MAX_STEPS = 12;

export type MachineStates = ReadonlyMap<string, MachineState>;

/** The states of a peer's machines after one more transition. A machine that has ended is forgotten. */
export function withTransition(machines: MachineStates, { atMs, machine, ended, ...step }: Transition): MachineStates {
  const { chart, event, from, to } = step;
  const after = new Map(machines);
  const known = machines.get(machine);
  after.delete(machine);
  if (ended) return after;
  // A machine that starts may have the name of one that was.
  const before = event === 'start' || known?.chart !== chart ? undefined : known;
  const left = new Set(from);
  const states = [...new Set([...(before?.states ?? []).filter((state) => !left.has(state)), ...to])];
  const latest = [...(before?.latest ?? []), { atMs, event, from, to }].slice(-MAX_STEPS);
  after.set(machine, { machine, chart, states: states.slice(0, MAX_STATES), latest });
  for (const oldest of after.keys()) {
    if (after.size <= MAX_MACHINES) break;
    after.delete(oldest);
  }
  return after;
}

/** More parallel parts than any chart has. */
const MAX_STATES = 32;
