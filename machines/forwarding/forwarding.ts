/**
 * Routes in force: it turns paths and promises into the transport's table, changes them make-before-break, lets old ways
 * drain, and sends again what a dead relay swallowed. It owns what is being sent; packets only read the table.
 */

import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { isAtAnothersAddress, rtcpPlaceOf } from '../claimed-addresses.ts';
import { isSealedBetween, keyHolders } from '../keys/sealed.ts';
import type { PeerId, StreamName } from '../messages.ts';
import {
  type Acknowledged,
  type ExpectedRelay,
  type Port,
  type RelayedRoute,
  type SentStream,
  type TransportTable,
  transport,
} from '../ports.ts';
import { sameData } from '../same-data.ts';
import { DELAYS } from '../timers.ts';
import { believedPaceBps } from '../uplink/believed-pace.ts';
import { othersOf, selfOf, streamOf, type View, wantsStream } from '../view.ts';
import { withinNarrowLegs } from './narrow-legs.ts';
import {
  NO_STREAMS,
  pathsOf,
  type StreamPaths,
  type StreamRates,
  sameRates,
  sameStreams,
  sendingBpsOf,
  unionStreams,
} from './own-streams.ts';
import { firstHops, relaysIn } from './paths.ts';
import { pushBack, pushbackShare } from './pushback.ts';
import { recover, type Swallowed, swallowedBy, withoutPeer } from './recovery.ts';
import { thinned, thinnedRates, videoShare } from './thinning.ts';

/** What the root hears: what was no longer in force is out of use, and its agreements may shrink or end. */
export interface ForwardingNews {
  readonly type: 'routes.settled';
}

interface OwnRoutes {
  readonly streams: StreamPaths;
  readonly rates: StreamRates;
  readonly allowanceBps: number;
  /** Relays in use that have not answered yet. */
  readonly presumed: ReadonlySet<PeerId>;
}

export type ForwardingEvent =
  | { readonly type: 'view.changed'; readonly view: View }
  | ({ readonly type: 'routes.own' } & OwnRoutes)
  | { readonly type: 'routes.relayed'; readonly routes: readonly RelayedRoute[] }
  | { readonly type: 'relay.confirmed'; readonly relay: PeerId; readonly ssrc: number }
  | { readonly type: 'relay.silent'; readonly relay: PeerId; readonly acknowledged: readonly Acknowledged[] }
  | ({ readonly type: 'legs.lost' } & LostLegs)
  | { readonly type: 'video.waits'; readonly waitedMs: number };

/** What this receiver should have got through these relays, after this. */
interface LostLegs {
  readonly receiver: PeerId;
  readonly relays: readonly PeerId[];
  readonly acknowledged: readonly Acknowledged[];
}

export interface ForwardingInput {
  readonly view: View;
  readonly parent: Port<ForwardingNews>;
}

interface Context extends ForwardingInput {
  /** The paths in force. */
  readonly streams: StreamPaths;
  /** Old ways still sent along while the new ones are unproven; empty else. */
  readonly overlapping: StreamPaths;
  readonly rates: StreamRates;
  readonly presumed: ReadonlySet<PeerId>;
  /** Relays in use, with the streams on which their reports have come. */
  readonly confirmed: ReadonlyMap<PeerId, ReadonlySet<StreamName>>;
  readonly swallowed: readonly Swallowed[];
  readonly relayed: readonly RelayedRoute[];
  /** The share of its rate that own video is made at while some of it waits for the uplink. */
  readonly pushback: number;
  /** The table that the transport was last told, to say nothing twice. */
  readonly told: TransportTable | null;
  readonly toldRates: StreamRates;
}

