/**
 * Fewer receivers that hang on relays. An owner that sends everything to as many receivers as it can, and has no more relays than
 * those, leaves only the others to relays; every relay more takes one of the receivers with it, for it gets only a part direct.
 * Placing stream by stream spreads the last ones over what others have left. Here such a stream gets few relays whatever these
 * carry already, and legs change hands until nobody sends too much.
 */
import { SLICE_COUNT } from '../../slices.ts';
import { ROUNDING } from '../fill/task.ts';
import type { Leveled } from '../level.ts';
import { relayedReceivers } from '../name.ts';
import { mayRelay, type Room, sum } from '../room.ts';
import { leftOf, ownLoad, type Share } from '../share.ts';
import { layOut, layOutFewest } from './lay-out.ts';
import { Balance, hasMoved, legsBySender, type Sending } from './repair.ts';

/** In larger rooms a relay is found that carries whole streams, and time is short. */
const MOST_PEERS = 32;
/** Exchanges weighed for a room: keeps the search to a few milliseconds. */
const MOST_EFFORT = 20_000;
/** For one peer as the relay of one stream. */
const EFFORT_OF_ONE = 4_000;
/** How many peers are tried as the relay of one stream. */
const MOST_TRIED = 10;

/** The same rates with fewer receivers of relays, where such a plan is found. */
export function withFewerRelays(room: Room, plan: Leveled): Leveled {
  if (room.peers.length > MOST_PEERS) return plan;
  let effort = MOST_EFFORT;
  let found = plan;
  for (const stream of room.streams.keys()) {
    if (!couldRelayLess(room, found, stream)) continue;
    for (const relay of mostRoomFirst(room, found, stream).slice(0, MOST_TRIED)) {
      if (effort <= 0) return found;
      const own = { left: Math.min(effort, EFFORT_OF_ONE) };
      effort -= own.left;
      const gathered = gatherAt(room, found, stream, relay, own);
      effort += Math.max(0, own.left);
      if (gathered === null) continue;
      found = gathered;
      break;
    }
  }
  return found;
}

/** What is never split stays as it is; and a copy to a relay that does not want it serves nobody: there counting legs is not enough. */
function mayChange(room: Room, stream: number, { fans }: Share): boolean {
  return fans.length > 0 && !room.streams[stream]?.whole && fans.every(({ relay }) => mayRelay(room, relay, stream));
}

function couldRelayLess(room: Room, plan: Leveled, stream: number): boolean {
  const share = plan.shares[stream];
  if (share === undefined || !mayChange(room, stream, share)) return false;
  return Math.min(...share.direct) < affordableCopies(room, plan, stream) || !relaysFewest(room, stream, share);
}

/** Whether as many receivers as its owner sends whole copies get everything direct. */
function relaysFewest(room: Room, stream: number, share: Share): boolean {
  const copies = Math.min(...share.direct);
  return share.fans.length <= copies || relayedReceivers(room, stream, share) === share.receivers - copies;
}

/** To how many receivers an owner can send all of a stream. */
function affordableCopies(room: Room, { rates, shares }: Leveled, stream: number): number {
  const { usableBps = 0, streams = [] } = room.peers[room.streams[stream]?.owner ?? 0] ?? {};
  const others = streams.map((other) => {
    const share = shares[other];
    return other === stream || share === undefined ? 0 : ownLoad(room, other, share, rates[other] ?? 0);
  });
  const copies = Math.floor((usableBps - sum(others)) / (rates[stream] ?? 0) + ROUNDING);
  return Math.min(shares[stream]?.receivers ?? 0, copies);
}

/** Who could forward most legs of a stream, with those that it forwards now. */
function mostRoomFirst(room: Room, { rates, shares }: Leveled, stream: number): number[] {
  const { usable, lent } = leftOf(room, rates, shares);
  const roomAt = usable.map((bps, peer) => Math.min(bps, lent[peer] ?? 0));
  for (const { relay, legs } of shares[stream]?.fans ?? []) {
    roomAt[relay] = (roomAt[relay] ?? 0) + (sum(legs) * (rates[stream] ?? 0)) / SLICE_COUNT;
  }
  return room.peers
    .flatMap(({ lendBps }, peer) => (lendBps > 0 && mayRelay(room, peer, stream) ? [peer] : []))
    .sort((a, b) => (roomAt[b] ?? 0) - (roomAt[a] ?? 0) || a - b);
}

