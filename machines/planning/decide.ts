/** The numbers of a plan: who is served, at which rates, and each stream's share of the relays; for the whole room. */
import { SLICE_COUNT } from '../slices.ts';
import { attemptsAt, withoutStreams } from './attempts.ts';
import { type Bound, boundOf } from './bound.ts';
import type { PlanRoute } from './contract.ts';
import { fill, fillAround } from './fill/fill.ts';
import { Running } from './fill/running.ts';
import { levelAround } from './keep.ts';
import { fillWholeFirst, type Leveled } from './level.ts';
import { type Room, withAudiences } from './room.ts';
import { isSplit, type Share } from './share.ts';
import { withAffordableAudiences, withFairAudiences, withinOwnLimits } from './shortage.ts';

/** What is served, at which rates and through whom. */
interface Served extends Pick<Leveled, 'rates' | 'shares'> {
  /** The room with the layers that receivers get and the audiences that can be served. */
  readonly room: Room;
  /** What runs of it now. */
  readonly running: Running;
}

export interface Decision extends Served {
  /** Of the room without what asks for far too much; not feasible where other least rates are beyond it. */
  readonly bound: Bound;
}

/** The parts of their fair share with which streams are tried that ask for more. */
const FAIR_PARTS = [1, 0.9, 0.7, 0.4, 0];

export function decide(asked: Room, inForce: readonly PlanRoute[]): Decision {
  const limited = withinOwnLimits(asked);
  const { late, tries, short } = attemptsAt(limited, inForce);
  for (const { room, served, bound } of tries) {
    const level = levelAround(served, bound, new Running(served, inForce));
    if (level === null) continue;
    // Where something gave way to the limits of one member, the least rates are beyond the bound whatever the others do.
    const reported = limited === asked ? bound : { ...bound, feasible: false, levelBps: 0 };
    return { ...serveLate(room, { ...level, room: served }, late, new Running(room, inForce)), bound: reported };
  }
  return decideShort(short(), late, inForce);
}

/**
 * Not even the least rates find their places: every stream keeps the receivers that its fair share pays for, and gets more where
 * any can be had.
 */
function decideShort(room: Room, late: readonly number[], inForce: readonly PlanRoute[]): Decision {
  const bound: Bound = { ...boundOf(room), feasible: false, levelBps: 0 };
  const running = new Running(room, inForce);
  for (const part of FAIR_PARTS) {
    const fair = withFairAudiences(withoutStreams(room, late), part);
    const boundOfFair = boundOf(fair);
    const level = boundOfFair.feasible ? levelAround(fair, boundOfFair, new Running(fair, inForce)) : null;
    if (level === null) continue;
    const isShort = (index: number): boolean =>
      (room.streams[index]?.audience ?? 0) > (fair.streams[index]?.audience ?? 0);
    const short = level.rates.flatMap((_, index) => (isShort(index) ? [index] : []));
    return { ...serveLate(room, { ...level, room: fair }, short, running), bound };
  }
  // Not even so: audio first, then video, each at its least rates as far as it goes.
  const rates = room.streams.map(({ minBps }) => minBps);
  const ofKind = (audio: boolean): number[] =>
    room.streams.flatMap((stream, index) => (stream.audio === audio ? [index] : []));
  const nobody = withAudiences(
    room,
    rates.map(() => 0),
  );
  const silent: Served = { rates, shares: rates.map(() => NOT_SENT), room: nobody, running };
  const audio = serveLate(room, silent, ofKind(true), running);
  return { ...serveLate(room, audio, ofKind(false), running), bound };
}

const NOT_SENT: Share = { receivers: 0, direct: new Array<number>(SLICE_COUNT).fill(0), fans: [] };

/** After so many halvings the part of the pool that can be used is known to a tenth of a per mille. */
const HALVINGS = 13;

/**
 * Give streams that came short as many receivers as what is left pays for, at their least rates; nobody else's rate changes.
 *
 * @param served what is served anyhow
 */
function serveLate(
  room: Room,
  served: Pick<Served, 'rates' | 'shares' | 'room'>,
  late: readonly number[],
  running: Running,
): Served {
  const rates = served.rates.map((rate, index) => (late.includes(index) ? (room.streams[index]?.minBps ?? 0) : rate));
  const affordable = (part: number): Room => withAffordableAudiences(room, served.room, rates, late, part);
  const fits = (tried: Room): boolean => fill(tried, { rates, split: () => true }) !== null;
  let best = late.length > 0 ? affordable(1) : served.room;
  if (late.length === 0 || !fits(best)) {
    best = served.room;
    let low = 0;
    let high = 1;
    for (let halving = 0; late.length > 0 && halving < HALVINGS; halving += 1) {
      const middle = (low + high) / 2;
      const tried = affordable(middle);
      if (fits(tried)) {
        low = middle;
        best = tried;
      } else high = middle;
    }
  }
  const fresh = best === served.room ? null : fillWholeFirst(best, rates);
  if (fresh === null) return { ...served, rates, running };
  const needed = fresh.shares.map(isSplit);
  const kept = fillAround(best, { rates, split: (stream) => needed[stream] === true }, running, 'make way');
  return { rates, shares: (kept ?? fresh).shares, room: best, running };
}