const machineSetup = setup({
  types: { context: {} as Context, events: {} as ForwardingEvent, input: {} as ForwardingInput },
  delays: DELAYS,
  guards: {
    isUnproven: ({ context }) => context.overlapping.size > 0,
    isProven: ({ context }) => !hasUnproven(context.streams, context.confirmed),
  },
  actions: {
    takeView: assign({
      view: (_, { view }: { view: View }) => view,
      swallowed: ({ context }, { view }) => context.swallowed.filter(({ receiver }) => view.members.has(receiver)),
    }),
    takeRelayed: assign(({ context }, { routes }: { routes: readonly RelayedRoute[] }) => {
      // What is promised by now may need what both ways at once use.
      const promisedBps = routes.reduce((sum, route) => sum + route.promisedBps, 0);
      const fits = sendingBpsOf(sending(context), context.rates) + promisedBps <= selfOf(context.view).uploadBps;
      return { relayed: routes, overlapping: fits ? context.overlapping : NO_STREAMS };
    }),
    takePaths: assign(({ context }, { streams, rates, allowanceBps, presumed }: OwnRoutes) => {
      const confirmed = stillUsed(context.confirmed, streams);
      const old = sending(context);
      const both = unionStreams(streams, old);
      // Both ways at once cost upload: where there is none to spare, the switch is at once, and a resend covers the risk.
      const overlaps =
        hasUnproven(streams, confirmed) && !sameStreams(both, streams) && sendingBpsOf(both, rates) <= allowanceBps;
      return { streams, rates, presumed, confirmed, overlapping: overlaps ? old : NO_STREAMS };
    }),
    /** Whoever lacks what a dead relay swallowed gets it again, as soon as there is a way. */
    sendAgain: enqueueActions(({ context, enqueue }) => {
      const { resends, rest } = recover(context.swallowed, context.streams, context.presumed);
      enqueue.assign({ swallowed: rest });
      for (const { stream, hop, slices, afterSequence, isAhead } of resends) {
        const ssrc = streamOf(selfOf(context.view), stream)?.ssrc;
        if (ssrc === undefined) continue;
        enqueue.sendTo(transport, { type: 'transport.resend', ssrc, afterSequence, slices, to: [hop], isAhead });
      }
    }),
    tellRates: enqueueActions(({ context, enqueue }) => {
      const rates = madeRatesOf(context);
      enqueue.assign({ toldRates: rates });
      enqueue.sendTo(transport, { type: 'transport.rates', rates });
    }),
    /** The upload may have fallen below what leaves: encoders are told before the plan has followed. */
    tellOtherRates: enqueueActions(({ context, enqueue }) => {
      const rates = madeRatesOf(context);
      if (sameRates(rates, context.toldRates)) return;
      enqueue.assign({ toldRates: rates });
      enqueue.sendTo(transport, { type: 'transport.rates', rates });
    }),
    pushBack: assign({ pushback: (_, { waitedMs }: { waitedMs: number }) => pushbackShare(waitedMs) }),
    noteConfirmed: assign({
      confirmed: ({ context }, { relay, ssrc }: { relay: PeerId; ssrc: number }) => {
        const stream = selfOf(context.view).streams.find((own) => own.ssrc === ssrc)?.name;
        if (stream === undefined) return context.confirmed;
        const streams = new Set(context.confirmed.get(relay)).add(stream);
        return new Map(context.confirmed).set(relay, streams);
      },
    }),
    loseRelay: assign(({ context }, lost: { relay: PeerId; acknowledged: readonly Acknowledged[] }) => {
      const { relay, acknowledged } = lost;
      const confirmed = new Map(context.confirmed);
      confirmed.delete(relay);
      const sequenceOf = (stream: StreamName) => acknowledgedOf(context.view, acknowledged, stream);
      return {
        swallowed: [...context.swallowed, ...swallowedBy(relay, sending(context), sequenceOf)],
        streams: withoutPeer(context.streams, relay),
        overlapping: withoutPeer(context.overlapping, relay),
        confirmed,
      };
    }),
    loseLegs: assign(({ context }, { receiver, relays, acknowledged }: LostLegs) => {
      const sequenceOf = (stream: StreamName) => acknowledgedOf(context.view, acknowledged, stream);
      const lost = relays.flatMap((relay) =>
        swallowedBy(relay, sending(context), sequenceOf).map((of) => ({ ...of, avoiding: relay })),
      );
      return { swallowed: [...context.swallowed, ...lost.filter((of) => of.receiver === receiver)] };
    }),
    endOverlap: assign({ overlapping: NO_STREAMS }),
    tellTable: enqueueActions(({ context, enqueue }) => {
      const table = tableOf(context);
      if (sameData(table, context.told)) return;
      enqueue.assign({ told: table });
      enqueue.sendTo(transport, { type: 'transport.table', table });
    }),
    tellSettled: sendTo(({ context }) => context.parent, { type: 'routes.settled' }),
  },
});

