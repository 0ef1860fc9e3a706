/**
 * The planner: from who is in the room and how much each can upload, to a rate for every source and the routes that carry it.
 * A pure function of its input, whatever the order of the peers, so that every peer of a room comes to the same plan.
 */
import type { Bound } from './planning/bound.ts';
import type { OwnPlan, Plan, PlanInput, PlanPair, PlanRoute } from './planning/contract.ts';
import { type Decision, decide } from './planning/decision.ts';
import { Incumbents } from './planning/incumbents.ts';
import { loadsOf, ownLoad } from './planning/loads.ts';
import { type Room, type RoomPeer, roomOf } from './planning/room.ts';
import { routesOf } from './planning/routes.ts';
import { servedReceivers, wantingPeers } from './planning/shortage.ts';

export type { OwnPlan, Plan, PlanInput, PlanPeer, PlanRoute } from './planning/contract.ts';

/** The plan of a whole room. */
export function planRoom(input: PlanInput): Plan {
  const asked = roomOf(input);
  const { decision, partOf } = prepare(asked, input);
  const parts = asked.peers.map((_, source) => partOf(source));
  const { own, forwarded } = loadsOf(decision.room, decision.rates, decision.shares);
  return {
    rates: byId(asked, decision.rates, (peer) => peer.source !== null),
    routes: parts.flatMap((part) => part.routes),
    unserved: parts.flatMap((part) => part.unserved),
    load: byId(
      asked,
      own.map((bps, index) => bps + (forwarded[index] ?? 0)),
      () => true,
    ),
    boundBps: decision.bound.levelBps,
    ratio: ratioOf(decision.bound, decision.rates),
  };
}

/** One peer's part of {@link planRoom}: the same decisions, without naming the receivers of everybody else's source. */
export function planOwn(input: PlanInput, self: string): OwnPlan {
  const asked = roomOf(input);
  const source = asked.indexOf.get(self);
  if (source === undefined) return { rateBps: 0, routes: [], ownLoadBps: 0, unserved: [] };
  const { decision, partOf } = prepare(asked, input);
  const share = decision.shares[source];
  const rateBps = decision.rates[source] ?? 0;
  return {
    rateBps,
    ...partOf(source),
    ownLoadBps: share === undefined ? 0 : ownLoad(decision.room, source, share, rateBps),
  };
}

interface Part {
  readonly routes: PlanRoute[];
  readonly unserved: PlanPair[];
}

function prepare(asked: Room, input: PlanInput): { decision: Decision; partOf: (source: number) => Part } {
  const incumbents = new Incumbents(asked, input.inForce ?? []);
  const decision = decide(asked, incumbents);
  const { room, shares } = decision;
  const servedNow = (source: number, receiver: number): boolean =>
    [...incumbents.pathsOf(source).values()].some((receivers) => receivers.has(receiver));
  const servedOf = servedReceivers(asked, room, shares, servedNow);
  const partOf = (source: number): Part => {
    const share = shares[source];
    const served = servedOf(source);
    const receives = new Set(served);
    const id = (index: number): string => asked.peers[index]?.id ?? '';
    return {
      routes: share === undefined ? [] : routesOf(room, source, share, served, incumbents.pathsOf(source)),
      unserved: wantingPeers(asked, source).flatMap((receiver) =>
        receives.has(receiver) ? [] : [{ source: id(source), receiver: id(receiver) }],
      ),
    };
  };
  return { decision, partOf };
}

/** 1 where no source is free, 0 where the least rates are beyond the bound. */
function ratioOf(bound: Bound, rates: readonly number[]): number {
  if (!bound.feasible) return 0;
  const free = rates.flatMap((rate, index) => {
    const most = bound.rates[index] ?? 0;
    return bound.held[index] || most === 0 ? [] : [rate / most];
  });
  return Math.min(1, ...free);
}

function byId(room: Room, values: readonly number[], shown: (peer: RoomPeer) => boolean): Record<string, number> {
  return Object.fromEntries(room.peers.flatMap((peer, index) => (shown(peer) ? [[peer.id, values[index] ?? 0]] : [])));
}
