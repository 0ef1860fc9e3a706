/** The signaling relation with one other peer, from the first invite to the bye. It owns the session's time. */
import { assign, cancel, raise, sendTo, setup } from 'xstate';
import type { PeerId } from '../messages.ts';
import type { Port } from '../ports.ts';
import { DELAYS } from '../timers.ts';

/** What its parent hears. */
export type SessionNews =
  /** Time to invite the peer (again). */
  | { readonly type: 'session.invites'; readonly peer: PeerId }
  /** Nothing came from it over the bus for `memberTimeout`; repeated while that lasts. */
  | { readonly type: 'session.unheard'; readonly peer: PeerId };

export type SessionEvent =
  /** The peer answered, or invited us: both sides have each other's capabilities. */
  | { readonly type: 'established' }
  /** Any message of its that keeps the session: presence, or a repeated invite. `agoMs`: how long ago, if not just now. */
  | { readonly type: 'heard'; readonly agoMs?: number }
  /** To itself: nothing came for `memberTimeout`. */
  | { readonly type: 'unheard' }
  | { readonly type: 'end' };

export interface SessionInput {
  readonly peer: PeerId;
  /** False: we know it from its presence only and must invite it. */
  readonly established: boolean;
  readonly parent: Port<SessionNews>;
}

interface Context extends SessionInput {
  /** How often the peer has been invited. */
  readonly invited: number;
}

/** Who does not answer in a busy room has more to do than it can: the retry delay doubles this often at most. */
const MOST_DOUBLINGS = 3;

const machineSetup = setup({
  types: { context: {} as Context, events: {} as SessionEvent, input: {} as SessionInput },
  delays: {
    ...DELAYS,
    inviteRetry: ({ context }) => DELAYS.inviteRetry * 2 ** Math.min(context.invited - 1, MOST_DOUBLINGS),
    memberTimeout: ({ event }) => DELAYS.memberTimeout - ((event.type === 'heard' && event.agoMs) || 0),
  },
  guards: { isEstablished: ({ context }) => context.established },
  actions: {
    tellInvite: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'session.invites', peer: context.peer }),
    ),
    countInvite: assign({ invited: ({ context }) => context.invited + 1 }),
    tellUnheard: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'session.unheard', peer: context.peer }),
    ),
    stopListening: cancel('unheard'),
    listen: raise({ type: 'unheard' }, { id: 'unheard', delay: 'memberTimeout' }),
  },
});

// The silence of a peer is a delayed event, not a region of its own: every presence in the room restarts it.
export const sessionMachine = machineSetup.createMachine({
  id: 'session',
  context: ({ input }) => ({ ...input, invited: 0 }),
  entry: 'listen',
  initial: 'start',
  on: {
    heard: { actions: ['stopListening', 'listen'] },
    established: { target: '.established', actions: ['stopListening', 'listen'] },
    unheard: {
      description: 'Only the media path can prove the peer now; the parent decides.',
      actions: ['tellUnheard', 'listen'],
    },
    end: '.ended',
  },
  states: {
    start: { always: [{ guard: 'isEstablished', target: 'established' }, { target: 'inviting' }] },
    inviting: {
      entry: ['tellInvite', 'countInvite'],
      after: { inviteRetry: { target: 'inviting', reenter: true } },
    },
    established: {},
    ended: { type: 'final' },
  },
});
