/**
 * The signaling relation with one other peer: asking it for what it has not told, and finding out which of two processes of its
 * id is the one that lives. At rest it has no timer.
 */
import { assign, sendTo, setup } from 'xstate';
import type { PeerId } from '../messages.ts';
import type { Port } from '../ports.ts';
import { DELAYS } from '../timers.ts';

/** What its parent hears. */
export type SessionNews =
  /** Time to ask the peer (again) to describe itself. */
  | { readonly type: 'session.asks'; readonly peer: PeerId }
  /** It does not answer. */
  | { readonly type: 'session.fruitless'; readonly peer: PeerId }
  /** The process that we know it by is gone: another one speaks under its id, which started earlier by its clock. */
  | { readonly type: 'session.disproved'; readonly peer: PeerId };

export type SessionEvent =
  /** We have what it says of itself. */
  | { readonly type: 'described' }
  /** It says that its profile is another than the one that we have. */
  | { readonly type: 'lacks' }
  /** A message of an earlier epoch than the one that we know it by. */
  | { readonly type: 'contested' }
  /** A message of the epoch that we know it by. */
  | { readonly type: 'upheld' };

export interface SessionInput {
  readonly peer: PeerId;
  /** `coming`: its profile is on its way, to be asked for where it does not come; `lacking`: to be asked for at once. */
  readonly description: 'known' | 'coming' | 'lacking';
  readonly parent: Port<SessionNews>;
}

interface Context extends SessionInput {
  /** How often it has been asked since it last described itself. */
  readonly asked: number;
}

/** After that only its next beat starts the asking again. */
const MOST_ASKED = 4;

const machineSetup = setup({
  types: { context: {} as Context, events: {} as SessionEvent, input: {} as SessionInput },
  delays: {
    ...DELAYS,
    inviteRetry: ({ context }) => DELAYS.inviteRetry * 2 ** Math.max(0, context.asked - 1),
  },
  guards: {
    isKnown: ({ context }) => context.description === 'known',
    isComing: ({ context }) => context.description === 'coming',
    mayAskAgain: ({ context }) => context.asked < MOST_ASKED,
  },
  actions: {
    ask: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'session.asks', peer: context.peer }),
    ),
    count: assign({ asked: ({ context }) => context.asked + 1 }),
    countAnew: assign({ asked: 0 }),
    tellFruitless: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'session.fruitless', peer: context.peer }),
    ),
    tellDisproved: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'session.disproved', peer: context.peer }),
    ),
  },
});

export const sessionMachine = machineSetup.createMachine({
  id: 'session',
  context: ({ input }) => ({ ...input, asked: 0 }),
  type: 'parallel',
  states: {
    description: {
      initial: 'start',
      on: { described: { target: '.known', actions: 'countAnew' } },
      states: {
        start: {
          always: [
            { guard: 'isKnown', target: 'known' },
            { guard: 'isComing', target: 'coming' },
            { target: 'asking' },
          ],
        },
        coming: { after: { inviteRetry: 'asking' } },
        asking: {
          entry: ['ask', 'count'],
          after: {
            inviteRetry: [
              { guard: 'mayAskAgain', target: 'asking', reenter: true },
              { target: 'known', actions: ['countAnew', 'tellFruitless'] },
            ],
          },
        },
        known: { description: 'As far as it tells.', on: { lacks: 'asking' } },
      },
    },
    epoch: {
      initial: 'sure',
      states: {
        sure: { on: { contested: 'doubted' } },
        doubted: {
          description: 'Whichever of the two lives answers.',
          entry: 'ask',
          on: { upheld: 'sure' },
          after: { contestPatience: 'disputed' },
        },
        disputed: {
          description: 'The one that we know has said nothing.',
          entry: 'ask',
          on: { upheld: 'sure', contested: { target: 'sure', actions: 'tellDisproved' } },
          after: { contestPatience: 'sure' },
        },
      },
    },
  },
});
