/** Each machine with every event that may come to it. */
import type { AnyMachineSnapshot } from 'xstate';
import { forwardingMachine } from '../../machines/forwarding.ts';
import type { Body, Incoming, Kind } from '../../machines/messages.ts';
import { clientAgreementMachine } from '../../machines/negotiation/client-agreement.ts';
import { relayAgreementMachine } from '../../machines/negotiation/relay-agreement.ts';
import { negotiationMachine } from '../../machines/negotiation.ts';
import { pathsOfRoutes } from '../../machines/paths.ts';
import { peerMachine } from '../../machines/peer.ts';
import { sessionMachine } from '../../machines/signaling/session.ts';
import { signalingMachine } from '../../machines/signaling.ts';
import { capabilities, member, RATE_BPS, viewOf } from './members.ts';
import { NOBODY, type Terrain } from './walk.ts';

const A = member('A');
/** A can send one copy only, and B carries the rest. */
const POOR = member('A', { uploadBps: RATE_BPS, usableBps: RATE_BPS, lendBps: 0 });
const [B, C] = [member('B'), member('C')];
const legTo = (receiver: string, slices = 0xffff) => ({ receiver, slices, address: member(receiver).media });

function message<K extends Kind>(kind: K, body: Body<K>, from = 'B'): Incoming {
  return { kind, from, epoch: 1, seq: 1, body } as Incoming;
}

const PRESENCE = message('presence', {
  ...capabilities('B'),
  ...{ uploadBps: 9e6, usableBps: 9e6, lendBps: 9e6, leaving: false, routes: [], promisedBps: 0 },
});

export const SESSION: Terrain = {
  machine: sessionMachine,
  input: { peer: 'B', established: false, parent: NOBODY },
  events: [{ type: 'established' }, { type: 'heard' }, { type: 'unheard' }, { type: 'end' }],
};

export const CLIENT_AGREEMENT: Terrain = {
  machine: clientAgreementMachine,
  input: { id: 'A.1.1', relay: 'B', terms: { ssrc: 1, rateBps: RATE_BPS, legs: [legTo('C')] }, parent: NOBODY },
  events: [
    { type: 'terms', terms: { ssrc: 1, rateBps: RATE_BPS, legs: [legTo('D')] } },
    { type: 'relay.offer', body: { agreement: 'A.1.1', revision: 1, legs: [legTo('C')], spareBps: 0, holdMs: 1 } },
    { type: 'relay.offer', body: { agreement: 'A.1.1', revision: 2, legs: [legTo('D')], spareBps: 0, holdMs: 1 } },
    { type: 'relay.reject', body: { agreement: 'A.1.1', revision: 1, code: 'capacity.exhausted', spareBps: 0 } },
    { type: 'relay.reject', body: { agreement: 'A.1.1', revision: 2, code: 'agreement.unknown', spareBps: 0 } },
    { type: 'relay.release', body: { agreement: 'A.1.1', reason: 'relay.leaving', noticeMs: 1000 } },
    { type: 'relay.release', body: { agreement: 'A.1.1', reason: 'lease.expired', noticeMs: 0 } },
    { type: 'relay.confirmed' },
    { type: 'relay.silent' },
    { type: 'end', reason: 'client.done' },
  ],
  keyOf: ({ context }: AnyMachineSnapshot) => String(Math.min(context.revision, 3)),
};

export const RELAY_AGREEMENT: Terrain = {
  machine: relayAgreementMachine,
  input: { id: 'A.1.1', client: 'A', parent: NOBODY },
  events: [
    { type: 'offered' },
    { type: 'accepted', amends: true },
    { type: 'accepted', amends: false },
    { type: 'proven' },
    { type: 'notice', reason: 'relay.leaving', noticeMs: 1000 },
    { type: 'end', reason: 'client.done', tellClient: false },
    { type: 'end', reason: 'lease.expired', tellClient: true },
  ],
};

export const FORWARDING: Terrain = {
  machine: forwardingMachine,
  input: { view: viewOf(A, B, C), parent: NOBODY },
  events: [
    { type: 'view.changed', view: viewOf(A, B) },
    {
      type: 'routes.own',
      paths: pathsOfRoutes([{ relay: null, slices: 0xffff, receivers: ['B', 'C'] }]),
      ...{ rateBps: RATE_BPS, allowanceBps: 9e6 },
    },
    {
      type: 'routes.own',
      paths: pathsOfRoutes([{ relay: 'B', slices: 0xffff, receivers: ['C'] }]),
      ...{ rateBps: RATE_BPS, allowanceBps: 9e6 },
    },
    { type: 'routes.relayed', routes: [] },
    { type: 'relay.confirmed', relay: 'B' },
    { type: 'relay.silent', relay: 'B', acknowledged: 7 },
  ],
  keyOf: ({ context }) => `${[...context.paths.values()].map((ways) => [...ways.keys()])} ${context.confirmed.size}`,
};