/** The plan with one peer as the great relay of a stream; `null` where that does not fit or relays no less. */
function gatherAt(room: Room, plan: Leveled, stream: number, relay: number, effort: { left: number }): Leveled | null {
  const copies = affordableCopies(room, plan, stream);
  const sendings = relayedSendings(room, plan, stream, copies);
  const sending = sendings.find((one) => one.stream === stream);
  if (sending === undefined) return null;
  const balance = new Balance(room, sendings, leftOf(room, plan.rates, plan.shares), effort);
  gather(balance, sending, relay, copies);
  if (!balance.run()) return null;
  const shares = [...plan.shares];
  let more = 0;
  for (const moved of sendings.filter(hasMoved)) {
    const { owner, receivers, legs } = moved;
    const laid = layOutFewest(owner, receivers, legs) ?? layOut(owner, receivers, legs);
    const before = shares[moved.stream];
    if (laid === null || before === undefined) return null;
    const share: Share = {
      receivers,
      direct: laid.direct,
      fans: [...laid.fans].map(([by, own]) => ({ relay: by, legs: own })),
    };
    more += relayedReceivers(room, moved.stream, share) - relayedReceivers(room, moved.stream, before);
    shares[moved.stream] = share;
  }
  return more < 0 ? { ...plan, shares } : null;
}

/** What the smallest relays of a stream forward goes to one relay, until it has no more relays than copies. */
function gather(balance: Balance, sending: Sending, relay: number, copies: number): void {
  const { owner, legs } = sending;
  const others = relaysOf(owner, legs).filter(([peer]) => peer !== relay);
  others.sort(([a, legsOfA], [b, legsOfB]) => legsOfB - legsOfA || a - b);
  for (const [peer, count] of others.slice(copies - 1)) balance.move(sending, peer, relay, count);
  for (const peer of [relay, ...others.map(([other]) => other)]) {
    const lacking = copies * SLICE_COUNT - (legs.get(owner) ?? 0);
    if (lacking > 0) balance.move(sending, peer, owner, Math.min(lacking, legs.get(peer) ?? 0));
  }
}

/**
 * Of every stream that has relays. None is sent in fewer whole copies than now, and none that leaves as few receivers to relays as it
 * can leaves any more to them; one stream becomes such a one.
 */
function relayedSendings(room: Room, { rates, shares }: Leveled, gathered: number, copies: number): Sending[] {
  return shares.flatMap((share, stream) => {
    if (!mayChange(room, stream, share)) return [];
    const { receivers, direct, fans } = share;
    const owner = room.streams[stream]?.owner ?? 0;
    const before = legsBySender(
      owner,
      direct,
      fans.map(({ relay, legs }) => [relay, legs]),
    );
    const least = stream === gathered || relaysFewest(room, stream, share);
    const layable: Sending['layable'] = (moved) => {
      const relays = relaysOf(owner, moved).length;
      if (relays * SLICE_COUNT <= (moved.get(owner) ?? 0)) return true;
      if (least) return layOutFewest(owner, receivers, moved) !== null;
      return relays <= fans.length && layOut(owner, receivers, moved) !== null;
    };
    const leastOwn = (stream === gathered ? copies : Math.min(...direct)) * SLICE_COUNT;
    const unitBps = (rates[stream] ?? 0) / SLICE_COUNT;
    return [{ stream, owner, receivers, unitBps, leastOwn, legs: new Map(before), before, layable }];
  });
}

function relaysOf(owner: number, legs: ReadonlyMap<number, number>): [relay: number, legs: number][] {
  return [...legs].filter(([peer, count]) => peer !== owner && count > 0);
}
