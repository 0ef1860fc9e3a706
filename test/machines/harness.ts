/** One machine alone, in virtual time, with whatever it says noted down. */
import { type AnyEventObject, createActor, fromCallback, setup } from 'xstate';
import type { Kind, Outgoing, PeerId } from '../../machines/messages.ts';
import { VirtualClock } from '../simulation/world/clock.ts';
import { nameOf, type Terrain } from './walk.ts';

export interface Harness {
  readonly clock: VirtualClock;
  /** What its parent has heard, in order. */
  readonly told: AnyEventObject[];
  /** What went to the bus. */
  readonly published: { readonly to: PeerId; readonly message: Outgoing }[];
  /** What went to the transport. */
  readonly commands: AnyEventObject[];
  /** What went to the journal. */
  readonly notes: AnyEventObject[];
  readonly send: (event: AnyEventObject) => void;
  readonly state: () => string;
  /** Of each of these, whether it goes by the media path, too. */
  readonly hurried: readonly boolean[];
  /** The kinds of what was published, in order. */
  readonly kinds: () => Kind[];
}

/** Runs the machine as a child whose parent, bus, transport and journal are ours. */
export function alone({ machine, input }: Terrain): Harness {
  const clock = new VirtualClock();
  const told: AnyEventObject[] = [];
  const hurried: boolean[] = [];
  const published: { to: PeerId; message: Outgoing }[] = [];
  const notes: AnyEventObject[] = [];
  const commands: AnyEventObject[] = [];
  const transport = fromCallback<AnyEventObject>(({ receive }) => receive((event) => commands.push(event)));
  const journal = fromCallback<AnyEventObject>(({ receive }) => receive((event) => notes.push(event)));
  const bus = fromCallback<AnyEventObject>(({ receive }) => {
    receive((event) => {
      if (event.type !== 'bus.publish') return;
      published.push({ to: event.to, message: event.message });
      hurried.push(event.urgent === true);
    });
  });
  const parent = setup({ actors: { subject: machine, bus, transport, journal } }).createMachine({
    invoke: [
      { src: 'bus', systemId: 'bus' },
      { src: 'transport', systemId: 'transport' },
      { src: 'journal', systemId: 'journal' },
      { src: 'subject', id: 'subject', input: ({ self }: { self: unknown }) => ({ ...input, parent: self }) },
    ],
    on: { '*': { actions: ({ event }) => void (event.type.startsWith('xstate.') || told.push(event)) } },
  });
  const actor = createActor(parent, { clock }).start();
  const { subject } = actor.getSnapshot().children;
  if (subject === undefined) throw new Error('the machine did not start');
  return {
    clock,
    told,
    published,
    hurried,
    commands,
    notes,
    send: (event) => subject.send(event),
    state: () => nameOf(subject.getSnapshot()),
    kinds: () => published.map(({ message }) => message.kind),
  };
}
