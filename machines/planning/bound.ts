/**
 * What no plan can beat: max-min fair ("water-filled") rates under the room's upload. README.md tells where it comes from.
 *
 * A peer first serves its own streams. What those lack must come out of the pool: what the others have left of their upload,
 * as far as they lend it. Rates r of streams with audiences n, of owners with uploads c and lending l, are within the pool iff
 * `sum over owners of max(sum(n r) - c, -l) <= 0`, and an owner must send one whole copy of each stream itself: `sum(r) <= c`.
 */
import { type Room, sum, wantedStreams } from './room.ts';

export interface Bound {
  /** By stream index, bit/s; the least rates where not even they are within the bound. */
  readonly rates: readonly number[];
  /** Whether a stream is held by its own maximum or its owner's upload, not by the others; also where nobody receives it. */
  readonly held: readonly boolean[];
  /** Whether the least rates are within the bound. */
  readonly feasible: boolean;
  /** The highest rate of any video that somebody receives, or of any audio where there is no video; 0 where not feasible. */
  readonly levelBps: number;
}

/** Sums of rates differ in their last bits by the order of the terms. */
const ROUNDING = 1e-9;
/** So far below its limit a level stays where downloads are limited: what arrives is not beyond it when other rates rise. */
const MARGIN = 1e-12;
/** After so many halvings a level is as exact as a double can be. */
const HALVINGS = 60;

export function boundOf(room: Room): Bound {
  const floors = room.streams.map(({ minBps }) => minBps);
  const ceilings = ceilingsOf(room);
  const watched = room.streams.flatMap(({ audience }, index) => (audience > 0 ? [index] : []));
  const held = room.streams.map(({ audience }) => audience === 0);
  if (watched.some((index) => above(floors[index] ?? 0, ceilings[index] ?? 0)) || !fits(room, floors)) {
    return { rates: floors, held, feasible: false, levelBps: 0 };
  }
  const rates = room.streams.map(({ audience }, index) =>
    audience > 0 ? (floors[index] ?? 0) : Math.max(floors[index] ?? 0, ceilings[index] ?? 0),
  );
  const isAudio = (index: number): boolean => room.streams[index]?.audio === true;
  // Audio rises first, as far as it can with every video at its least.
  const audio = watched.filter(isAudio);
  waterFill(room, { rates, held, ceilings }, audio);
  const video = watched.filter((index) => !isAudio(index));
  waterFill(room, { rates, held, ceilings: audio.length > 0 ? ceilingsOf(room, rates) : ceilings }, video);
  for (const index of audio) held[index] = true;
  const level = Math.max(0, ...(video.length > 0 ? video : audio).map((index) => rates[index] ?? 0));
  return { rates, held, feasible: true, levelBps: level };
}

interface Filling {
  readonly rates: number[];
  readonly held: boolean[];
  readonly ceilings: readonly number[];
}

/** All rise together from what they have; who can't rise any more stops, and the others go on. */
function waterFill(room: Room, { rates, held, ceilings }: Filling, streams: readonly number[]): void {
  const floors = [...rates];
  let rising = streams;
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
    const stuck = stuckStreams(room, rates);
    const still = rising.filter((index) => !held[index] && !stuck.has(index));
    // At the highest level somebody is stuck; rounding may hide who.
    rising = still.length < rising.length ? still : [];
  }
}

/**
 * What a stream can be encoded at and still leave its peer once with all its other streams, or, without relays, once for every
 * receiver. Streams of one owner share what they have as fairly as streams of a room do.
 *
 * @param audioRates what the audio takes; left out: audio comes first and video gets what it must have
 */
function ceilingsOf(room: Room, audioRates?: readonly number[]): number[] {
  const ceilings = room.streams.map(({ maxBps }) => maxBps);
  for (const { usableBps, compatible, streams } of room.peers) {
    const copiesOf = (index: number): number => {
      const audience = room.streams[index]?.audience ?? 0;
      return compatible ? Math.min(1, audience) : audience;
    };
    const costAt = (level: number, audio: boolean): number =>
      streams.reduce((sum, index) => sum + copiesOf(index) * rateAt(index, level, audio), 0);
    const rateAt = (index: number, level: number, audio: boolean): number => {
      const stream = room.streams[index];
      if (stream === undefined) return 0;
      if (stream.audio && audioRates !== undefined) return audioRates[index] ?? 0;
      return stream.audio === audio ? Math.max(stream.minBps, Math.min(stream.maxBps, level)) : stream.minBps;
    };
    for (const audio of [true, false]) {
      const own = streams.filter((index) => room.streams[index]?.audio === audio);
      const [only] = own;
      if (only === undefined || (audio && audioRates !== undefined)) continue;
      if (streams.length === 1) {
        ceilings[only] = Math.min(ceilings[only] ?? 0, usableBps / Math.max(1, copiesOf(only)));
        continue;
      }
      const top = Math.max(...own.map((index) => room.streams[index]?.maxBps ?? 0));
      const level = highest(top, (tried) => !above(costAt(tried, audio), usableBps));
      // Where not even the least rates can leave the peer, a ceiling below them says so.
      const none = above(costAt(0, audio), usableBps);
      for (const index of own) ceilings[index] = none && copiesOf(index) > 0 ? -1 : rateAt(index, level, audio);
    }
  }
  return ceilings;
}

