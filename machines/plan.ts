/**
 * The planner: from who is in the room, what each sends and wants and how much it can upload, to a rate for every stream and the
 * routes that carry it. A pure function of its input, whatever the order of the peers, so that every peer of a room comes to the
 * same plan. planning/README.md tells how.
 */
import type { Bound } from './planning/bound.ts';
import type { OwnPlan, Plan, PlanInput, PlanRoute, UnservedPair } from './planning/contract.ts';
import { type Decision, decide } from './planning/decide.ts';
import { routesOf, servedReceivers } from './planning/name.ts';
import { decideReaching } from './planning/reach/decide.ts';
import { reasonsOf } from './planning/reach/why.ts';
import { type Room, roomOf, sum, wantingPeers, withWants } from './planning/room.ts';
import { loadsOf, ownLoad } from './planning/share.ts';

export type {
  OwnPlan,
  Plan,
  PlanInput,
  PlanPeer,
  PlanRoute,
  PlanStream,
  PlanWant,
  UnservedPair,
} from './planning/contract.ts';

/** The plan of a whole room. */
export function planRoom(input: PlanInput): Plan {
  const asked = roomOf(input);
  const decision = decisionOf(asked, input.inForce ?? []);
  const { room, rates, shares, bound } = decision;
  const partOf = partsOf(asked, decision);
  const parts = room.peers.map((_, owner) => partOf(owner));
  const { own, forwarded } = loadsOf(room, rates, shares);
  return {
    rates: Object.fromEntries(
      room.streams.map(({ owner, name }, index) => [`${room.ids[owner]}/${name}`, rates[index] ?? 0]),
    ),
    routes: parts.flatMap((part) => part.routes),
    unserved: parts.flatMap((part) => part.unserved),
    load: Object.fromEntries(room.ids.map((id, index) => [id, (own[index] ?? 0) + (forwarded[index] ?? 0)])),
    boundBps: bound.levelBps,
    ratio: ratioOf(bound, rates),
  };
}

/** One peer's part of {@link planRoom}: the same decisions, without naming the receivers of everybody else's streams. */
export function planOwn(input: PlanInput, self: string): OwnPlan {
  const asked = roomOf(input);
  const owner = asked.indexOf.get(self);
  if (owner === undefined) return { rates: {}, routes: [], ownLoadBps: 0, unserved: [] };
  const decision = decisionOf(asked, input.inForce ?? []);
  const { room, rates, shares } = decision;
  const own = room.peers[owner]?.streams ?? [];
  const costOf = (stream: number): number => {
    const share = shares[stream];
    return share === undefined ? 0 : ownLoad(room, stream, share, rates[stream] ?? 0);
  };
  return {
    rates: Object.fromEntries(own.map((stream) => [room.streams[stream]?.name, rates[stream] ?? 0])),
    ...partsOf(asked, decision)(owner),
    ownLoadBps: sum(own.map(costOf)),
  };
}

/** Streams stay whole for those who tie them to one address; but nobody goes without for that. */
function decisionOf(room: Room, inForce: readonly PlanRoute[]): Decision {
  const decideAny = (of: Room): Decision =>
    of.graph === null ? decide(of, inForce) : decideReaching(of, of.graph, inForce);
  const decision = decideAny(room);
  if (!room.peers.some(({ oneAddress }) => oneAddress)) return decision;
  const wanted = sum(room.streams.map((stream) => stream.wanted));
  const served = servedIn(decision);
  if (served >= wanted) return decision;
  const split = decideAny(withWants({ ...room, sparesTied: false }, room.wants));
  return servedIn(split) > served ? split : decision;
}

/** How many receivers of all streams are served, without those for whom there is room in pieces only. */
function servedIn(decision: Decision): number {
  const { room, shares } = decision;
  const routesTo = routesIn(decision);
  return sum(
    shares.map(({ receivers }, stream) => {
      const left = leftOut(room, routesTo.servedOf(stream), routesTo.routesOf(stream));
      return receivers - left.length;
    }),
  );
}

/** Who ties a stream to one address and finds room in pieces only. */
function leftOut(room: Room, served: readonly number[], routes: readonly PlanRoute[]): number[] {
  return served.filter((peer) => {
    const { oneAddress = false, id = '' } = room.peers[peer] ?? {};
    return oneAddress && !routes.some(({ receivers }) => receivers.includes(id));
  });
}

/** By the index of a stream: who is served, and how. */
function routesIn({ room, shares, running }: Decision) {
  const servedNow = (stream: number, receiver: number): boolean =>
    [...running.pathsOf(stream).values()].some((receivers) => receivers.has(receiver));
  const servedOf = servedReceivers(room, shares, servedNow);
  return {
    servedOf,
    routesOf: (stream: number): PlanRoute[] => {
      const share = shares[stream];
      return share === undefined ? [] : routesOf(room, stream, share, servedOf(stream), running.pathsOf(stream));
    },
  };
}

interface Part {
  readonly routes: PlanRoute[];
  readonly unserved: UnservedPair[];
}

/** What the streams of one peer come to, for every peer that is asked for. */
function partsOf(asked: Room, decision: Decision): (owner: number) => Part {
  const { room } = decision;
  const { servedOf, routesOf: routesOfStream } = routesIn(decision);
  const id = (index: number): string => asked.ids[index] ?? '';
  let reasons: ReturnType<typeof reasonsOf> | undefined;
  return (owner) => {
    const own = room.peers[owner]?.streams ?? [];
    const byStream = new Map(own.map((stream) => [stream, routesOfStream(stream)]));
    const unserved = own.flatMap((lead) => {
      const { lead: lowest, layers = [], name = '' } = asked.streams[lead] ?? {};
      if (lowest !== lead) return [];
      const served = new Set(
        layers.flatMap((layer) => {
          const left = new Set(leftOut(room, servedOf(layer), byStream.get(layer) ?? []));
          return servedOf(layer).filter((peer) => !left.has(peer));
        }),
      );
      return wantingPeers(asked, lead).flatMap((receiver): UnservedPair[] => {
        if (served.has(receiver)) return [];
        const pair = { source: id(owner), stream: name, receiver: id(receiver) };
        if (asked.graph === null) return [pair];
        reasons ??= reasonsOf(asked, asked.graph);
        return [{ ...pair, why: reasons(lead, receiver) }];
      });
    });
    return { routes: [...byStream.values()].flat(), unserved };
  };
}

/** 1 where no stream is free, 0 where the least rates are beyond the bound. */
function ratioOf(bound: Bound, rates: readonly number[]): number {
  if (!bound.feasible) return 0;
  const free = rates.flatMap((rate, index) => {
    const most = bound.rates[index] ?? 0;
    return bound.held[index] || most === 0 ? [] : [rate / most];
  });
  return Math.min(1, ...free);
}
