/**
 * An agreement as its relay sees it: granted, held by its client's word, given notice, over. It owns the agreement's time (lease,
 * notice); what it promises stands in the relay's ledger, which its parent owns.
 */
import { assign, sendTo, setup } from 'xstate';
import type { PeerId, ReleaseReason } from '../messages.ts';
import { bus, type Port, publish } from '../ports.ts';
import { DELAYS } from '../timers.ts';

/** What its parent hears. */
export type RelayAgreementNews =
  /** The client's profile does not name what it was granted. The parent answers with `proven` or `end`. */
  | { readonly type: 'lease.expired'; readonly client: PeerId }
  | {
      readonly type: 'relaying.over';
      readonly client: PeerId;
      readonly agreement: string;
      readonly reason: ReleaseReason;
    };

export type RelayAgreementEvent =
  /** Other terms are in force. They run out within `leaseMs` unless the client's profile names them. */
  | { readonly type: 'granted'; readonly leaseMs: number }
  /** Whether the client's profile names the terms in force. */
  | { readonly type: 'listed'; readonly is: boolean }
  /** The client's media proves that it is there, and the bus is away: judged again after another lease. */
  | { readonly type: 'proven' }
  /** Forward for this long still (ms), then end. The client is told. */
  | { readonly type: 'notice'; readonly reason: ReleaseReason; readonly noticeMs: number }
  | { readonly type: 'end'; readonly reason: ReleaseReason; readonly tellClient: boolean };

export interface RelayAgreementInput {
  readonly id: string;
  readonly client: PeerId;
  readonly leaseMs: number;
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
  delays: { ...DELAYS, lease: ({ context }) => context.leaseMs, notice: ({ context }) => context.noticeMs },
  guards: {
    isListed: (_, params: { is: boolean }) => params.is,
    tellsClient: (_, params: { tellClient: boolean }) => params.tellClient,
  },
  actions: {
    takeLease: assign({ leaseMs: (_, params: { leaseMs: number }) => params.leaseMs }),
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
    tellLeaseExpired: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'lease.expired', client: context.client }),
    ),
    tellOver: sendTo(
      ({ context }) => context.parent,
      ({ context: { client, id, reason } }) => ({ type: 'relaying.over', client, agreement: id, reason }),
    ),
  },
});

export const relayAgreementMachine = machineSetup.createMachine({
  id: 'relayAgreement',
  context: ({ input }) => ({ ...input, noticeMs: 0, reason: 'lease.expired' }),
  initial: 'inForce',
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
    inForce: {
      initial: 'unlisted',
      on: {
        granted: { target: '.unlisted', reenter: true, actions: { type: 'takeLease', params: ({ event }) => event } },
        listed: [
          { guard: { type: 'isListed', params: ({ event }) => event }, target: '.listed' },
          { target: '.unlisted' },
        ],
        notice: { target: 'noticed', actions: { type: 'takeNotice', params: ({ event }) => event } },
      },
      states: {
        unlisted: {
          description: 'The client has not told everybody yet that it holds this, or no longer does.',
          after: { lease: 'expired' },
        },
        expired: { entry: 'tellLeaseExpired', on: { proven: 'unlisted' } },
        listed: { description: 'Its beats renew it: as long as the client is a member, it holds this.' },
      },
    },
    noticed: {
      description: 'Still forwards, so that the client can move first. Another notice does not make it longer.',
      entry: 'tellNotice',
      after: { notice: { target: 'over', actions: { type: 'tellClient', params: { noticeMs: 0 } } } },
      on: {
        granted: {
          description: 'The client asks for so much less that it can stay, or nothing more need be reclaimed.',
          target: 'inForce',
          actions: { type: 'takeLease', params: ({ event }) => event },
        },
      },
    },
    over: { type: 'final', entry: 'tellOver' },
  },
});