export const SIGNALING: Terrain = {
  machine: signalingMachine,
  input: { profile: A, parent: NOBODY },
  events: [
    { type: 'claim.free' },
    { type: 'claim.taken' },
    { type: 'message', message: message('invite', { ...capabilities('B'), known: [] }) },
    { type: 'message', message: message('bye', { reason: 'left' }) },
    { type: 'reroutings', presences: [PRESENCE] },
    { type: 'members.heard', heard: [{ peer: 'B', agoMs: 100 }] },
    { type: 'session.invites', peer: 'B' },
    { type: 'session.unheard', peer: 'B' },
    { type: 'media.alive', peer: 'B' },
    { type: 'media.silent', peer: 'B' },
    { type: 'bus.connected' },
    { type: 'bus.disconnected' },
    { type: 'profile.changed', change: { lendBps: 1 } },
    { type: 'announce', routes: [], promisedBps: 0 },
    { type: 'leaving' },
    { type: 'leave' },
  ],
  keyOf: ({ context }) => `${context.view.members.size} ${context.busAway} ${context.mediaAlive.size}`,
};

export const NEGOTIATION: Terrain = {
  machine: negotiationMachine,
  input: { epoch: 1, view: viewOf(POOR, B, C), parent: NOBODY },
  events: [
    { type: 'view.changed', view: viewOf(POOR, B, C) },
    { type: 'view.changed', view: viewOf(A, B, C) },
    { type: 'view.changed', view: viewOf(POOR, C) },
    { type: 'members.rerouted', view: viewOf(POOR, B, member('C', { promisedBps: 1 })) },
    { type: 'member.heard', peer: 'B' },
    {
      type: 'relay.request',
      message: message('relay.request', {
        ...{ agreement: 'B.1.1', revision: 1, ssrc: B.source?.ssrc ?? 0, rateBps: RATE_BPS },
        legs: [legTo('C')],
      }),
    },
    { type: 'relay.accept', message: message('relay.accept', { agreement: 'B.1.1', revision: 1 }) },
    {
      type: 'relay.offer',
      message: message('relay.offer', { agreement: 'A.1.1', revision: 1, legs: [], spareBps: 0, holdMs: 1 }),
    },
    {
      type: 'relay.release',
      message: message('relay.release', { agreement: 'B.1.1', reason: 'client.done', noticeMs: 0 }),
    },
    {
      type: 'relay.reject',
      message: message('relay.reject', { agreement: 'A.1.1', revision: 1, code: 'lending.off', spareBps: 0 }),
    },
    { type: 'patience.over', agreement: 'B.1.1' },
    { type: 'legs.drained', agreement: 'B.1.1' },
    { type: 'agreement.granted', relay: 'B', legs: [], rateBps: RATE_BPS },
    { type: 'agreement.granted', relay: 'B', legs: [legTo('C')], rateBps: RATE_BPS },
    { type: 'agreement.refused', relay: 'B', code: 'capacity.exhausted' },
    { type: 'agreement.noticed', relay: 'B', reason: 'relay.leaving' },
    { type: 'agreement.over', relay: 'B', agreement: 'A.1.1' },
    { type: 'amendment.lapsed', agreement: 'B.1.1' },
    { type: 'lease.expired', agreement: 'B.1.1' },
    { type: 'relaying.over', agreement: 'B.1.1', reason: 'client.done' },
    { type: 'relay.confirmed', relay: 'B' },
    { type: 'relay.silent', relay: 'B', acknowledged: 1 },
    { type: 'routes.settled' },
    { type: 'slices.missing', owner: 'B', ssrc: B.source?.ssrc ?? 0, slices: 1 },
    { type: 'media.missing', message: message('media.missing', { ssrc: A.source?.ssrc ?? 0, slices: 1 }) },
    { type: 'trust.restored', peer: 'B' },
    { type: 'bus.connected' },
    { type: 'bus.disconnected' },
    { type: 'media.alive', peer: 'B' },
    { type: 'media.silent', peer: 'B' },
    { type: 'leaving' },
    { type: 'leave' },
  ],
  keyOf: ({ context: { relaying, asked, view } }) =>
    `${relaying.agreements.size} ${relaying.ledger.lendBps > 0} ${asked.size} ${view.members.size}`,
};

export const PEER: Terrain = {
  machine: peerMachine,
  input: { profile: A },
  events: [
    { type: 'signaling.joined' },
    { type: 'signaling.refused' },
    { type: 'signaling.left' },
    { type: 'negotiation.vacated' },
    { type: 'peer.leave' },
    { type: 'bus.message', message: message('bye', { reason: 'left' }) },
    { type: 'bus.message', message: message('relay.accept', { agreement: 'B.1.1', revision: 1 }) },
    { type: 'bus.reroutings', presences: [PRESENCE] },
    { type: 'members.heard', heard: [{ peer: 'B', agoMs: 100 }] },
    { type: 'bus.connected' },
    { type: 'bus.disconnected' },
    { type: 'claim.free' },
    { type: 'claim.taken' },
    { type: 'media.alive', peer: 'B' },
    { type: 'media.silent', peer: 'B' },
    { type: 'relay.confirmed', relay: 'B' },
    { type: 'relay.silent', relay: 'B', acknowledged: 1 },
    { type: 'slices.missing', owner: 'B', ssrc: 1, slices: 1 },
    { type: 'view.changed', view: viewOf(A, B) },
    { type: 'members.rerouted', view: viewOf(A, member('B', { promisedBps: 1 })) },
    { type: 'member.heard', peer: 'B' },
    { type: 'routes.own', paths: new Map(), rateBps: 0, allowanceBps: 0 },
    { type: 'routes.relayed', routes: [] },
    { type: 'routes.settled' },
    { type: 'announce', routes: [], promisedBps: 0 },
    { type: 'profile.changed', change: { lendBps: 1 } },
  ],
};
