/**
 * What `--inspect` wires: transitions to whoever listens, and answers to whoever asks. A watcher asks all or one, by
 * `rpr.v2.<room>.<watcher>.<all or peer>.inspect.ask`: how all machines are, told as transitions to it alone, or what one of them
 * remembers, told by `inspect.context`.
 */
import type { InspectionEvent } from 'xstate';
import { z } from 'zod';
import { Allowance, type Limit } from '../../machines/hearing/allowance.ts';
import type { PeerId } from '../../machines/messages.ts';
import { ALL, parseSubject, subjectOf } from '../../machines/subjects.ts';
import type { RoomWire } from '../bus/sealing/room-wire.ts';
import { contextText } from './context-text.ts';
import { INSPECT_KIND, Inspector } from './inspector.ts';

/** The last tokens of the subjects. */
export const ASK_KIND = `${INSPECT_KIND}.ask`;
export const CONTEXT_KIND = `${INSPECT_KIND}.context`;

const machineName = z.string().max(160);
/** Null: how all machines are. */
const askSchema = z.object({ machine: machineName.nullable() });
export type InspectAsk = z.infer<typeof askSchema>;

export const contextSchema = z.object({
  machine: machineName,
  /** JSON, or what is left of it where it is long; null: there is no such machine. */
  context: z.string().max(20_000).nullable(),
});
export type InspectContext = z.infer<typeof contextSchema>;

/** A person clicks; a program that asks more often takes time from the call. */
const ASKS: Limit = { burst: 20, perSecond: 5 };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The observer for the root machine of this peer. It answers until the connection is closed. */
export function inspection(
  { room, id }: { readonly room: string; readonly id: PeerId },
  wire: RoomWire,
): (event: InspectionEvent) => void {
  const tell = (to: string, kind: string, text: string) =>
    void wire.publish(subjectOf({ room, from: id, to, kind }), encoder.encode(text));
  let hearer: string = ALL;
  const inspector = new Inspector({ publish: (line) => tell(hearer, INSPECT_KIND, line), now: Date.now });
  const asks = new Allowance(ASKS);
  const answer = (subject: string, bytes: Uint8Array) => {
    const watcher = parseSubject(subject)?.from;
    const ask = readAsk(decoder.decode(bytes));
    if (watcher === undefined || ask === undefined || !asks.take(1, performance.now())) return;
    if (ask.machine !== null) {
      const context = contextText(inspector.contextOf(ask.machine));
      const told: InspectContext = { machine: ask.machine, context };
      tell(watcher, CONTEXT_KIND, JSON.stringify(told));
      return;
    }
    hearer = watcher;
    inspector.tellAll();
    hearer = ALL;
  };
  for (const to of [id, ALL]) wire.subscribe(subjectOf({ room, from: '*', to, kind: ASK_KIND }), answer);
  return inspector.observe;
}

function readAsk(text: string): InspectAsk | undefined {
  try {
    return askSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
