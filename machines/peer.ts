/**
 * A peer: the root machine. It starts the machines and the actors around them, passes events between them, and knows
 * how a peer's life goes: joining, joined, leaving. Nothing else.
 */
import { assign, fromCallback, sendTo, setup } from 'xstate';
import { type ChatEvent, chatMachine } from './chat/chat.ts';
import { type ForwardingEvent, type ForwardingNews, forwardingMachine } from './forwarding/forwarding.ts';
import type { Outgoing, PeerId } from './messages.ts';
import { type NegotiationEvent, type NegotiationNews, negotiationMachine } from './negotiation/negotiation.ts';
import { AGREEMENT_KINDS, type AgreementMessage } from './negotiation/state.ts';
import { type CandidatesMessage, type PairsEvent, type PairsNews, pairsMachine } from './pairs/pairs.ts';
import {
  type BusCommand,
  type BusEvent,
  bus,
  type DigestsMessage,
  type JournalEntry,
  type KeysMessage,
  type PeerMessage,
  publish,
  type TransportCommand,
  type TransportEvent,
  transport,
} from './ports.ts';
import { isSignaling } from './signaling/membership.ts';
import {
  type ProfileChange,
  type SignalingEvent,
  type SignalingNews,
  signalingMachine,
} from './signaling/signaling.ts';
import { DELAYS } from './timers.ts';
import { type Member, soloView } from './view.ts';

export type PeerEvent =
  | BusEvent
  | TransportEvent
  | SignalingNews
  | NegotiationNews
  | ForwardingNews
  | PairsNews
  | { readonly type: 'profile.changed'; readonly change: ProfileChange }
  | Extract<ChatEvent, { type: 'chat.say' }>
  /** Go, but hand over first what is relayed. */
  | { readonly type: 'peer.leave' };

export interface PeerInput {
  /** The peer as it enters the room. */
  readonly profile: Member;
}

interface Context extends PeerInput {
  /** Why the peer may not be in the room. */
  readonly refusal: 'taken' | 'full' | null;
}

/** Stands in for the actors that {@link peerMachine} is provided with: `bus`, `transport`, `journal`. */
const absent = <E extends { type: string }>() =>
  fromCallback<E, undefined, PeerEvent>(() => {
    throw new Error('bus, transport and journal must be provided');
  });

const machineSetup = setup({
  types: {
    context: {} as Context,
    events: {} as PeerEvent,
    input: {} as PeerInput,
  },
  delays: DELAYS,
  actors: {
    bus: absent<BusCommand>(),
    transport: absent<TransportCommand>(),
    journal: absent<JournalEntry>(),
    signaling: signalingMachine,
    negotiation: negotiationMachine,
    forwarding: forwardingMachine,
    pairs: pairsMachine,
    chat: chatMachine,
  },
  guards: {
    isSignaling: (_, { message }: { message: PeerMessage }) => isSignaling(message),
    isPairing: ({ context }, { message }: { message: PeerMessage }) => context.profile.compatible && isPairing(message),
    isAboutMedia: ({ context }, { message }: { message: PeerMessage }) =>
      context.profile.compatible && isAboutMedia(message),
    /** A plain RTP endpoint takes no part in relaying. */
    isRelaying: ({ context }, { message }: { message: PeerMessage }) =>
      context.profile.compatible && isAgreement(message),
  },
  actions: {
    noteRefusal: assign({ refusal: (_, { reason }: { reason: 'taken' | 'full' }) => reason }),
    signaling: sendTo('signaling', (_, event: SignalingEvent) => event),
    negotiation: sendTo('negotiation', (_, event: NegotiationEvent) => event),
    forwarding: sendTo('forwarding', (_, event: ForwardingEvent) => event),
    pairs: sendTo('pairs', (_, event: PairsEvent) => event),
    chat: sendTo('chat', (_, event: ChatEvent) => event),
    publish: sendTo(bus, (_, { to, message }: { to: PeerId | 'all'; message: Outgoing }) => publish(to, message)),
    /** By the media path, too. */
    publishUrgently: sendTo(bus, (_, { to, message }: { to: PeerId; message: Outgoing }) => publish(to, message, true)),
    transport: sendTo(transport, (_, command: TransportCommand) => command),
  },
});

