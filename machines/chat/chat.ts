/**
 * What people write to each other: a message goes to all or to one member, once. NATS core delivers at most once, so one may be lost,
 * and nobody asks for it again: whoever misses an answer asks the person. A copy is told from what is new by its envelope's number.
 * Nothing that was said is kept here.
 */
import { assign, sendTo, setup } from 'xstate';
import type { PeerId } from '../messages.ts';
import { bus, type Chat, journal, publish } from '../ports.ts';
import { isCurrent, type View } from '../view.ts';

export type ChatEvent =
  | { readonly type: 'view.changed'; readonly view: View }
  /** A message of somebody; `alone`: to us and to nobody else. */
  | { readonly type: 'bus.chat'; readonly message: Chat; readonly alone: boolean }
  /** Something of ours. */
  | { readonly type: 'chat.say'; readonly to: PeerId | 'all'; readonly text: string };

interface Context {
  readonly view: View;
  /** Of each member, what was heard last. */
  readonly heard: ReadonlyMap<PeerId, Pick<Chat, 'epoch' | 'seq'>>;
}

const machineSetup = setup({
  types: { context: {} as Context, events: {} as ChatEvent, input: {} as Pick<Context, 'view'> },
  guards: {
    /** Of a member, and later than all that it has said. The bus keeps the order of one sender: what is earlier is a copy. */
    isNew: ({ context: { view, heard } }, { message }: { message: Chat }) => {
      const last = heard.get(message.from);
      return isCurrent(view, message) && (last?.epoch !== message.epoch || message.seq > last.seq);
    },
  },
  actions: {
    takeView: assign(({ context }, { view }: { view: View }) => ({
      view,
      heard: new Map([...context.heard].filter(([peer]) => view.members.has(peer))),
    })),
    note: assign({
      heard: ({ context }, { from, epoch, seq }: Chat) => new Map(context.heard).set(from, { epoch, seq }),
    }),
    tell: sendTo(journal, ({ context }, { message, alone }: { message: Chat; alone: boolean }) => ({
      ...{ type: 'chat.received', peer: message.from, text: message.body.text },
      to: alone ? context.view.self : 'all',
    })),
    say: sendTo(bus, (_, { to, text }: { to: PeerId | 'all'; text: string }) =>
      publish(to, { kind: 'chat', body: { text } }),
    ),
  },
});

export const chatMachine = machineSetup.createMachine({
  id: 'chat',
  context: ({ input }) => ({ ...input, heard: new Map() }),
  initial: 'open',
  states: {
    open: {
      on: {
        'view.changed': { actions: { type: 'takeView', params: ({ event }) => event } },
        'chat.say': { actions: { type: 'say', params: ({ event }) => event } },
        'bus.chat': {
          guard: { type: 'isNew', params: ({ event }) => event },
          actions: [
            { type: 'note', params: ({ event }) => event.message },
            { type: 'tell', params: ({ event }) => event },
          ],
        },
      },
    },
  },
});
