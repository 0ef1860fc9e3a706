/**
 * Routes in force: it turns paths and promises into the transport's table, changes them make-before-break, lets old ways
 * drain, and sends again what a dead relay swallowed. It owns what is being sent; packets only read the table.
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { recover, type Swallowed, swallowedBy, withoutPeer } from './forwarding/recovery.ts';
import type { Endpoint, PeerId } from './messages.ts';
import { firstHops, NO_PATHS, type Paths, relaysIn, samePaths, sendingBps, unionPaths } from './paths.ts';
import { type Port, type RelayedRoute, type TransportTable, transport } from './ports.ts';
import { DELAYS } from './timers.ts';
import { isAtAnothersAddress, othersOf, selfOf, type View } from './view.ts';

/** What the root hears: what was no longer in force is out of use, and its agreements may shrink or end. */
export interface ForwardingNews {
  readonly type: 'routes.settled';
}

export type ForwardingEvent =
  | { readonly type: 'view.changed'; readonly view: View }
  | { readonly type: 'routes.own'; readonly paths: Paths; readonly rateBps: number; readonly allowanceBps: number }
  | { readonly type: 'routes.relayed'; readonly routes: readonly RelayedRoute[] }
  | { readonly type: 'relay.confirmed'; readonly relay: PeerId }
  | { readonly type: 'relay.silent'; readonly relay: PeerId; readonly acknowledged: number };

export interface ForwardingInput {
  readonly view: View;
  readonly parent: Port<ForwardingNews>;
}

interface Context extends ForwardingInput {
  /** The paths in force. */
  readonly paths: Paths;
  /** Old ways still sent along while the new ones are unproven; empty else. */
  readonly overlapping: Paths;
  readonly rateBps: number;
  /** Relays in use whose reports have come. */
  readonly confirmed: ReadonlySet<PeerId>;
  readonly swallowed: readonly Swallowed[];
  readonly relayed: readonly RelayedRoute[];
  /** The table that the transport was last told, to say nothing twice. */
  readonly told: string;
}

const machineSetup = setup({
  types: { context: {} as Context, events: {} as ForwardingEvent, input: {} as ForwardingInput },
  delays: DELAYS,
  guards: {
    isUnproven: ({ context }) => context.overlapping.size > 0,
    isProven: ({ context }) => unproven(context.paths, context.confirmed).length === 0,
  },
  actions: {
    takeView: assign({
      view: (_, { view }: { view: View }) => view,
      swallowed: ({ context }, { view }) => context.swallowed.filter(({ receiver }) => view.members.has(receiver)),
    }),
    takeRelayed: assign(({ context }, { routes }: { routes: readonly RelayedRoute[] }) => {
      // What is promised by now may need what both ways at once use.
      const promisedBps = routes.reduce((sum, route) => sum + route.promisedBps, 0);
      const fits = sendingBps(sending(context), context.rateBps) + promisedBps <= selfOf(context.view).uploadBps;
      return { relayed: routes, overlapping: fits ? context.overlapping : NO_PATHS };
    }),
    takePaths: assign(({ context }, next: { paths: Paths; rateBps: number; allowanceBps: number }) => {
      const { paths, rateBps, allowanceBps } = next;
      const relays = relaysIn(paths);
      const confirmed = new Set([...context.confirmed].filter((relay) => relays.has(relay)));
      const old = sending(context);
      const both = unionPaths(paths, old);
      // Both ways at once cost upload: where there is none to spare, the switch is at once, and a resend covers the risk.
      const overlaps =
        unproven(paths, confirmed).length > 0 && !samePaths(both, paths) && sendingBps(both, rateBps) <= allowanceBps;
      return { paths, rateBps, confirmed, overlapping: overlaps ? old : NO_PATHS };
    }),
    /** Whoever lacks what a dead relay swallowed gets it again, as soon as there is a way. */
    sendAgain: enqueueActions(({ context, enqueue }) => {
      const { source } = selfOf(context.view);
      const { resends, rest } = recover(context.swallowed, context.paths);
      enqueue.assign({ swallowed: rest });
      for (const { hop, slices, afterSequence } of resends) {
        const to = addressOf(context.view, hop);
        if (source === null || to === undefined) continue;
        enqueue.sendTo(transport, { type: 'transport.resend', ssrc: source.ssrc, afterSequence, slices, to: [to] });
      }
    }),
    tellRate: sendTo(transport, ({ context }) => ({ type: 'transport.rate', rateBps: context.rateBps })),
    noteConfirmed: assign({
      confirmed: ({ context }, { relay }: { relay: PeerId }) => new Set(context.confirmed).add(relay),
    }),
    loseRelay: assign(({ context }, { relay, acknowledged }: { relay: PeerId; acknowledged: number }) => ({
      swallowed: [...context.swallowed, ...swallowedBy(relay, sending(context), acknowledged)],
      paths: withoutPeer(context.paths, relay),
      overlapping: withoutPeer(context.overlapping, relay),
      confirmed: new Set([...context.confirmed].filter((other) => other !== relay)),
    })),
    endOverlap: assign({ overlapping: NO_PATHS }),
    tellTable: enqueueActions(({ context, enqueue }) => {
      const table = tableOf(context);
      const told = JSON.stringify(table);
      if (told === context.told) return;
      enqueue.assign({ told });
      enqueue.sendTo(transport, { type: 'transport.table', table });
    }),
    tellSettled: sendTo(({ context }) => context.parent, { type: 'routes.settled' }),
  },
});

