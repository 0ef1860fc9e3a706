/**
 * What peers tell each other so that their pairs can prove themselves: each tells each where it may be reached, when they meet, on
 * change, and again while no way is found. What the pairs then find is told to the room with the profile. The checks themselves are
 * {@link Pairing}'s, beside the socket.
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import type { Candidate, Incoming, PeerId } from '../messages.ts';
import {
  type BusCommand,
  bus,
  type CutReason,
  journal,
  type OpenedPair,
  type Port,
  publish,
  type TransportCommand,
  transport,
} from '../ports.ts';
import { sameData } from '../same-data.ts';
import type { ProfileChange } from '../signaling/contract.ts';
import { DELAYS } from '../timers.ts';
import { isCurrent, type Member, othersOf, selfOf, type View } from '../view.ts';
import { withoutItem, withoutKey } from '../without.ts';
import { candidatesFor, type OwnAddresses } from './candidates.ts';

export type CandidatesMessage = Extract<Incoming, { kind: 'pair.candidates' }>;

/** What the root hears. */
export type PairsNews =
  /** What others must know of our reach. */
  | { readonly type: 'profile.changed'; readonly change: ProfileChange }
  /** Those that a way leads to now, and how long the round trip was when it was found, in ms. */
  | { readonly type: 'pairs.reached'; readonly peers: ReadonlyMap<PeerId, number> };

export type PairsEvent =
  | { readonly type: 'view.changed'; readonly view: View }
  | { readonly type: 'message'; readonly message: CandidatesMessage }
  | { readonly type: 'bus.connected' }
  | ({ readonly type: 'candidates.own' } & OwnAddresses)
  | ({ readonly type: 'pair.opened' } & OpenedPair)
  | { readonly type: 'pair.late'; readonly peer: PeerId }
  | { readonly type: 'pair.cut'; readonly peer: PeerId; readonly reason: CutReason };

export interface PairsInput {
  readonly view: View;
  readonly parent: Port<PairsNews>;
}

/** What one member has been told of our addresses. */
interface Told {
  readonly epoch: number;
  readonly candidates: readonly Candidate[];
  /** Turns of `candidatesAgain` until it is told again, and how many it has waited for before. */
  readonly turns: number;
  readonly waited: number;
}

interface Context extends PairsInput {
  readonly own: OwnAddresses | null;
  readonly generation: number;
  /** When the bus was last there anew: what was told since may have been lost with it. */
  readonly sure: number;
  readonly told: ReadonlyMap<PeerId, Told>;
  /** Addresses of those whom we have not met: their word has come before their profile was read. */
  readonly early: ReadonlyMap<PeerId, CandidatesMessage>;
  /** Members that a way leads to, and how long the round trip was when it was found, in ms. */
  readonly open: ReadonlyMap<PeerId, number>;
  readonly cut: ReadonlySet<PeerId>;
  /** Of those that a way leads to, the ones that it leads to over a TURN server. */
  readonly costly: ReadonlySet<PeerId>;
}

/** Who comes at the same moment; beyond that the one that waits longest is forgotten, and tells again within a second. */
const MOST_EARLY = 64;
const MOST_TURNS = DELAYS.checkSlowest / DELAYS.candidatesAgain;

