/**
 * An agreement as its client sees it: asked for, in force, amended, ended. One of these runs for each relay of the own
 * source. It owns the terms asked for and their revision; the ledger that counts is the relay's.
 */
import { assign, sendTo, setup } from 'xstate';
import type { AddressedLeg, Body, Leg, PeerId, RejectCode, ReleaseReason } from '../messages.ts';
import { type AgreementState, bus, type JournalEntry, journal, type Port, publish } from '../ports.ts';
import { sliceCount } from '../slices.ts';
import { DELAYS } from '../timers.ts';

/** What a client asks of a relay: these legs of this source at this rate (bit/s, whole source). */
export interface Terms {
  readonly ssrc: number;
  readonly rateBps: number;
  readonly legs: readonly AddressedLeg[];
}

/** What its parent hears. `refused`: the terms last asked for are not granted, those in force stay. */
export type ClientAgreementNews =
  | {
      readonly type: 'agreement.granted';
      readonly relay: PeerId;
      readonly legs: readonly Leg[];
      readonly rateBps: number;
    }
  | { readonly type: 'agreement.refused'; readonly relay: PeerId; readonly code: RejectCode | 'timeout' }
  | { readonly type: 'agreement.noticed'; readonly relay: PeerId; readonly reason: ReleaseReason }
  | { readonly type: 'agreement.over'; readonly relay: PeerId; readonly agreement: string };

export type ClientAgreementEvent =
  | { readonly type: 'terms'; readonly terms: Terms }
  | { readonly type: 'relay.offer'; readonly body: Body<'relay.offer'> }
  | { readonly type: 'relay.reject'; readonly body: Body<'relay.reject'> }
  | { readonly type: 'relay.release'; readonly body: Body<'relay.release'> }
  | { readonly type: 'relay.confirmed' }
  | { readonly type: 'relay.silent' }
  | { readonly type: 'end'; readonly reason: ReleaseReason };

export interface ClientAgreementInput {
  readonly id: string;
  readonly relay: PeerId;
  readonly terms: Terms;
  readonly parent: Port<ClientAgreementNews>;
}

interface Context extends ClientAgreementInput {
  /** Of the terms last asked for. */
  readonly revision: number;
  /** Of the terms in force; 0: none yet. */
  readonly inForce: number;
  readonly granted: readonly Leg[];
}

function slicesIn(legs: readonly Leg[]): number {
  return legs.reduce((sum, { slices }) => sum + sliceCount(slices), 0);
}

const machineSetup = setup({
  types: {
    context: {} as Context,
    events: {} as ClientAgreementEvent,
    input: {} as ClientAgreementInput,
  },
  delays: DELAYS,
  guards: {
    ofThisRevision: ({ context }, params: { revision: number }) => params.revision === context.revision,
    /** The relay could grant more of what was asked for last than it did at first. Offers of one revision only grow. */
    isMore: ({ context }, { revision, legs }: Body<'relay.offer'>) =>
      revision === context.revision && slicesIn(legs) > slicesIn(context.granted),
    refusesInForce: ({ context }, params: { code: RejectCode; revision: number }) =>
      params.code === 'agreement.unknown' && params.revision >= context.inForce,
    isFinal: (_, params: { noticeMs: number }) => params.noticeMs === 0,
  },
  actions: {
    takeTerms: assign({
      terms: (_, params: { terms: Terms }) => params.terms,
      revision: ({ context }) => context.revision + 1,
    }),
    takeOffer: assign({
      inForce: (_, params: Body<'relay.offer'>) => params.revision,
      granted: (_, params) => params.legs,
    }),
    request: sendTo(bus, ({ context: { id, relay, revision, terms } }) =>
      publish(relay, { kind: 'relay.request', body: { agreement: id, revision, ...terms, legs: [...terms.legs] } }),
    ),
    accept: sendTo(bus, ({ context: { id, relay, inForce } }) =>
      publish(relay, { kind: 'relay.accept', body: { agreement: id, revision: inForce } }),
    ),
    release: sendTo(bus, ({ context: { id, relay } }, params: { reason: ReleaseReason }) =>
      publish(relay, { kind: 'relay.release', body: { agreement: id, reason: params.reason, noticeMs: 0 } }),
    ),
    tellGranted: sendTo(
      ({ context }) => context.parent,
      ({ context: { relay, terms, granted } }) => ({
        type: 'agreement.granted',
        relay,
        legs: granted,
        rateBps: terms.rateBps,
      }),
    ),
    tellRefused: sendTo(
      ({ context }) => context.parent,
      ({ context: { relay } }, params: { code: RejectCode | 'timeout' }) => ({
        type: 'agreement.refused',
        relay,
        code: params.code,
      }),
    ),
    tellNoticed: sendTo(
      ({ context }) => context.parent,
      ({ context: { relay } }, params: { reason: ReleaseReason }) => ({
        type: 'agreement.noticed',
        relay,
        reason: params.reason,
      }),
    ),
    tellOver: sendTo(
      ({ context }) => context.parent,
      ({ context: { relay, id } }) => ({ type: 'agreement.over', relay, agreement: id }),
    ),
    note: sendTo(
      journal,
      ({ context: { id, relay, granted } }, params: { state: AgreementState; reason?: string }): JournalEntry => ({
        type: 'agreement.changed',
        agreement: id,
        role: 'client',
        peer: relay,
        legs: granted,
        ...params,
      }),
    ),
  },
});

