/**
 * Agreements: from a view to a plan, from the plan to agreements with relays, and, on the other side, from others'
 * requests to promises that the ledger can hold. It owns the plan, the ledger and the doubts about members; each agreement
 * runs as a child machine. What a step does is written as pure functions in `negotiation/`; this file is the chart.
 */
import { assign, sendTo, setup } from 'xstate';
import { NO_STREAMS } from '../forwarding/own-streams.ts';
import type { PeerId } from '../messages.ts';
import { DELAYS, memberTimeoutMs } from '../timers.ts';
import { changesRoom, isCurrent, reroutes, type View } from '../view.ts';
import * as accusing from './accusing.ts';
import * as asking from './asking.ts';
import { awayMs } from './distance.ts';
import * as doubting from './doubting.ts';
import { overdrawnBps } from './ledger.ts';
import * as lending from './lending.ts';
import { NOT_RELAYING } from './relaying.ts';
import type {
  Accusation,
  AgreementMessage,
  Complaint,
  Context,
  NegotiationEvent,
  NegotiationInput,
  Withheld,
} from './state.ts';
import { agreementActors, step } from './step.ts';
import * as withholding from './withholding.ts';

export type { NegotiationEvent, NegotiationNews } from './state.ts';

/** The retry delay doubles this often at most. */
const MOST_DOUBLINGS = 3;

const types = {
  context: {} as Context,
  events: {} as NegotiationEvent,
  input: {} as NegotiationInput,
};

const machineSetup = setup({
  types,
  actors: agreementActors,
  delays: {
    ...DELAYS,
    allHeard: ({ context }) => memberTimeoutMs(context.view.members.size),
    reclaimDelay: ({ context }) => DELAYS.reclaimDelay + awayMs(context, context.relaying.agreements.keys()),
    backoff: ({ context }) => DELAYS.shortfallRetry * 2 ** Math.min(context.shortfalls, MOST_DOUBLINGS),
  },
  guards: {
    /** Of the process that we know, or of a peer that we are about to meet: what another one of that id says is not believed. */
    isCurrent: ({ context: { view } }, { message }: { message: AgreementMessage }) =>
      !view.members.has(message.from) || isCurrent(view, message),
    isPartial: ({ context }, params: Parameters<typeof asking.isPartial>[1]) => asking.isPartial(context, params),
    changesRoom: ({ context }, { view }: { view: View }) => changesRoom(context.view, view),
    reroutes: ({ context }, { view }: { view: View }) => reroutes(context.view, view),
    isProof: ({ context }, params: { message: Complaint }) =>
      isCurrent(context.view, params.message) && doubting.isProof(context, params),
    isWithheld: ({ context }, params: Withheld) => withholding.withholding(context, params).length > 0,
    isNewToAvoid: ({ context }, params: { message: Accusation }) =>
      isCurrent(context.view, params.message) && accusing.isNewToAvoid(context, params),
    isSilent: ({ context }, { peer }: { peer: PeerId }) => context.silent.has(peer),
    /** Somebody is gone for all we can tell once it is known that the bus is away. */
    isAnybodyLost: ({ context }) => doubting.lostIn({ ...context, busAway: true }).size > 0,
    isLost: ({ context }, { peer }: { peer: PeerId }) =>
      doubting.lostIn({ ...context, fallen: new Set([peer]) }).size > 0,
    isOverdrawn: ({ context }) => overdrawnBps(context.relaying.ledger) > 0,
    isBalanced: ({ context }) => overdrawnBps(context.relaying.ledger) === 0,
    isVacant: ({ context: { leaving, relaying } }) =>
      leaving && relaying.agreements.size === 0 && relaying.draining.size === 0,
  },
  actions: {
    plan: step(asking.plan),
    ask: step(asking.ask),
    askUrgently: step(asking.askUrgently),
    askUrgentlyFor: step(asking.askUrgentlyFor),
    askAgain: step(asking.askAgain),
    run: step(asking.run),
    passToClient: step(asking.passToClient),
    noteGranted: step(asking.noteGranted),
    noteRefused: step(asking.noteRefused),
    forgetAsked: step(asking.forgetAsked),
    complain: step(doubting.complain),
    noteComplaint: step(doubting.noteComplaint),
    accuse: step(accusing.accuse),
    avoid: step(accusing.avoid),
    blame: step(doubting.blame),
    bereave: step(withholding.bereave),
    noteNotice: step(doubting.noteNotice),
    suspect: step(doubting.suspect),
    unsuspect: step(doubting.unsuspect),
    restoreTrust: step(doubting.restoreTrust),
    settleWays: step(withholding.settleWays),
    restoreWitness: step(doubting.restoreWitness),
    endAllAsked: step(asking.endAllAsked),
    takeView: step(lending.takeView),
    consider: step(lending.consider),
    considerDeferred: step(lending.considerDeferred),
    answerDeferred: step(lending.answerDeferred),
    takeRelease: step(lending.takeRelease),
    judgeLease: step(lending.judgeLease),
    dropAgreement: step(lending.dropAgreement),
    finishDraining: step(lending.finishDraining),
    reclaim: step(lending.reclaim),
    withdrawNotices: step(lending.withdrawNotices),
    giveNotice: step(lending.giveNotice),
    tell: step(lending.tell),
    takeReached: step(lending.takeReached),
    noteUnheard: step(lending.noteUnheard),
    noteMedia: step(lending.noteMedia),
    dropHeld: assign({ held: ({ context }) => context.inForce }),
    noteBusAway: assign({ busAway: true }),
    /** Who was silent may have spoken meanwhile: whether it is silent still is found out anew. */
    noteBusBack: assign({ unheard: new Set() }),
    noteAllHeard: assign({ busAway: false }),
    tellVacated: sendTo(({ context }) => context.parent, { type: 'negotiation.vacated' }),
  },
});

