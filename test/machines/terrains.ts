/** Each machine with every event that may come to it. */
import type { AnyMachineSnapshot } from 'xstate';
import { forwardingMachine } from '../../machines/forwarding/forwarding.ts';
import { pathsOfRoutes } from '../../machines/forwarding/paths.ts';
import type { Body, Incoming, Kind } from '../../machines/messages.ts';
import { clientAgreementMachine } from '../../machines/negotiation/client-agreement.ts';
import { negotiationMachine } from '../../machines/negotiation/negotiation.ts';
import { relayAgreementMachine } from '../../machines/negotiation/relay-agreement.ts';
import { pairMachine } from '../../machines/pairs/pair.ts';
import { pairsMachine } from '../../machines/pairs/pairs.ts';
import { peerMachine } from '../../machines/peer.ts';
import { sessionMachine } from '../../machines/signaling/session.ts';
import { signalingMachine } from '../../machines/signaling/signaling.ts';
import { camera } from './fresh-negotiation.ts';
import { capabilities, member, profile, RATE_BPS, stream, viewOf } from './members.ts';
import { NOBODY, type Terrain } from './walk.ts';

const A = member('A');
/** A can send one copy only, and B carries the rest. */
const POOR = member('A', { uploadBps: RATE_BPS, usableBps: RATE_BPS, lendBps: 0 });
const [B, C] = [member('B'), member('C')];
const ALL = 0xffff;
const WITHHELD = { receiver: 'C', relays: ['B'], acknowledged: [{ ssrc: stream('A').ssrc, sequence: 7 }] };

function message<K extends Kind>(kind: K, body: Body<K>, from = 'B'): Incoming {
  return { kind, from, epoch: 1, seq: 1, body } as Incoming;
}

const PROFILE = message('profile', profile(B));
const legs = (...receivers: string[]) => [{ slices: ALL, receivers }];
const offer = (agreement: string, revision: number, ...receivers: string[]): Body<'relay.offer'> => ({
  ...{ agreement, revision, spareBps: 0 },
  streams: receivers.length === 0 ? [] : [{ stream: 'camera', legs: legs(...receivers) }],
});

export const SESSION: Terrain = {
  machine: sessionMachine,
  input: { peer: 'B', description: 'coming', parent: NOBODY },
  events: [{ type: 'described' }, { type: 'lacks' }, { type: 'contested' }, { type: 'upheld' }],
  keyOf: ({ context }: AnyMachineSnapshot) => String(context.asked),
};

export const CLIENT_AGREEMENT: Terrain = {
  machine: clientAgreementMachine,
  input: { id: 'A.1.1', relay: 'B', terms: [camera(['C'])], revision: 1, parent: NOBODY },
  events: [
    { type: 'terms', terms: [camera(['D'])], revision: 2 },
    { type: 'relay.offer', body: offer('A.1.1', 1, 'C') },
    { type: 'relay.offer', body: offer('A.1.1', 2, 'D') },
    { type: 'relay.reject', body: { agreement: 'A.1.1', revision: 1, code: 'capacity.exhausted', spareBps: 0 } },
    { type: 'relay.reject', body: { agreement: 'A.1.1', revision: 2, code: 'lending.off', spareBps: 0 } },
    { type: 'relay.release', body: { agreement: 'A.1.1', reason: 'relay.leaving', noticeMs: 1000 } },
    { type: 'relay.release', body: { agreement: 'A.1.1', reason: 'lease.expired', noticeMs: 0 } },
    { type: 'relay.silent' },
    { type: 'end', reason: 'client.done' },
  ],
  keyOf: ({ context }: AnyMachineSnapshot) => `${context.revision} ${context.granted.length}`,
};

/** In a room of a few. */
export const LEASE_MS = 6000;

export const RELAY_AGREEMENT: Terrain = {
  machine: relayAgreementMachine,
  input: { id: 'A.1.1', client: 'A', leaseMs: LEASE_MS, parent: NOBODY },
  events: [
    { type: 'granted', leaseMs: LEASE_MS },
    { type: 'listed', is: true },
    { type: 'listed', is: false },
    { type: 'proven' },
    { type: 'notice', reason: 'relay.leaving', noticeMs: 1000 },
    { type: 'end', reason: 'client.done', tellClient: false },
    { type: 'end', reason: 'lease.expired', tellClient: true },
  ],
};