export const clientAgreementMachine = machineSetup.createMachine({
  id: 'clientAgreement',
  context: ({ input }) => ({ ...input, revision: 1, inForce: 0, granted: [] }),
  initial: 'requesting',
  on: {
    end: {
      target: '.ended',
      actions: [
        { type: 'release', params: ({ event }) => ({ reason: event.reason }) },
        { type: 'note', params: ({ event }) => ({ state: 'ended', reason: event.reason }) },
      ],
    },
  },
  states: {
    requesting: {
      description: 'No terms are in force yet.',
      initial: 'asking',
      states: {
        asking: { entry: 'request', after: { requestRetry: { target: 'asking', reenter: true } } },
      },
      after: {
        requestTimeout: { target: 'over', actions: [{ type: 'tellRefused', params: { code: 'timeout' } }] },
      },
      on: {
        terms: { target: 'requesting', reenter: true, actions: { type: 'takeTerms', params: ({ event }) => event } },
        'relay.offer': {
          guard: { type: 'ofThisRevision', params: ({ event }) => event.body },
          target: 'inForce.confirming',
          actions: [
            { type: 'takeOffer', params: ({ event }) => event.body },
            'tellGranted',
            { type: 'note', params: { state: 'active' } },
          ],
        },
        'relay.reject': {
          guard: { type: 'ofThisRevision', params: ({ event }) => event.body },
          target: 'over',
          actions: [
            { type: 'tellRefused', params: ({ event }) => event.body },
            { type: 'note', params: ({ event }) => ({ state: 'refused', reason: event.body.code }) },
          ],
        },
        'relay.release': 'over',
      },
    },
    inForce: {
      description: 'The relay forwards. Its reports prove it; accepts renew the lease.',
      initial: 'steady',
      states: {
        confirming: {
          entry: 'accept',
          after: { acceptRetry: { target: 'confirming', reenter: true } },
          on: { 'relay.confirmed': 'steady' },
        },
        steady: {
          after: { leaseRenewal: { target: 'steady', reenter: true, actions: 'accept' } },
        },
        amending: {
          initial: 'asking',
          states: {
            asking: { entry: 'request', after: { requestRetry: { target: 'asking', reenter: true } } },
          },
          after: {
            requestTimeout: { target: 'steady', actions: [{ type: 'tellRefused', params: { code: 'timeout' } }] },
          },
          on: {
            'relay.offer': {
              guard: { type: 'ofThisRevision', params: ({ event }) => event.body },
              target: 'steady',
              actions: [
                { type: 'takeOffer', params: ({ event }) => event.body },
                'accept',
                'tellGranted',
                { type: 'note', params: { state: 'active' } },
              ],
            },
          },
        },
      },
      on: {
        'relay.offer': {
          guard: { type: 'isMore', params: ({ event }) => event.body },
          actions: [
            { type: 'takeOffer', params: ({ event }) => event.body },
            'accept',
            'tellGranted',
            { type: 'note', params: { state: 'active' } },
          ],
        },
        terms: { target: '.amending', reenter: true, actions: { type: 'takeTerms', params: ({ event }) => event } },
        'relay.reject': [
          {
            guard: { type: 'refusesInForce', params: ({ event }) => event.body },
            target: 'over',
            actions: { type: 'note', params: { state: 'lost', reason: 'agreement.unknown' } },
          },
          {
            guard: { type: 'ofThisRevision', params: ({ event }) => event.body },
            target: '.steady',
            actions: { type: 'tellRefused', params: ({ event }) => event.body },
          },
        ],
        'relay.release': [
          {
            guard: { type: 'isFinal', params: ({ event }) => event.body },
            target: 'over',
            actions: { type: 'note', params: ({ event }) => ({ state: 'lost', reason: event.body.reason }) },
          },
          {
            actions: [
              { type: 'tellNoticed', params: ({ event }) => event.body },
              { type: 'note', params: ({ event }) => ({ state: 'noticed', reason: event.body.reason }) },
            ],
          },
        ],
        'relay.silent': {
          target: 'over',
          actions: [
            { type: 'release', params: { reason: 'relay.silent' } },
            { type: 'note', params: { state: 'lost', reason: 'relay.silent' } },
          ],
        },
      },
    },
    over: { type: 'final', entry: 'tellOver', description: 'The relay no longer forwards, or never did.' },
    ended: { type: 'final', entry: 'tellOver', description: 'The client let go.' },
  },
});