export const forwardingMachine = machineSetup.createMachine({
  id: 'forwarding',
  context: ({ input }) => ({
    ...input,
    streams: NO_STREAMS,
    overlapping: NO_STREAMS,
    rates: new Map(),
    presumed: new Set(),
    confirmed: new Map(),
    swallowed: [],
    relayed: [],
    pushback: 1,
    told: null,
    toldRates: new Map(),
  }),
  initial: 'steady',
  on: {
    'view.changed': { actions: [{ type: 'takeView', params: ({ event }) => event }, 'tellTable', 'tellOtherRates'] },
    'routes.relayed': {
      actions: [{ type: 'takeRelayed', params: ({ event }) => event }, 'tellTable', 'tellOtherRates'],
    },
    'routes.own': {
      target: '.changing',
      actions: [{ type: 'takePaths', params: ({ event }) => event }, 'tellTable', 'sendAgain', 'tellRates'],
    },
    'relay.confirmed': { actions: { type: 'noteConfirmed', params: ({ event }) => event } },
    'video.waits': { actions: [{ type: 'pushBack', params: ({ event }) => event }, 'tellOtherRates'] },
    'legs.lost': { actions: { type: 'loseLegs', params: ({ event }) => event } },
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

function acknowledgedOf(view: View, all: readonly Acknowledged[], stream: StreamName): number | undefined {
  const ssrc = streamOf(selfOf(view), stream)?.ssrc;
  return all.find((of) => of.ssrc === ssrc)?.sequence;
}

/** Whether a relay in use has not reported yet on a stream that it should forward. */
function hasUnproven(streams: StreamPaths, confirmed: Context['confirmed']): boolean {
  return [...streams].some(([stream, paths]) =>
    [...relaysIn(paths)].some((relay) => !confirmed.get(relay)?.has(stream)),
  );
}

/** Of what relays have confirmed, what they still forward. */
function stillUsed(confirmed: Context['confirmed'], streams: StreamPaths): Context['confirmed'] {
  const used = new Map<PeerId, Set<StreamName>>();
  for (const [stream, paths] of streams) {
    for (const relay of relaysIn(paths)) {
      if (confirmed.get(relay)?.has(stream)) used.set(relay, (used.get(relay) ?? new Set()).add(stream));
    }
  }
  return used;
}

function sending({ streams, overlapping }: Context): StreamPaths {
  return unionStreams(streams, overlapping);
}

function shareOf(context: Context): number {
  const { view, rates, relayed } = context;
  const { streams, uploadBps } = selfOf(view);
  return videoShare({ streams, sending: sending(context), rates, relayed }, uploadBps);
}

function ratesOf(context: Context): StreamRates {
  return thinnedRates(selfOf(context.view).streams, context.rates, shareOf(context));
}

/** What sources are told. */
function madeRatesOf(context: Context): StreamRates {
  return pushBack(selfOf(context.view).streams, ratesOf(context), context.pushback);
}

function tableOf(context: Context): TransportTable {
  const { view, relayed } = context;
  const self = selfOf(view);
  const all = sending(context);
  const rates = ratesOf(context);
  const planned = self.streams.map((info): SentStream => {
    const { name: stream, ssrc, media, codec } = info;
    const hops = [...firstHops(pathsOf(all, stream))].map(([peer, slices]) => ({ peer, slices }));
    const holders = keyHolders(view, info, pathsOf(all, stream));
    return { stream, ssrc, media, codec, rateBps: rates.get(stream) ?? 0, hops, holders };
  });
  const leaving = withinNarrowLegs(
    { own: planned, relayed: thinned(relayed, shareOf(context)) },
    self.narrow,
    (ssrc, peer) => planned.some((of) => of.ssrc === ssrc && relaysIn(pathsOf(all, of.stream)).has(peer)),
  );
  return {
    plain: self.compatible ? self.plain : 'allow',
    ...leaving,
    relays: expectedRelays(leaving.own, all),
    resendLimitBps: self.usableBps,
    paceBps: believedPaceBps(self.usableBps, self.uploadBps),
    members: othersOf(view).map((member) => {
      const { id: peer, epoch, key, nat, outside, media, streams, compatible, plain } = member;
      return {
        ...{ peer, epoch, key, nat, outside, compatible, plain },
        // Two that speak RPR tell each other where they are.
        claim: compatible && self.compatible ? null : { host: media.host, port: media.port },
        isShared: isAtAnothersAddress(view, member),
        isSealed: isSealedBetween(self, member),
        rtcp: rtcpPlaceOf(view, member),
        // What is not wanted is not played: in a large room nearly all.
        streams: streams.filter((stream) => wantsStream(self, peer, stream)),
      };
    }),
  };
}

function expectedRelays(own: readonly SentStream[], streams: StreamPaths): ExpectedRelay[] {
  const ssrcs = new Map<PeerId, number[]>();
  for (const { stream, ssrc } of own) {
    for (const relay of relaysIn(pathsOf(streams, stream))) ssrcs.set(relay, [...(ssrcs.get(relay) ?? []), ssrc]);
  }
  return [...ssrcs].map(([relay, of]) => ({ relay, ssrcs: of }));
}