export const negotiationMachine = machineSetup.createMachine({
  id: 'negotiation',
  context: ({ input }) => ({
    ...input,
    wanted: NO_STREAMS,
    wantedRates: new Map(),
    inForce: NO_STREAMS,
    held: NO_STREAMS,
    rates: new Map(),
    asked: new Map(),
    silent: new Set(),
    avoided: new Map(),
    distrusted: new Map(),
    relaying: NOT_RELAYING,
    reached: new Map(),
    presumed: new Set(),
    deferred: new Map(),
    opened: 0,
    revisions: 0,
    refusals: new Map(),
    complaints: new Map(),
    moved: new Set(),
    witnesses: new Map(),
    failures: new Map(),
    unserved: new Map(),
    shortfalls: 0,
    yields: new Map(),
    leaving: false,
    busAway: false,
    mediaAlive: new Set(),
    fallen: new Set(),
    unheard: new Set(),
    told: {
      relayed: [],
      from: { view: null, agreements: new Map(), draining: new Map() },
      announced: null,
      of: { inForce: NO_STREAMS, asked: new Map(), ledger: null },
    },
  }),
  type: 'parallel',
  on: {
    'relay.request': {
      guard: { type: 'isCurrent', params: ({ event }) => event },
      actions: [
        { type: 'consider', params: ({ event }) => ({ request: event.message }) },
        'considerDeferred',
        'run',
        'tell',
      ],
    },
    'patience.over': { actions: [{ type: 'answerDeferred', params: ({ event }) => event }, 'run', 'tell'] },
    'relay.offer': {
      guard: { type: 'isCurrent', params: ({ event }) => event },
      actions: { type: 'passToClient', params: ({ event }) => event },
    },
    'relay.reject': {
      guard: { type: 'isCurrent', params: ({ event }) => event },
      actions: { type: 'passToClient', params: ({ event }) => event },
    },
    'relay.release': {
      guard: { type: 'isCurrent', params: ({ event }) => event },
      actions: [
        { type: 'passToClient', params: ({ event }) => event },
        { type: 'takeRelease', params: ({ event }) => event },
      ],
    },
    'lease.expired': { actions: { type: 'judgeLease', params: ({ event }) => event } },
    'relaying.over': {
      actions: [{ type: 'dropAgreement', params: ({ event }) => event }, 'considerDeferred', 'run', 'tell'],
    },
    'legs.drained': { actions: [{ type: 'finishDraining', params: ({ event }) => event }, 'tell'] },
    'member.unheard': { actions: { type: 'noteUnheard', params: ({ event }) => event } },
    'pairs.reached': {
      actions: [{ type: 'takeReached', params: ({ event }) => event }, 'considerDeferred', 'run', 'tell'],
    },
    'ways.settled': { actions: 'settleWays' },
    'witness.restored': { actions: { type: 'restoreWitness', params: ({ event }) => event } },
    'slices.missing': { actions: { type: 'complain', params: ({ event }) => event } },
    'hop.faulty': { actions: { type: 'accuse', params: ({ event }) => event } },
    'routes.settled': { actions: ['dropHeld', 'ask', 'tell'] },
    leave: { actions: 'endAllAsked' },
  },
  states: {
    planning: {
      description: 'From the view to paths that run.',
      initial: 'settled',
      states: {
        settled: {},
        settling: {
          // Whoever changes again and again puts nobody else's plan off: the time is not begun anew.
          on: {
            'view.changed': {
              actions: [{ type: 'takeView', params: ({ event }) => event }, 'considerDeferred', 'run', 'tell'],
            },
          },
          after: { planSettle: { target: 'settled', actions: ['plan', 'ask', 'run', 'considerDeferred', 'tell'] } },
        },
      },
      on: {
        'view.changed': [
          {
            guard: { type: 'changesRoom', params: ({ event }) => event },
            target: '.settling',
            actions: [{ type: 'takeView', params: ({ event }) => event }, 'considerDeferred', 'run', 'tell'],
          },
          { actions: { type: 'takeView', params: ({ event }) => event } },
        ],
        'members.rerouted': { actions: { type: 'takeView', params: ({ event }) => event } },
        'relay.silent': {
          target: '.settled',
          actions: [
            { type: 'suspect', params: ({ event }) => event },
            'plan',
            { type: 'askUrgently', params: ({ event }) => event },
            'run',
            'tell',
          ],
        },
        'legs.withheld': {
          guard: { type: 'isWithheld', params: ({ event }) => event },
          target: '.settled',
          actions: [
            { type: 'bereave', params: ({ event }) => event },
            'plan',
            { type: 'askUrgentlyFor', params: ({ event }) => event },
            'run',
            'tell',
          ],
        },
        'media.missing': [
          {
            guard: { type: 'isProof', params: ({ event }) => event },
            target: '.settled',
            actions: [{ type: 'blame', params: ({ event }) => event }, 'plan', 'ask', 'run', 'tell'],
          },
          {
            guard: { type: 'isCurrent', params: ({ event }) => event },
            actions: { type: 'noteComplaint', params: ({ event }) => event },
          },
        ],
        'media.forged': {
          guard: { type: 'isNewToAvoid', params: ({ event }) => event },
          target: '.settled',
          actions: [{ type: 'avoid', params: ({ event }) => event }, 'plan', 'ask', 'run', 'tell'],
        },
        'agreement.noticed': {
          target: '.settled',
          actions: [{ type: 'noteNotice', params: ({ event }) => event }, 'plan', 'ask', 'run', 'tell'],
        },
        'media.alive': [
          {
            guard: { type: 'isSilent', params: ({ event }) => event },
            target: '.settling',
            actions: [
              { type: 'noteMedia', params: ({ event }) => ({ peer: event.peer, alive: true }) },
              { type: 'unsuspect', params: ({ event }) => event },
            ],
          },
          { actions: { type: 'noteMedia', params: ({ event }) => ({ peer: event.peer, alive: true }) } },
        ],
        'media.silent': [
          {
            guard: { type: 'isLost', params: ({ event }) => event },
            target: '.settling',
            actions: { type: 'noteMedia', params: ({ event }) => ({ peer: event.peer, alive: false }) },
          },
          { actions: { type: 'noteMedia', params: ({ event }) => ({ peer: event.peer, alive: false }) } },
        ],
        'bus.disconnected': { guard: 'isAnybodyLost', target: '.settling' },
        'trust.restored': { target: '.settling', actions: { type: 'restoreTrust', params: ({ event }) => event } },
      },
    },
    reviewing: {
      description:
        "Everybody plans from how everybody's source runs; while the room moves to a plan it is mostly not planned anew.",
      initial: 'still',
      states: {
        still: {
          id: 'still',
          on: {
            'view.changed': 'moving',
            'members.rerouted': { guard: { type: 'reroutes', params: ({ event }) => event }, target: 'moving' },
          },
        },
        moving: {
          initial: 'awaiting',
          after: { planReviewLatest: { target: 'still', actions: ['plan', 'ask', 'run', 'considerDeferred', 'tell'] } },
          states: {
            awaiting: {
              after: { planReview: { target: '#still', actions: ['plan', 'ask', 'run', 'considerDeferred', 'tell'] } },
              on: {
                'view.changed': { target: 'awaiting', reenter: true },
                'members.rerouted': {
                  guard: { type: 'reroutes', params: ({ event }) => event },
                  target: 'awaiting',
                  reenter: true,
                },
              },
            },
          },
        },
      },
    },
    granting: {
      description:
        'What is wanted of relays, against what they grant. Who gets less plans anew: others may have taken the place.',
      initial: 'complete',
      states: {
        complete: {},
        short: {
          after: {
            backoff: { target: 'complete', actions: ['askAgain', 'plan', 'ask', 'run', 'tell'] },
          },
        },
      },
      on: {
        'agreement.granted': [
          {
            guard: { type: 'isPartial', params: ({ event }) => event },
            target: '.short',
            actions: [{ type: 'noteGranted', params: ({ event }) => event }, 'run', 'tell'],
          },
          { actions: [{ type: 'noteGranted', params: ({ event }) => event }, 'run', 'tell'] },
        ],
        'agreement.refused': {
          target: '.short',
          actions: [{ type: 'noteRefused', params: ({ event }) => event }, 'run', 'tell'],
        },
        'agreement.over': {
          target: '.short',
          actions: [{ type: 'forgetAsked', params: ({ event }) => event }, 'run', 'tell'],
        },
      },
    },
    lending: {
      description: 'What is promised to others, against what the own upload leaves.',
      initial: 'balanced',
      states: {
        balanced: { always: { guard: 'isOverdrawn', target: 'overdrawn' } },
        overdrawn: {
          always: { guard: 'isBalanced', target: 'balanced', actions: 'withdrawNotices' },
          after: { reclaimDelay: { target: 'overdrawn', reenter: true, actions: 'reclaim' } },
        },
      },
    },
    hearing: {
      description:
        'Whether what the bus does not bring says anything of members: not while it is away, nor until all have been heard again.',
      initial: 'there',
      states: {
        there: { on: { 'bus.disconnected': 'away' } },
        away: {
          entry: 'noteBusAway',
          on: { 'bus.connected': { target: 'returning', actions: 'noteBusBack' } },
        },
        returning: {
          on: { 'bus.disconnected': 'away' },
          after: {
            allHeard: [
              {
                guard: 'isAnybodyLost',
                target: 'there',
                actions: ['noteAllHeard', 'plan', 'ask', 'run', 'considerDeferred', 'tell'],
              },
              { target: 'there', actions: 'noteAllHeard' },
            ],
          },
        },
      },
    },
    staying: {
      initial: 'open',
      states: {
        open: { on: { leaving: { target: 'leaving', actions: ['giveNotice', 'tell'] } } },
        leaving: { always: { guard: 'isVacant', target: 'vacated' } },
        vacated: { entry: 'tellVacated' },
      },
    },
  },
});