export const forwardingMachine = machineSetup.createMachine({
  id: 'forwarding',
  context: ({ input }) => ({
    ...input,
    paths: NO_PATHS,
    overlapping: NO_PATHS,
    rateBps: 0,
    confirmed: new Set(),
    swallowed: [],
    relayed: [],
    told: '',
  }),
  initial: 'steady',
  on: {
    'view.changed': { actions: [{ type: 'takeView', params: ({ event }) => event }, 'tellTable'] },
    'routes.relayed': { actions: [{ type: 'takeRelayed', params: ({ event }) => event }, 'tellTable'] },
    'routes.own': {
      target: '.changing',
      actions: [{ type: 'takePaths', params: ({ event }) => event }, 'tellTable', 'sendAgain', 'tellRate'],
    },
    'relay.confirmed': { actions: { type: 'noteConfirmed', params: ({ event }) => event } },
    'relay.silent': { actions: [{ type: 'loseRelay', params: ({ event }) => event }, 'tellTable'] },
  },
  states: {
    steady: { description: 'One route for every receiver and slice.' },
    changing: {
      always: [
        { guard: 'isUnproven', target: 'overlapping' },
        { target: 'steady', actions: 'tellSettled' },
      ],
    },
    overlapping: {
      description: 'The new ways and the old: until every new relay has reported, or for a moment only.',
      always: { guard: 'isProven', target: 'steady', actions: ['endOverlap', 'tellTable', 'tellSettled'] },
      after: { overlap: { target: 'steady', actions: ['endOverlap', 'tellTable', 'tellSettled'] } },
    },
  },
});

function unproven(paths: Paths, confirmed: ReadonlySet<PeerId>): PeerId[] {
  return [...relaysIn(paths)].filter((relay) => !confirmed.has(relay));
}

function sending({ paths, overlapping }: Context): Paths {
  return unionPaths(paths, overlapping);
}

/** Where to send to this peer, if that is its own address. */
function addressOf(view: View, peer: PeerId): Endpoint | undefined {
  const member = view.members.get(peer);
  return member === undefined || isAtAnothersAddress(view, member) ? undefined : member.media;
}

function tableOf(context: Context): TransportTable {
  const { view, relayed } = context;
  const self = selfOf(view);
  const { source } = self;
  const paths = sending(context);
  const hops = [...firstHops(paths)].flatMap(([peer, slices]) => {
    const to = addressOf(view, peer);
    return to === undefined ? [] : [{ peer, to, slices }];
  });
  return {
    own: source === null ? null : { ssrc: source.ssrc, media: source.media, hops },
    relayed,
    relays: [...relaysIn(paths)],
    resendLimitBps: self.usableBps,
    members: othersOf(view).map(({ id, media, source, compatible }) => ({
      peer: id,
      address: media,
      source,
      compatible,
    })),
  };
}
