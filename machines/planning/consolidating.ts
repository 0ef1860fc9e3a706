/**
 * Fewer receivers that hang on relays. A source that sends everything to as many receivers as it can, and has no more relays than
 * those, leaves only the others to relays; every relay more takes one of the receivers with it, for it gets only a part direct.
 * Placing source by source spreads the last ones over what others have left. Here such a source gets few relays whatever these
 * carry already, and legs change hands until nobody sends too much.
 */
import { SLICE_COUNT } from '../slices.ts';
import { Balance, hasMoved, legsBySender, type Sending } from './balancing.ts';
import type { Effort } from './exchanging.ts';
import { layOut, layOutFewest } from './layout.ts';
import { leftOf } from './loads.ts';
import type { Leveled } from './rates.ts';
import { type Room, wantsSource } from './room.ts';
import { relayedReceivers } from './routes.ts';
import type { Fan, Share } from './share.ts';
import { sum } from './sum.ts';
import { ROUNDING } from './task.ts';

/** Exchanges weighed for a room: keeps the search to a few milliseconds. */
const MOST_EFFORT = 20_000;
/** For one peer as the relay of one source. */
const EFFORT_OF_ONE = 4_000;
/** How many peers are tried as the relay of one source. */
const MOST_TRIED = 10;

/** The same rates with fewer receivers of relays, where such a plan is found. Everybody is served. */
export function consolidated(room: Room, plan: Leveled): Leveled {
  const effort: Effort = { left: MOST_EFFORT };
  let found = plan;
  for (const source of room.peers.keys()) {
    if (effort.left <= 0) return found;
    if (couldRelayLess(room, found, source)) found = fewerRelays(room, found, source, effort) ?? found;
  }
  return found;
}

function couldRelayLess(room: Room, plan: Leveled, source: number): boolean {
  const share = plan.shares[source];
  if (share === undefined || share.fans.length === 0) return false;
  // A copy to a relay that does not watch serves nobody: there counting legs is not enough.
  if (!share.fans.every(({ relay }) => wantsSource(room, relay, source))) return false;
  return Math.min(...share.direct) < affordableCopies(room, plan, source) || !relaysFewest(room, source, share);
}

/** Whether as many receivers as a source has whole copies get everything direct. */
function relaysFewest(room: Room, source: number, share: Share): boolean {
  const copies = Math.min(...share.direct);
  return share.fans.length <= copies || relayedReceivers(room, source, share) === share.receivers - copies;
}

/** To how many receivers a source can send everything. */
function affordableCopies(room: Room, { rates, shares }: Leveled, source: number): number {
  const copies = (room.peers[source]?.usableBps ?? 0) / (rates[source] ?? 0);
  return Math.min(shares[source]?.receivers ?? 0, Math.floor(copies + ROUNDING));
}

function fewerRelays(room: Room, plan: Leveled, source: number, effort: Effort): Leveled | null {
  const copies = affordableCopies(room, plan, source);
  for (const relay of mostRoomFirst(room, plan, source).slice(0, MOST_TRIED)) {
    if (effort.left <= 0) return null;
    const sendings = relayedSendings(room, plan, source, copies);
    const tried: Effort = { left: Math.min(effort.left, EFFORT_OF_ONE) };
    effort.left -= tried.left;
    const balance = new Balance(room, sendings, leftOf(room, plan.rates, plan.shares), tried);
    gather(balance, sendings, source, relay, copies);
    const fits = balance.run();
    effort.left += Math.max(0, tried.left);
    if (!fits) continue;
    const shares = sharesOf(plan, sendings);
    if (shares !== null && relaysLess(room, plan.shares, shares)) return { ...plan, shares };
  }
  return null;
}