const routed = (...routes: Parameters<typeof pathsOfRoutes>[0]) => ({
  type: 'routes.own',
  streams: new Map([['camera', pathsOfRoutes(routes)]]),
  ...{ rates: new Map([['camera', RATE_BPS]]), allowanceBps: 9e6, presumed: new Set() },
});

export const FORWARDING: Terrain = {
  machine: forwardingMachine,
  input: { view: viewOf(A, B, C), parent: NOBODY },
  events: [
    { type: 'view.changed', view: viewOf(A, B) },
    routed({ relay: null, slices: ALL, receivers: ['B', 'C'] }),
    routed({ relay: 'B', slices: ALL, receivers: ['C'] }),
    { type: 'routes.relayed', routes: [] },
    { type: 'relay.confirmed', relay: 'B', ssrc: stream('A').ssrc },
    { type: 'relay.silent', relay: 'B', acknowledged: [{ ssrc: stream('A').ssrc, sequence: 7 }], quiet: [] },
    { type: 'legs.lost', ...WITHHELD },
    { type: 'video.waits', waitedMs: 600 },
  ],
  keyOf: ({ context }) =>
    `${[...context.streams.values()].flatMap((paths) => [...paths.values()]).map((ways) => [...ways.keys()])} ${context.confirmed.size}`,
};