const pairsSetup = setup({
  types: { context: {} as Context, events: {} as PairsEvent, input: {} as PairsInput },
  delays: DELAYS,
  guards: {
    isCurrent: ({ context }, { message }: { message: CandidatesMessage }) => isCurrent(context.view, message),
    isThere: ({ context }, { peer }: { peer: PeerId }) => context.view.members.has(peer),
    isAnybodyUnreached: ({ context }) => !isEverybodyReached(context),
    isEverybodyReached: ({ context }) => isEverybodyReached(context),
  },
  actions: {
    takeView: enqueueActions(({ context, enqueue }, { view }: { view: View }) => {
      const isSame = (peer: PeerId) =>
        view.members.has(peer) && view.members.get(peer)?.epoch === context.view.members.get(peer)?.epoch;
      const open = new Map([...context.open].filter(([peer]) => isSame(peer)));
      const cut = new Set([...context.cut].filter(isSame));
      const costly = new Set([...context.costly].filter(isSame));
      enqueue.assign({ view, open, cut, costly });
      if (open.size < context.open.size) enqueue.sendTo(context.parent, { type: 'pairs.reached', peers: open });
    }),
    takeOwn: assign(({ context }, own: OwnAddresses) => ({ own, generation: context.generation + 1 })),
    /** What was told just before the bus was missed reached nobody, perhaps. */
    distrustTold: assign(({ context: { generation, sure, told } }) => ({
      sure: generation,
      told: generation === sure ? told : new Map(),
    })),
    /** Whoever has not been told, or would be told something else now. */
    tellNew: enqueueActions(({ context, enqueue }) => {
      const { own, view } = context;
      if (own === null) return;
      const told = new Map<PeerId, Told>();
      for (const member of pairedWith(view)) {
        const { id, epoch } = member;
        const candidates = candidatesFor(own, member.outside);
        const before = context.told.get(id);
        if (before?.epoch === epoch && sameData(before.candidates, candidates)) {
          told.set(id, before);
          continue;
        }
        told.set(id, { epoch, candidates, turns: 1, waited: 1 });
        if (before?.epoch === epoch || !findsByItself(selfOf(view), member, own))
          enqueue.sendTo(bus, candidatesMessage(context, id, candidates));
      }
      enqueue.assign({ told });
    }),
    tellAgain: enqueueActions(({ context, enqueue }) => {
      const { view, open } = context;
      const told = new Map(context.told);
      for (const member of pairedWith(view)) {
        const before = context.told.get(member.id);
        if (open.has(member.id) || before === undefined) continue;
        const waited = Math.min(MOST_TURNS, 2 * before.waited);
        const isDue = before.turns <= 1;
        told.set(member.id, isDue ? { ...before, turns: waited, waited } : { ...before, turns: before.turns - 1 });
        if (isDue) enqueue.sendTo(bus, candidatesMessage(context, member.id, before.candidates));
      }
      enqueue.assign({ told });
    }),
    handOn: sendTo(transport, (_, { message }: { message: CandidatesMessage }) => candidatesOf(message)),
    keepEarly: assign(({ context }, { message }: { message: CandidatesMessage }) => {
      const early = new Map(context.early);
      early.delete(message.from);
      for (const oldest of early.keys()) if (early.size >= MOST_EARLY) early.delete(oldest);
      return { early: early.set(message.from, message) };
    }),
    handOnEarly: enqueueActions(({ context: { view, early }, enqueue }) => {
      const met = [...early.values()].filter((message) => isCurrent(view, message));
      if (met.length === 0) return;
      for (const message of met) enqueue.sendTo(transport, candidatesOf(message));
      const rest = new Map(early);
      for (const { from } of met) rest.delete(from);
      enqueue.assign({ early: rest });
    }),
    noteOpen: enqueueActions(({ context, enqueue }, { peer, to, kind, rttMs }: OpenedPair) => {
      const open = new Map(context.open).set(peer, rttMs);
      const costly = kind === 'relayed' ? new Set(context.costly).add(peer) : withoutItem(context.costly, peer);
      enqueue.assign({ open, cut: withoutItem(context.cut, peer), costly });
      enqueue.sendTo(context.parent, { type: 'pairs.reached', peers: open });
      enqueue.sendTo(journal, { type: 'pair.opened', peer, to, kind, rttMs });
    }),
    /** Whoever reaches both may relay until a way is found. Perhaps a check was lost: the member hears at once where to check us. */
    noteLate: enqueueActions(({ context, enqueue }, { peer }: { peer: PeerId }) => {
      enqueue.assign({ cut: new Set(context.cut).add(peer) });
      const told = context.told.get(peer);
      if (told !== undefined) enqueue.sendTo(bus, candidatesMessage(context, peer, told.candidates));
    }),
    noteCut: enqueueActions(({ context, enqueue }, { peer, reason }: { peer: PeerId; reason: CutReason }) => {
      const open = withoutKey(context.open, peer);
      enqueue.assign({ open, cut: new Set(context.cut).add(peer), costly: withoutItem(context.costly, peer) });
      enqueue.sendTo(context.parent, { type: 'pairs.reached', peers: open });
      enqueue.sendTo(journal, { type: 'pair.cut', peer, reason });
    }),
    tellReach: enqueueActions(({ context, enqueue }) => {
      const { own, view, cut, costly, parent } = context;
      const self = selfOf(view);
      const inOrder = (peers: ReadonlySet<PeerId>) => [...peers].filter((peer) => view.members.has(peer)).sort();
      const change = {
        outside: own?.outside ?? null,
        nat: own?.nat ?? 'unknown',
        cut: inOrder(cut),
        costly: inOrder(costly),
      };
      if (sameData(change, { outside: self.outside, nat: self.nat, cut: self.cut, costly: self.costly })) return;
      enqueue.sendTo(parent, { type: 'profile.changed', change });
    }),
  },
});