export const peerMachine = machineSetup.createMachine({
  id: 'peer',
  context: ({ input }) => ({ ...input, refusal: null }),
  invoke: [
    { src: 'journal', systemId: 'journal' },
    { src: 'bus', systemId: 'bus' },
    {
      src: 'pairs',
      id: 'pairs',
      input: ({ context, self }) => ({ view: soloView(context.profile), parent: self }),
    },
    { src: 'transport', systemId: 'transport' },
    {
      src: 'forwarding',
      id: 'forwarding',
      input: ({ context, self }) => ({ view: soloView(context.profile), parent: self }),
    },
    {
      src: 'negotiation',
      id: 'negotiation',
      input: ({ context: { profile }, self }) => ({ epoch: profile.epoch, view: soloView(profile), parent: self }),
    },
    { src: 'chat', id: 'chat', input: ({ context }) => ({ view: soloView(context.profile) }) },
    { src: 'signaling', id: 'signaling', input: ({ context, self }) => ({ profile: context.profile, parent: self }) },
  ],
  on: {
    'bus.message': [
      {
        guard: { type: 'isSignaling', params: ({ event }) => event },
        actions: { type: 'signaling', params: ({ event }) => signalingEvent(event.message) },
      },
      {
        guard: { type: 'isPairing', params: ({ event }) => event },
        actions: { type: 'pairs', params: ({ event }) => pairsEvent(event.message) },
      },
      {
        guard: { type: 'isAboutMedia', params: ({ event }) => event },
        actions: { type: 'transport', params: ({ event }) => mediaCommand(event.message) },
      },
      {
        guard: { type: 'isRelaying', params: ({ event }) => event },
        actions: { type: 'negotiation', params: ({ event }) => negotiationEvent(event.message) },
      },
    ],
    'bus.profiles': {
      actions: { type: 'signaling', params: ({ event }) => ({ type: 'profiles', profiles: event.profiles }) },
    },
    'member.unheard': {
      actions: [
        { type: 'negotiation', params: ({ event }) => event },
        { type: 'signaling', params: ({ event }) => event },
      ],
    },
    'bus.connected': {
      actions: [
        { type: 'signaling', params: ({ event }) => event },
        { type: 'negotiation', params: ({ event }) => event },
        { type: 'pairs', params: ({ event }) => event },
      ],
    },
    'bus.disconnected': {
      actions: [
        { type: 'signaling', params: ({ event }) => event },
        { type: 'negotiation', params: ({ event }) => event },
      ],
    },
    'claim.free': { actions: { type: 'signaling', params: ({ event }) => event } },
    'claim.taken': { actions: { type: 'signaling', params: ({ event }) => event } },
    'media.alive': {
      actions: [
        { type: 'signaling', params: ({ event }) => event },
        { type: 'negotiation', params: ({ event }) => event },
      ],
    },
    'media.silent': {
      actions: [
        { type: 'signaling', params: ({ event }) => event },
        { type: 'negotiation', params: ({ event }) => event },
      ],
    },
    'relay.confirmed': { actions: { type: 'forwarding', params: ({ event }) => event } },
    'relay.silent': {
      // Forwarding notes what was lost before negotiation finds another way.
      actions: [
        { type: 'forwarding', params: ({ event }) => event },
        { type: 'negotiation', params: ({ event }) => event },
      ],
    },
    'legs.withheld': { actions: { type: 'negotiation', params: ({ event }) => event } },
    'video.waits': { actions: { type: 'forwarding', params: ({ event }) => event } },
    'legs.lost': { actions: { type: 'forwarding', params: ({ event }) => event } },
    'candidates.own': { actions: { type: 'pairs', params: ({ event }) => event } },
    'pair.opened': { actions: { type: 'pairs', params: ({ event }) => event } },
    'pair.late': { actions: { type: 'pairs', params: ({ event }) => event } },
    'pair.cut': { actions: { type: 'pairs', params: ({ event }) => event } },
    'pairs.reached': { actions: { type: 'negotiation', params: ({ event }) => event } },
    'keys.tell': {
      actions: {
        type: 'publish',
        params: ({ event: { to, body } }) => ({ to, message: { kind: 'media.keys', body } as const }),
      },
    },
    'keys.ask': {
      actions: {
        type: 'publishUrgently',
        params: ({ event: { to } }) => ({ to, message: { kind: 'media.keys.ask', body: {} } as const }),
      },
    },
    'digests.tell': {
      actions: {
        type: 'publish',
        params: ({ event: { to, body } }) => ({ to, message: { kind: 'media.digests', body } as const }),
      },
    },
    'digests.ask': {
      actions: {
        type: 'publish',
        params: ({ event: { to, body } }) => ({ to, message: { kind: 'media.digests.ask', body } as const }),
      },
    },
    'slices.missing': { actions: { type: 'negotiation', params: ({ event }) => event } },
    'media.forged': {
      actions: {
        type: 'negotiation',
        params: ({ event: { type: _, ...faulty } }) => ({ type: 'hop.faulty', ...faulty }),
      },
    },
    'view.changed': {
      // The transport hears who is there by forwarding before it hears by the pairs where they are.
      actions: [
        { type: 'forwarding', params: ({ event }) => event },
        { type: 'pairs', params: ({ event }) => event },
        { type: 'negotiation', params: ({ event }) => event },
        { type: 'chat', params: ({ event }) => event },
      ],
    },
    'bus.chat': { actions: { type: 'chat', params: ({ event }) => event } },
    'members.rerouted': { actions: { type: 'negotiation', params: ({ event }) => event } },
    'routes.own': { actions: { type: 'forwarding', params: ({ event }) => event } },
    'routes.relayed': { actions: { type: 'forwarding', params: ({ event }) => event } },
    'routes.settled': { actions: { type: 'negotiation', params: ({ event }) => event } },
    announce: { actions: { type: 'signaling', params: ({ event }) => event } },
    'profile.changed': { actions: { type: 'signaling', params: ({ event }) => event } },
    'bus.replaced': { target: '.replaced', actions: { type: 'signaling', params: ({ event }) => event } },
    'signaling.refused': { target: '.refused', actions: { type: 'noteRefusal', params: ({ event }) => event } },
  },
  initial: 'joining',
  states: {
    joining: {
      on: { 'signaling.joined': 'joined', 'peer.leave': 'parting' },
    },
    joined: {
      on: { 'peer.leave': 'leaving', 'chat.say': { actions: { type: 'chat', params: ({ event }) => event } } },
    },
    leaving: {
      description: 'Clients get the time to find another relay.',
      entry: [
        { type: 'signaling', params: { type: 'leaving' } },
        { type: 'negotiation', params: { type: 'leaving' } },
      ],
      on: { 'negotiation.vacated': 'parting' },
      after: { leaveDeadline: 'parting' },
    },
    parting: {
      entry: [
        { type: 'negotiation', params: { type: 'leave' } },
        { type: 'signaling', params: { type: 'leave' } },
      ],
      on: { 'signaling.left': 'left' },
    },
    left: { type: 'final' },
    refused: { type: 'final', description: 'Another process holds the id, or the room is full.' },
    replaced: {
      type: 'final',
      description: 'The same id has joined again since, from elsewhere: that one is the peer.',
    },
  },
});

