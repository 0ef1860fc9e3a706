/**
 * The planner: from who is in the room and how much each can upload, to a rate for every source and the routes that carry it.
 * A pure function of its input, whatever the order of the peers, so that every peer of a room comes to the same plan.
 */

import type { Bound } from './planning/bound.ts';
import type { OwnPlan, Plan, PlanInput, PlanPair, PlanRoute } from './planning/contract.ts';
import { decide } from './planning/decision.ts';
import type { Share } from './planning/packing.ts';
import { type Room, roomOf, wantsSource } from './planning/room.ts';
import { routesOf } from './planning/routes.ts';
import { SLICE_COUNT } from './slices.ts';

export type { OwnPlan, Plan, PlanInput, PlanPair, PlanPeer, PlanRoute, PlanSource } from './planning/contract.ts';

/** The plan of a whole room. */
export function planRoom(input: PlanInput): Plan {
  const room = roomOf(input);
  const { bound, rates, shares } = decide(room);
  const routes: PlanRoute[] = [];
  const unserved: PlanPair[] = [];
  shares.forEach((share, source) => {
    routes.push(...routesOf(room, source, share, audienceOf(room, source)));
  });
  return {
    rates: byId(room, rates, (peer) => peer.source !== null),
    routes,
    unserved,
    load: byId(room, loadsOf(room, rates, shares), () => true),
    boundBps: bound.levelBps,
    ratio: ratioOf(bound, rates),
  };
}

/** One peer's part of {@link planRoom}: the same decisions, without naming the receivers of everybody else's source. */
export function planOwn(input: PlanInput, self: string): OwnPlan {
  const room = roomOf(input);
  const source = room.indexOf.get(self);
  if (source === undefined) return { rateBps: 0, routes: [], ownLoadBps: 0, unserved: [] };
  const { rates, shares } = decide(room);
  const share = shares[source];
  if (share === undefined) return { rateBps: 0, routes: [], ownLoadBps: 0, unserved: [] };
  const rateBps = rates[source] ?? 0;
  return {
    rateBps,
    routes: routesOf(room, source, share, audienceOf(room, source)),
    ownLoadBps: ownLoadOf(share, rateBps),
    unserved: [],
  };
}

function audienceOf(room: Room, source: number): number[] {
  if (room.peers[source]?.source === null) return [];
  return room.peers.flatMap((_, receiver) => (wantsSource(room, receiver, source) ? [receiver] : []));
}

function loadsOf(room: Room, rates: readonly number[], shares: readonly Share[]): number[] {
  const loads = room.peers.map((_, index) => {
    const share = shares[index];
    return share === undefined ? 0 : ownLoadOf(share, rates[index] ?? 0);
  });
  shares.forEach((share, source) => {
    for (const { relay, legs } of share.fans) {
      loads[relay] = (loads[relay] ?? 0) + (sum(legs) * (rates[source] ?? 0)) / SLICE_COUNT;
    }
  });
  return loads;
}

function ownLoadOf(share: Share, rateBps: number): number {
  return (sum(share.direct) * rateBps) / SLICE_COUNT;
}

function ratioOf(bound: Bound, rates: readonly number[]): number {
  if (!bound.feasible) return 0;
  const free = rates.flatMap((rate, index) => {
    const most = bound.rates[index] ?? 0;
    return bound.held[index] || most === 0 ? [] : [rate / most];
  });
  return Math.min(1, ...free);
}

function byId(
  room: Room,
  values: readonly number[],
  shown: (peer: Room['peers'][number]) => boolean,
): Record<string, number> {
  return Object.fromEntries(room.peers.flatMap((peer, index) => (shown(peer) ? [[peer.id, values[index] ?? 0]] : [])));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
