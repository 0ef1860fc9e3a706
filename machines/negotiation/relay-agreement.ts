/**
 * An agreement as its relay sees it: offered, in force, given notice, over. It owns the agreement's time (hold, lease,
 * notice); what it promises stands in the relay's ledger, which its parent owns.
 */
import { assign, sendTo, setup } from 'xstate';
import type { PeerId, ReleaseReason } from '../messages.ts';
import { bus, type Port, publish } from '../ports.ts';
import { DELAYS } from '../timers.ts';

/** What its parent hears. */
export type RelayAgreementNews =
  /** Nobody accepted the amendment: the terms before it stay in force. */
  | { readonly type: 'amendment.lapsed'; readonly agreement: string }
  /** No renewal came. The parent answers with `proven` or `end`. */
  | { readonly type: 'lease.expired'; readonly agreement: string }
  | { readonly type: 'relaying.over'; readonly agreement: string; readonly reason: ReleaseReason };

export type RelayAgreementEvent =
  /** An offer went out: of the first terms, or of an amendment. */
  | { readonly type: 'offered' }
  /** The client accepted. `amends`: what was offered last is in force now; else it renews what was. */
  | { readonly type: 'accepted'; readonly amends: boolean }
  /** The client's media proves that it is there: the lease goes on, and is judged again soon. */
  | { readonly type: 'proven' }
  /** Forward for this long still (ms), then end. The client is told. */
  | { readonly type: 'notice'; readonly reason: ReleaseReason; readonly noticeMs: number }
  | { readonly type: 'end'; readonly reason: ReleaseReason; readonly tellClient: boolean };

export interface RelayAgreementInput {
  readonly id: string;
  readonly client: PeerId;
  readonly parent: Port<RelayAgreementNews>;
}

interface Context extends RelayAgreementInput {
  readonly noticeMs: number;
  readonly reason: ReleaseReason;
}

const machineSetup = setup({
  types: {
    context: {} as Context,
    events: {} as RelayAgreementEvent,
    input: {} as RelayAgreementInput,
  },
  delays: { ...DELAYS, notice: ({ context }) => context.noticeMs },
  guards: {
    amends: (_, params: { amends: boolean }) => params.amends,
    tellsClient: (_, params: { tellClient: boolean }) => params.tellClient,
  },
  actions: {
    takeReason: assign({ reason: (_, params: { reason: ReleaseReason }) => params.reason }),
    takeNotice: assign({
      reason: (_, params: { reason: ReleaseReason; noticeMs: number }) => params.reason,
      noticeMs: (_, params) => params.noticeMs,
    }),
    tellClient: sendTo(bus, ({ context: { id, client, reason } }, params: { noticeMs: number }) =>
      publish(client, { kind: 'relay.release', body: { agreement: id, reason, noticeMs: params.noticeMs } }),
    ),
    tellNotice: sendTo(bus, ({ context: { id, client, reason, noticeMs } }) =>
      publish(client, { kind: 'relay.release', body: { agreement: id, reason, noticeMs } }),
    ),
    tellAmendmentLapsed: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'amendment.lapsed', agreement: context.id }),
    ),
    tellLeaseExpired: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'lease.expired', agreement: context.id }),
    ),
    tellOver: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'relaying.over', agreement: context.id, reason: context.reason }),
    ),
  },
});

export const relayAgreementMachine = machineSetup.createMachine({
  id: 'relayAgreement',
  context: ({ input }) => ({ ...input, noticeMs: 0, reason: 'lease.expired' }),
  initial: 'offered',
  on: {
    end: [
      {
        guard: { type: 'tellsClient', params: ({ event }) => event },
        target: '.over',
        actions: [
          { type: 'takeReason', params: ({ event }) => event },
          { type: 'tellClient', params: { noticeMs: 0 } },
        ],
      },
      { target: '.over', actions: { type: 'takeReason', params: ({ event }) => event } },
    ],
  },
  states: {
    offered: {
      description: 'Reserved and ready to forward, not yet accepted.',
      after: { offerHold: { target: 'over', actions: { type: 'tellClient', params: { noticeMs: 0 } } } },
      on: {
        offered: { target: 'offered', reenter: true },
        accepted: 'inForce',
        notice: { target: 'noticed', actions: { type: 'takeNotice', params: ({ event }) => event } },
      },
    },
    inForce: {
      type: 'parallel',
      on: { notice: { target: 'noticed', actions: { type: 'takeNotice', params: ({ event }) => event } } },
      states: {
        lease: {
          initial: 'held',
          on: { accepted: '.held' },
          states: {
            held: { after: { lease: 'expired' } },
            expired: { entry: 'tellLeaseExpired', on: { proven: 'proven' } },
            proven: {
              description: 'No renewal, but media: the bus may have failed. The client may have let go unheard.',
              after: { leaseRenewal: 'expired' },
            },
          },
        },
        amendment: {
          initial: 'none',
          states: {
            none: { on: { offered: 'offered' } },
            offered: {
              after: { offerHold: { target: 'none', actions: 'tellAmendmentLapsed' } },
              on: {
                offered: { target: 'offered', reenter: true },
                accepted: { guard: { type: 'amends', params: ({ event }) => event }, target: 'none' },
              },
            },
          },
        },
      },
    },
    noticed: {
      description: 'Still forwards, so that the client can move first. Another notice does not make it longer.',
      entry: 'tellNotice',
      after: { notice: { target: 'over', actions: { type: 'tellClient', params: { noticeMs: 0 } } } },
      // The client asks for so much less that it can stay.
      on: { offered: { target: ['inForce.lease.held', 'inForce.amendment.offered'] } },
    },
    over: { type: 'final', entry: 'tellOver' },
  },
});