/** Who could forward most legs of a source, with those that it forwards now. */
function mostRoomFirst(room: Room, plan: Leveled, source: number): number[] {
  const { usable, lent } = leftOf(room, plan.rates, plan.shares);
  const roomAt = usable.map((bps, peer) => Math.min(bps, lent[peer] ?? 0));
  for (const { relay, legs } of plan.shares[source]?.fans ?? []) {
    roomAt[relay] = (roomAt[relay] ?? 0) + (sum(legs) * (plan.rates[source] ?? 0)) / SLICE_COUNT;
  }
  return room.peers
    .flatMap(({ lendBps }, peer) => (lendBps > 0 && wantsSource(room, peer, source) ? [peer] : []))
    .sort((a, b) => (roomAt[b] ?? 0) - (roomAt[a] ?? 0) || a - b);
}

/** What the smallest relays of a source forward goes to one relay, until it has no more relays than copies. */
function gather(balance: Balance, sendings: readonly Sending[], source: number, relay: number, copies: number): void {
  const sending = sendings.find((one) => one.source === source);
  if (sending === undefined) return;
  const { legs } = sending;
  const others = relaysOf(sending.source, sending.legs).filter(([peer]) => peer !== relay);
  others.sort(([a, legsOfA], [b, legsOfB]) => legsOfB - legsOfA || a - b);
  for (const [peer, count] of others.slice(copies - 1)) balance.move(sending, peer, relay, count);
  for (const peer of [relay, ...others.map(([other]) => other)]) {
    const lacking = copies * SLICE_COUNT - (legs.get(source) ?? 0);
    if (lacking > 0) balance.move(sending, peer, source, Math.min(lacking, legs.get(peer) ?? 0));
  }
}

/**
 * Of every source that has relays. None sends fewer whole copies than now, and none that leaves as few receivers to relays as it
 * can leaves any more to them; one source becomes such a one.
 */
function relayedSendings(room: Room, { rates, shares }: Leveled, gathered: number, copies: number): Sending[] {
  return shares.flatMap((share, source) => {
    const { receivers, direct, fans } = share;
    if (fans.length === 0 || !fans.every(({ relay }) => wantsSource(room, relay, source))) return [];
    const before = legsBySender(
      source,
      direct,
      fans.map(({ relay, legs }) => [relay, legs]),
    );
    const least = source === gathered || relaysFewest(room, source, share);
    const leastOwn = (source === gathered ? copies : Math.min(...direct)) * SLICE_COUNT;
    const layable: Sending['layable'] = (moved) => {
      const relays = relaysOf(source, moved).length;
      if (relays * SLICE_COUNT <= (moved.get(source) ?? 0)) return true;
      if (least) return layOutFewest(source, receivers, moved) !== null;
      return relays <= fans.length && layOut(source, receivers, moved) !== null;
    };
    const unitBps = (rates[source] ?? 0) / SLICE_COUNT;
    return [{ source, receivers, unitBps, leastOwn, legs: new Map(before), before, layable }];
  });
}

/** Sources of which no leg moved keep their slices. `null` where legs were moved that no slices are left for. */
function sharesOf({ shares }: Leveled, sendings: readonly Sending[]): Share[] | null {
  const changed = [...shares];
  for (const sending of sendings) {
    if (!hasMoved(sending)) continue;
    const laidOut = shareOf(sending);
    if (laidOut === null) return null;
    changed[sending.source] = laidOut;
  }
  return changed;
}

function shareOf({ source, receivers, legs }: Sending): Share | null {
  const layout = layOutFewest(source, receivers, legs) ?? layOut(source, receivers, legs);
  if (layout === null) return null;
  return { receivers, direct: layout.direct, fans: fansOf(layout.fans) };
}

function fansOf(legsByRelay: ReadonlyMap<number, readonly number[]>): Fan[] {
  return [...legsByRelay].map(([relay, legs]) => ({ relay, legs }));
}

function relaysOf(source: number, legs: ReadonlyMap<number, number>): [relay: number, legs: number][] {
  return [...legs].filter(([peer, count]) => peer !== source && count > 0);
}

/** Whether fewer receivers hang on relays than before, of all sources together. */
function relaysLess(room: Room, before: readonly Share[], after: readonly Share[]): boolean {
  const more = after.map((share, source) => {
    const old = before[source];
    if (old === undefined || old === share) return 0;
    return relayedReceivers(room, source, share) - relayedReceivers(room, source, old);
  });
  return sum(more) < 0;
}
