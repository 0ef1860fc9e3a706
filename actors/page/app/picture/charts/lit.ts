/** What of a chart is lit: the states that a machine is in, and the transition that led there. Pure. */
import type { MachineState, MachineStep } from '../../../../room-picture/contract.ts';
import type { LaidOutChart } from './layout.ts';

export interface Lit {
  /** Paths of the states, and of all that hold them. */
  readonly states: ReadonlySet<string>;
  /** Its place among the chart's transitions. */
  readonly transition: number | null;
}

export function litOf({ transitions }: LaidOutChart, machine: MachineState | undefined): Lit {
  const states = new Set(machine?.states.flatMap(withHolders));
  const last = machine?.latest.at(-1);
  if (last === undefined) return { states, transition: null };
  const leads = transitions.map(({ from, to }) => isWithin(last.from, from) && isWithin(last.to, to));
  const byEvent = transitions.findIndex(({ label }, place) => leads[place] && label.lines.some(tellsOf(last)));
  // A transition that follows at once has the event of the one before it.
  const place = byEvent >= 0 ? byEvent : leads.indexOf(true);
  return { states, transition: place >= 0 ? place : null };
}

/** `a.b.c`, `a.b`, `a`. */
function withHolders(path: string): string[] {
  const keys = path.split('.');
  return keys.map((_, depth) => keys.slice(0, depth + 1).join('.'));
}

/** One of the states is this one, or inside it; of the root all are. */
function isWithin(states: readonly string[], holder: string): boolean {
  return states.some((state) => holder === '' || state === holder || state.startsWith(`${holder}.`));
}

function tellsOf({ event }: MachineStep): (line: string) => boolean {
  return (line) => line === event || line.startsWith(`${event} `);
}
