/**
 * What no plan can beat: max-min fair ("water-filled") rates under the room's upload.
 *
 * A peer first serves its own source. What that lacks must come out of the pool: what the others have left of their upload,
 * as far as they lend it. Rates r with audiences n, uploads c and lending l are within the pool iff
 * `sum_i max(n_i r_i - c_i, -l_i) <= 0`, and a source must send one whole copy itself: `r_i <= c_i`. Where everybody watches
 * everybody this is necessary and sufficient (it becomes `(N-1) sum r <= sum U`, a transportation problem that two hops
 * solve); where peers want only some sources it is an upper bound, for a relay that does not watch costs a copy of its own.
 */
import { type Room, type RoomPeer, wantsSource } from './room.ts';

export interface Bound {
  /** By peer index, bit/s; the least rates where not even they are within the bound. */
  readonly rates: readonly number[];
  /** Whether a source is held by its own maximum or upload, not by the others. */
  readonly held: readonly boolean[];
  /** Whether the least rates are within the bound. */
  readonly feasible: boolean;
  /** The highest rate of any source that somebody receives; 0 where not feasible. */
  readonly levelBps: number;
}

/** Sums of rates differ in their last bits by the order of the terms. */
const ROUNDING = 1e-9;
/** After so many halvings a level is as exact as a double can be. */
const HALVINGS = 60;

export function boundOf(room: Room): Bound {
  const floors = room.peers.map((peer) => peer.source?.minBps ?? 0);
  const ceilings = room.peers.map((peer, index) =>
    Math.max(ceilingOf(peer), peer.audience === 0 ? (floors[index] ?? 0) : 0),
  );
  const held = room.peers.map(() => false);
  const watched = indicesWhere(room, (peer) => peer.audience > 0);
  const outOfReach = watched.some((index) => above(floors[index] ?? 0, ceilings[index] ?? 0));
  if (outOfReach || !withinPool(room, floors) || !withinDownloads(room, floors)) {
    return { rates: floors, held, feasible: false, levelBps: 0 };
  }

  const rates = room.peers.map((peer, index) => (peer.audience > 0 ? (floors[index] ?? 0) : (ceilings[index] ?? 0)));
  let rising = watched;
  while (rising.length > 0) {
    const next = [...rates];
    const raised = (level: number): readonly number[] => {
      for (const index of rising) next[index] = Math.max(floors[index] ?? 0, Math.min(ceilings[index] ?? 0, level));
      return next;
    };
    const level = highestLevel(room, Math.max(...rising.map((index) => ceilings[index] ?? 0)), raised);
    raised(level).forEach((rate, index) => {
      rates[index] = rate;
    });
    for (const index of rising) held[index] = !above(ceilings[index] ?? 0, rates[index] ?? 0);
    const stuck = stuckSources(room, rates);
    const still = rising.filter((index) => !held[index] && !stuck.has(index));
    // At the highest level somebody is stuck; rounding may hide who.
    rising = still.length < rising.length ? still : [];
  }
  return { rates, held, feasible: true, levelBps: Math.max(0, ...watched.map((index) => rates[index] ?? 0)) };
}

/** What a source can be encoded at and still leave its peer once, or, without relays, once for every receiver. */
function ceilingOf(peer: RoomPeer): number {
  if (peer.source === null) return 0;
  const copies = peer.compatible ? 1 : Math.max(1, peer.audience);
  return Math.min(peer.source.maxBps, peer.usableBps / copies);
}

function highestLevel(room: Room, top: number, raised: (level: number) => readonly number[]): number {
  const fits = (level: number): boolean => {
    const rates = raised(level);
    return withinPool(room, rates) && withinDownloads(room, rates);
  };
  if (fits(top)) return top;
  let low = 0;
  let high = top;
  for (let halving = 0; halving < HALVINGS && high - low > low * ROUNDING * ROUNDING; halving += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  const whole = Math.round(low);
  return Math.abs(whole - low) < low * ROUNDING ? whole : low;
}

/** Who can't rise any further although its own limits would let it. */
function stuckSources(room: Room, rates: readonly number[]): Set<number> {
  const stuck = new Set<number>();
  const pool = poolBalance(room, rates);
  if (pool.taken >= pool.given * (1 - ROUNDING)) {
    room.peers.forEach((peer, index) => {
      const own = peer.audience * (rates[index] ?? 0);
      if (own - peer.usableBps >= -peer.lendBps - peer.usableBps * ROUNDING) stuck.add(index);
    });
  }
  room.peers.forEach((peer, receiver) => {
    if (!Number.isFinite(peer.downloadBps) || downloadOf(room, receiver, rates) < peer.downloadBps * (1 - ROUNDING))
      return;
    room.peers.forEach((_, source) => {
      if (wantsSource(room, receiver, source)) stuck.add(source);
    });
  });
  return stuck;
}

function withinPool(room: Room, rates: readonly number[]): boolean {
  const { taken, given } = poolBalance(room, rates);
  return !above(taken, given);
}

/** What all sources together lack of their own upload, and what is lent; with other audiences than the room's if given. */
export function poolBalance(
  room: Room,
  rates: readonly number[],
  audiences?: readonly number[],
): { taken: number; given: number } {
  let taken = 0;
  let given = 0;
  let index = 0;
  for (const peer of room.peers) {
    const audience = audiences?.[index] ?? peer.audience;
    const spare = peer.usableBps - audience * (rates[index] ?? 0);
    if (spare < 0) taken -= spare;
    else given += Math.min(spare, peer.lendBps);
    index += 1;
  }
  return { taken, given };
}

function withinDownloads(room: Room, rates: readonly number[]): boolean {
  return room.peers.every(
    (peer, receiver) =>
      !Number.isFinite(peer.downloadBps) || !above(downloadOf(room, receiver, rates), peer.downloadBps),
  );
}

function downloadOf(room: Room, receiver: number, rates: readonly number[]): number {
  let sum = 0;
  room.peers.forEach((_, source) => {
    if (wantsSource(room, receiver, source)) sum += rates[source] ?? 0;
  });
  return sum;
}

function above(value: number, limit: number): boolean {
  return value > limit * (1 + ROUNDING);
}

function indicesWhere(room: Room, test: (peer: RoomPeer) => boolean): number[] {
  return room.peers.flatMap((peer, index) => (test(peer) ? [index] : []));
}
