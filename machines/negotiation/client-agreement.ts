/**
 * An agreement as its client sees it: asked for, in force, amended, ended. One of these runs for each relay of the own
 * streams. It owns the terms asked for last; the ledger that counts is the relay's.
 */
import { assign, sendTo, setup } from 'xstate';
import type { Body, PeerId, RejectCode, ReleaseReason } from '../messages.ts';
import { type AgreementState, bus, type JournalEntry, journal, type Port, publish } from '../ports.ts';
import { DELAYS } from '../timers.ts';
import { cutTerms, groupsOf, legsOf, sliceCountOf, type Terms } from './legs.ts';

/** What its parent hears. `refused`: the terms last asked for are not granted, those in force stay. */
export type ClientAgreementNews =
  | {
      readonly type: 'agreement.granted';
      readonly relay: PeerId;
      readonly terms: Terms;
      /** Which terms asked for these answer. */
      readonly revision: number;
    }
  | { readonly type: 'agreement.refused'; readonly relay: PeerId; readonly code: RejectCode | 'timeout' }
  | { readonly type: 'agreement.noticed'; readonly relay: PeerId; readonly reason: ReleaseReason }
  | { readonly type: 'agreement.over'; readonly relay: PeerId; readonly agreement: string };

export type ClientAgreementEvent =
  /** Ask for these from now on; revisions grow. */
  | { readonly type: 'terms'; readonly terms: Terms; readonly revision: number; readonly isUrgent?: boolean }
  | { readonly type: 'relay.offer'; readonly body: Body<'relay.offer'> }
  | { readonly type: 'relay.reject'; readonly body: Body<'relay.reject'> }
  | { readonly type: 'relay.release'; readonly body: Body<'relay.release'> }
  | { readonly type: 'relay.silent' }
  | { readonly type: 'end'; readonly reason: ReleaseReason };

export interface ClientAgreementInput {
  readonly id: string;
  readonly relay: PeerId;
  readonly terms: Terms;
  readonly revision: number;
  /** Packets wait for the answer. */
  readonly isUrgent?: boolean;
  readonly parent: Port<ClientAgreementNews>;
}

type TermsAsked = Extract<ClientAgreementEvent, { type: 'terms' }>;

interface Context extends ClientAgreementInput {
  readonly granted: Terms;
}

/** What an offer grants of what was asked for; a relay that says more is not believed. */
function grantedBy({ streams }: Body<'relay.offer'>, asked: Terms): Terms {
  const offered = streams.map(({ stream, legs }) => ({
    stream,
    rateBps: Number.POSITIVE_INFINITY,
    legs: legsOf(legs),
  }));
  return cutTerms(offered, asked);
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
    isMore: ({ context }, offer: Body<'relay.offer'>) =>
      offer.revision === context.revision &&
      sliceCountOf(grantedBy(offer, context.terms)) > sliceCountOf(context.granted),
    isFinal: (_, params: { noticeMs: number }) => params.noticeMs === 0,
  },
  actions: {
    takeTerms: assign(({ context }, { terms, revision, isUrgent = false }: Omit<TermsAsked, 'type'>) => ({
      terms,
      revision,
      isUrgent,
      granted: cutTerms(context.granted, terms),
    })),
    /** The bus has brought no answer: it may be away. */
    hurry: assign({ isUrgent: true }),
    takeOffer: assign({
      granted: ({ context }, offer: Body<'relay.offer'>) => grantedBy(offer, context.terms),
    }),
    request: sendTo(bus, ({ context: { id, relay, revision, terms, isUrgent } }) => {
      const streams = terms.map((of) => ({ ...of, legs: groupsOf(of.legs) }));
      return publish(relay, { kind: 'relay.request', body: { agreement: id, revision, streams } }, isUrgent);
    }),
    release: sendTo(bus, ({ context: { id, relay } }, params: { reason: ReleaseReason }) =>
      publish(relay, { kind: 'relay.release', body: { agreement: id, reason: params.reason, noticeMs: 0 } }),
    ),
    tellGranted: sendTo(
      ({ context }) => context.parent,
      ({ context: { relay, granted, revision } }) => ({ type: 'agreement.granted', relay, terms: granted, revision }),
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
        legs: granted.flatMap(({ stream, legs }) => legs.map((leg) => ({ stream, ...leg }))),
        ...params,
      }),
    ),
  },
});

export const clientAgreementMachine = machineSetup.createMachine({
  id: 'clientAgreement',
  context: ({ input }) => ({ ...input, granted: [] }),
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
        asking: {
          entry: 'request',
          after: { requestRetry: { target: 'asking', reenter: true, actions: 'hurry' } },
        },
      },
      after: {
        requestTimeout: { target: 'over', actions: [{ type: 'tellRefused', params: { code: 'timeout' } }] },
      },
      on: {
        terms: { target: 'requesting', reenter: true, actions: { type: 'takeTerms', params: ({ event }) => event } },
        'relay.offer': {
          guard: { type: 'ofThisRevision', params: ({ event }) => event.body },
          target: 'inForce',
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
      description: 'The relay forwards; its reports prove it. The own profile names the agreement: that is its lease.',
      initial: 'steady',
      states: {
        steady: {},
        amending: {
          initial: 'asking',
          states: {
            asking: {
              entry: 'request',
              after: { requestRetry: { target: 'asking', reenter: true, actions: 'hurry' } },
            },
            unanswered: {
              description:
                'Counted as refused. If it was granted, it is only held once we know, and our profile says so.',
              after: { requestTimeout: { target: 'unanswered', reenter: true, actions: 'request' } },
            },
          },
          after: {
            requestTimeout: { target: '.unanswered', actions: [{ type: 'tellRefused', params: { code: 'timeout' } }] },
          },
          on: {
            'relay.offer': {
              guard: { type: 'ofThisRevision', params: ({ event }) => event.body },
              target: 'steady',
              actions: [
                { type: 'takeOffer', params: ({ event }) => event.body },
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
            'tellGranted',
            { type: 'note', params: { state: 'active' } },
          ],
        },
        terms: { target: '.amending', reenter: true, actions: { type: 'takeTerms', params: ({ event }) => event } },
        'relay.reject': {
          guard: { type: 'ofThisRevision', params: ({ event }) => event.body },
          target: '.steady',
          actions: { type: 'tellRefused', params: ({ event }) => event.body },
        },
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