function highestLevel(room: Room, top: number, raised: (level: number) => readonly number[]): number {
  const level = highest(top, (tried) => fits(room, raised(tried)));
  const limited = room.peers.some(({ downloadBps }) => Number.isFinite(downloadBps));
  return limited && level < top ? level * (1 - MARGIN) : level;
}

/** The highest level up to a top that passes; a whole number where rounding is all that keeps it from being one. */
function highest(top: number, passes: (level: number) => boolean): number {
  if (passes(top)) return top;
  let low = 0;
  let high = top;
  for (let halving = 0; halving < HALVINGS && high - low > low * ROUNDING * ROUNDING; halving += 1) {
    const middle = (low + high) / 2;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  const whole = Math.round(low);
  return Math.abs(whole - low) < low * ROUNDING ? whole : low;
}

/** What can't rise any further although its own limits would let it. */
function stuckStreams(room: Room, rates: readonly number[]): Set<number> {
  const stuck = new Set<number>();
  const pool = poolBalance(room, rates);
  if (pool.taken >= pool.given * (1 - ROUNDING)) {
    for (const { usableBps, lendBps, streams } of room.peers) {
      const own = streams.reduce((sum, index) => sum + (room.streams[index]?.audience ?? 0) * (rates[index] ?? 0), 0);
      if (own - usableBps >= -lendBps - usableBps * ROUNDING) for (const index of streams) stuck.add(index);
    }
  }
  for (const [receiver, arriving] of downloads(room, rates)) {
    if (arriving < (room.peers[receiver]?.downloadBps ?? 0) * (1 - ROUNDING)) continue;
    for (const stream of wantedStreams(room, receiver)) stuck.add(stream);
  }
  return stuck;
}

function fits(room: Room, rates: readonly number[]): boolean {
  const { taken, given } = poolBalance(room, rates);
  if (above(taken, given)) return false;
  for (const [receiver, arriving] of downloads(room, rates)) {
    if (above(arriving, room.peers[receiver]?.downloadBps ?? 0)) return false;
  }
  return true;
}

/** What all owners together lack of their own upload, and what is lent. */
function poolBalance({ peers, streams }: Room, rates: readonly number[]): { taken: number; given: number } {
  let taken = 0;
  let given = 0;
  for (const peer of peers) {
    let spare = peer.usableBps;
    for (const index of peer.streams) spare -= (streams[index]?.audience ?? 0) * (rates[index] ?? 0);
    if (spare < 0) taken -= spare;
    else given += Math.min(spare, peer.lendBps);
  }
  return { taken, given };
}

/** What arrives at those whose download is limited, at least of streams that nobody is to get yet. */
function* downloads(room: Room, rates: readonly number[]): Generator<readonly [receiver: number, bps: number]> {
  const { peers, streams, wants } = room;
  const rateOf = (index: number): number => {
    const { audience = 0, wanted = 0, minBps = 0 } = streams[index] ?? {};
    return audience > 0 ? (rates[index] ?? 0) : wanted > 0 ? minBps : 0;
  };
  let total: number | undefined;
  for (const [receiver, { downloadBps, streams: own }] of peers.entries()) {
    if (!Number.isFinite(downloadBps)) continue;
    const wanted = wants[receiver];
    if (wanted) {
      yield [receiver, sum([...wanted].map((stream) => (own.includes(stream) ? 0 : rateOf(stream))))];
      continue;
    }
    total ??= sum(streams.map((_, stream) => rateOf(stream)));
    yield [receiver, total - sum(own.map(rateOf))];
  }
}

export function above(value: number, limit: number): boolean {
  return value > limit * (1 + ROUNDING);
}