/** Members that answer checks and know of RPR. */
function pairedWith(view: View): Member[] {
  return selfOf(view).compatible ? othersOf(view).filter(({ compatible, key }) => compatible && key !== null) : [];
}

function isEverybodyReached({ view, open }: Context): boolean {
  return pairedWith(view).every(({ id }) => open.has(id));
}

/**
 * A newcomer checks those who are here, and they see where from. Its own addresses they need only where a router lets none of its checks
 * in: whoever stands in the open, or beside it where nobody tells anybody an outside address, is spared the message. Where no way is
 * found it is told a second later.
 */
function findsByItself(self: Member, { epoch, nat, outside }: Member, own: OwnAddresses): boolean {
  if (self.epoch <= epoch) return false;
  if (nat === 'none') return true;
  return own.outsideIs !== 'asking' && own.outsideIs !== 'hidden' && own.outside === null && outside === null;
}

function candidatesMessage({ generation }: Context, id: PeerId, candidates: readonly Candidate[]): BusCommand {
  return publish(id, { kind: 'pair.candidates', body: { generation, candidates: [...candidates] } });
}

function candidatesOf({ from, body }: CandidatesMessage): TransportCommand {
  return { type: 'transport.candidates', peer: from, ...body };
}

export const pairsMachine = pairsSetup.createMachine({
  id: 'pairs',
  context: ({ input }) => ({
    ...input,
    ...{ own: null, generation: 0, sure: 0, told: new Map(), early: new Map() },
    ...{ open: new Map(), cut: new Set(), costly: new Set() },
  }),
  on: {
    'view.changed': {
      actions: [{ type: 'takeView', params: ({ event }) => event }, 'handOnEarly', 'tellNew', 'tellReach'],
    },
    'bus.connected': { actions: ['distrustTold', 'tellNew'] },
    'candidates.own': { actions: [{ type: 'takeOwn', params: ({ event }) => event }, 'tellNew', 'tellReach'] },
    message: [
      {
        guard: { type: 'isCurrent', params: ({ event }) => event },
        actions: { type: 'handOn', params: ({ event }) => event },
      },
      { actions: { type: 'keepEarly', params: ({ event }) => event } },
    ],
    'pair.opened': {
      guard: { type: 'isThere', params: ({ event }) => event },
      actions: [{ type: 'noteOpen', params: ({ event }) => event }, 'tellReach'],
    },
    'pair.late': {
      guard: { type: 'isThere', params: ({ event }) => event },
      actions: [{ type: 'noteLate', params: ({ event }) => event }, 'tellReach'],
    },
    'pair.cut': {
      guard: { type: 'isThere', params: ({ event }) => event },
      actions: [{ type: 'noteCut', params: ({ event }) => event }, 'tellReach'],
    },
  },
  initial: 'resting',
  states: {
    resting: {
      description: 'A way leads to everybody.',
      always: { guard: 'isAnybodyUnreached', target: 'telling' },
    },
    telling: {
      always: { guard: 'isEverybodyReached', target: 'resting' },
      after: { candidatesAgain: { target: 'telling', reenter: true, actions: 'tellAgain' } },
    },
  },
});