function isAgreement(message: PeerMessage): message is AgreementMessage {
  return (AGREEMENT_KINDS as readonly string[]).includes(message.kind);
}

function isPairing(message: PeerMessage): message is CandidatesMessage {
  return message.kind === 'pair.candidates';
}

function isAboutMedia(message: PeerMessage): message is KeysMessage | DigestsMessage {
  return isAboutKeys(message) || message.kind === 'media.digests' || message.kind === 'media.digests.ask';
}

function isAboutKeys(message: PeerMessage): message is KeysMessage {
  return message.kind === 'media.keys' || message.kind === 'media.keys.ask';
}

function mediaCommand(message: PeerMessage): TransportCommand {
  if (!isAboutMedia(message)) throw new Error(`${message.kind} is not about media`);
  return isAboutKeys(message) ? { type: 'transport.keys', message } : { type: 'transport.digests', message };
}

function pairsEvent(message: PeerMessage): PairsEvent {
  if (!isPairing(message)) throw new Error(`${message.kind} is not about a pair`);
  return { type: 'message', message };
}

function signalingEvent(message: PeerMessage): SignalingEvent {
  if (!isSignaling(message)) throw new Error(`${message.kind} is not a signaling message`);
  return { type: 'message', message };
}

function negotiationEvent(message: PeerMessage): NegotiationEvent {
  if (!isAgreement(message)) throw new Error(`${message.kind} is not an agreement message`);
  return { type: message.kind, message } as NegotiationEvent;
}