export const SIGNALING: Terrain = {
  machine: signalingMachine,
  input: { profile: A, parent: NOBODY },
  events: [
    { type: 'claim.free' },
    { type: 'claim.taken' },
    { type: 'message', message: message('invite', { ...capabilities('B'), known: [] }) },
    { type: 'message', message: message('bye', { reason: 'left' }) },
    { type: 'profiles', profiles: [PROFILE] },
    { type: 'session.asks', peer: 'B' },
    { type: 'session.fruitless', peer: 'B' },
    { type: 'session.disproved', peer: 'B' },
    { type: 'member.unheard', peer: 'B' },
    { type: 'media.alive', peer: 'B' },
    { type: 'media.silent', peer: 'B' },
    { type: 'bus.connected' },
    { type: 'bus.disconnected' },
    { type: 'bus.replaced' },
    { type: 'profile.changed', change: { lendBps: 1 } },
    { type: 'announce', routes: [], agreements: [], promisedBps: 1 },
    { type: 'self.changed' },
    { type: 'profile.wanted', peer: 'B' },
    { type: 'room.full' },
    { type: 'bye.expired', peer: 'B' },
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
    { type: 'member.unheard', peer: 'B' },
    { type: 'pairs.reached', peers: new Map([['B', 20]]) },
    {
      type: 'relay.request',
      message: message('relay.request', {
        ...{ agreement: 'B.1.1', revision: 1 },
        streams: [{ stream: 'camera', rateBps: RATE_BPS, legs: legs('C') }],
      }),
    },
    { type: 'relay.offer', message: message('relay.offer', offer('A.1.1', 1)) },
    {
      type: 'relay.release',
      message: message('relay.release', { agreement: 'B.1.1', reason: 'client.done', noticeMs: 0 }),
    },
    {
      type: 'relay.reject',
      message: message('relay.reject', { agreement: 'A.1.1', revision: 1, code: 'lending.off', spareBps: 0 }),
    },
    { type: 'patience.over', client: 'B' },
    { type: 'legs.drained', client: 'B' },
    { type: 'agreement.granted', relay: 'B', terms: [], revision: 1 },
    { type: 'agreement.granted', relay: 'B', terms: [camera(['C'])], revision: 1 },
    { type: 'agreement.refused', relay: 'B', code: 'capacity.exhausted' },
    { type: 'agreement.noticed', relay: 'B', reason: 'relay.leaving' },
    { type: 'agreement.over', relay: 'B', agreement: 'A.1.1' },
    { type: 'lease.expired', client: 'B' },
    { type: 'relaying.over', client: 'B', agreement: 'B.1.1', reason: 'client.done' },
    { type: 'relay.silent', relay: 'B', acknowledged: [], quiet: [] },
    { type: 'legs.withheld', ssrc: stream('A').ssrc, ...WITHHELD },
    { type: 'routes.settled' },
    { type: 'slices.missing', owner: 'B', stream: 'camera', slices: 1 },
    { type: 'media.missing', message: message('media.missing', { stream: 'camera', slices: 1 }) },
    { type: 'hop.faulty', owner: 'B', stream: 'camera', via: 'C', fault: 'forged' },
    { type: 'media.forged', message: message('media.forged', { stream: 'camera', relay: 'C' }) },
    { type: 'trust.restored', peer: 'B' },
    { type: 'witness.restored', peer: 'B' },
    { type: 'ways.settled' },
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

const KEY = 'k'.repeat(43);
const KEYED = member('A', { key: KEY });
const PLACE = { host: '192.0.2.7', port: 4000 };
const CANDIDATES = message('pair.candidates', { generation: 1, candidates: [{ kind: 'host', ...PLACE }] });
/** What the pairs are told by the media socket. */
const PAIR_EVENTS: Terrain['events'] = [
  {
    ...{ type: 'candidates.own', outside: PLACE.host, nat: 'cone', outsideIs: 'known' },
    candidates: [{ kind: 'reflexive', ...PLACE, isPrivate: false }],
  },
  { type: 'pair.opened', peer: 'B', to: PLACE, kind: 'host', rttMs: 1 },
  { type: 'pair.late', peer: 'B' },
  { type: 'pair.cut', peer: 'B', reason: 'unanswered' },
];

export const PEER: Terrain = {
  machine: peerMachine,
  input: { profile: A },
  events: [
    { type: 'signaling.joined' },
    { type: 'signaling.refused', reason: 'taken' },
    { type: 'signaling.left' },
    { type: 'negotiation.vacated' },
    { type: 'peer.leave' },
    { type: 'bus.message', message: message('bye', { reason: 'left' }) },
    { type: 'bus.message', message: message('media.missing', { stream: 'camera', slices: 1 }) },
    { type: 'bus.message', message: message('media.forged', { stream: 'camera', relay: 'C' }) },
    { type: 'media.forged', owner: 'B', stream: 'camera', via: 'C', fault: 'forged' },
    { type: 'bus.profiles', profiles: [PROFILE] },
    { type: 'bus.chat', message: message('chat', { text: 'x' }), alone: false },
    { type: 'chat.say', to: 'all', text: 'x' },
    { type: 'bus.connected' },
    { type: 'bus.disconnected' },
    { type: 'bus.replaced' },
    { type: 'claim.free' },
    { type: 'claim.taken' },
    { type: 'member.unheard', peer: 'B' },
    { type: 'media.alive', peer: 'B' },
    { type: 'media.silent', peer: 'B' },
    { type: 'relay.confirmed', relay: 'B', ssrc: stream('A').ssrc },
    { type: 'relay.silent', relay: 'B', acknowledged: [], quiet: [] },
    { type: 'legs.withheld', ssrc: stream('A').ssrc, ...WITHHELD },
    { type: 'legs.lost', ...WITHHELD },
    { type: 'video.waits', waitedMs: 600 },
    { type: 'slices.missing', owner: 'B', stream: 'camera', slices: 1 },
    { type: 'keys.tell', to: 'B', body: { keys: [{ to: 'B', box: 'b'.repeat(82) }] } },
    { type: 'keys.ask', to: 'B' },
    { type: 'digests.tell', to: 'B', body: { digests: ['d'.repeat(128)] } },
    { type: 'digests.ask', to: 'B', body: { ssrc: 7, after: 0 } },
    { type: 'view.changed', view: viewOf(A, B) },
    { type: 'members.rerouted', view: viewOf(A, member('B', { promisedBps: 1 })) },
    { type: 'routes.own', streams: new Map(), rates: new Map(), allowanceBps: 0, presumed: new Set() },
    { type: 'routes.relayed', routes: [] },
    { type: 'routes.settled' },
    { type: 'announce', routes: [], agreements: [], promisedBps: 0 },
    { type: 'profile.changed', change: { lendBps: 1 } },
    { type: 'bus.message', message: CANDIDATES },
    { type: 'pairs.reached', peers: new Map([['B', 20]]) },
    ...PAIR_EVENTS,
  ],
};

export const PAIR: Terrain = {
  machine: pairMachine,
  input: {},
  events: [
    { type: 'named' },
    { type: 'proved' },
    { type: 'unanswered' },
    { type: 'hopeless' },
    { type: 'missing' },
    { type: 'expired' },
  ],
};

export const PAIRS: Terrain = {
  machine: pairsMachine,
  input: { view: viewOf(KEYED, member('B', { key: KEY })), parent: NOBODY },
  events: [
    { type: 'view.changed', view: viewOf(KEYED) },
    { type: 'message', message: CANDIDATES },
    { type: 'bus.connected' },
    ...PAIR_EVENTS,
  ],
  keyOf: ({ context: { open, cut, view } }) => `${open.size} ${cut.size} ${view.members.size}`,
};
