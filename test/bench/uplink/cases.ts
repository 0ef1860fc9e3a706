/** What befalls the uplink of a peer that measures it. Pure data. */

/** What goes on besides: on the way to one receiver or all, on the way back, or on the sender's own line. */
export type Trouble =
  | 'loss-on-one'
  | 'loss-on-all'
  | 'narrow-leg'
  | 'jitter'
  | 'skew'
  | 'lost-feedback'
  | 'ignores'
  | 'second-peer'
  | 'tcp';

export interface Limits {
  readonly errorPct?: number;
  readonly queueP95Ms?: number;
  readonly lossPct?: number;
  readonly atS?: number;
  readonly leastPct?: number;
}

/** A row is taken so long after the peer joined, in s; the estimate is the median of `overS` before. */
export interface Mark {
  readonly atS: number;
  readonly overS: number;
  readonly limits: Limits;
}

/** The line has another rate from then on, in s after the peer joined; it is to be followed within `withinS`. */
interface Change {
  readonly atS: number;
  readonly bps: number;
  readonly withinS: number;
}

export interface UplinkCase {
  /** What `--case` takes. */
  readonly name: string;
  /** Of the line, in bit/s with IP headers. */
  readonly bps: number;
  readonly trouble?: Trouble;
  readonly change?: Change;
  /** How many times as long all takes; left out: as long as it does. */
  readonly slowness?: number;
  readonly marks: readonly Mark[];
}

/** Members each of whom has a line of its own, of these rates. */
export interface RoomCase {
  readonly name: string;
  readonly lines: readonly number[];
  /** How many times as long all takes. */
  readonly slowness: number;
  readonly marks: readonly Omit<Mark, 'overS'>[];
}

const MEGABIT = 1_000_000;
/** Of a moment: of single values the median of what was told in half a second. */
const MOMENT_S = 0.5;
/** Of a call at rest. */
const REST_S = 5;
const USUAL_BPS = 5 * MEGABIT;
const CHANGED_AT_S = 12;
const PLAYED_AFTER_CHANGE_S = 5;
/** Two that share a line, as issue and RFC 5166 tell fairness: Jain's index. */
const SETTLED_S = 20;

/** Two processors do the work of eight: a machine that has nothing else to do. */
const SLOWNESS = 4;

export const CASES: readonly (UplinkCase | RoomCase)[] = [
  ...[1, 2, 5, 10, 20, 50].map(steady),
  changed('halved', USUAL_BPS / 2, 0.35),
  changed('fifth', USUAL_BPS / 5, 0.6),
  changed('doubled', USUAL_BPS * 2, 2.5),
  ...(['loss-on-one', 'loss-on-all', 'narrow-leg', 'jitter', 'skew', 'lost-feedback'] as const).map((trouble) => ({
    ...{ name: trouble, bps: USUAL_BPS, trouble },
    marks: [{ atS: 10, overS: REST_S, limits: { errorPct: 3 } }],
  })),
  {
    ...{ name: 'ignores', bps: USUAL_BPS, trouble: 'ignores' },
    marks: [20, 40, 60].map((atS) => ({ atS, overS: REST_S, limits: { errorPct: 5 } })),
  },
  {
    ...{ name: 'second-peer', bps: USUAL_BPS, trouble: 'second-peer' },
    marks: [{ atS: SETTLED_S, overS: REST_S, limits: { leastPct: 25 } }],
  },
  {
    ...{ name: 'tcp', bps: USUAL_BPS, trouble: 'tcp' },
    marks: [{ atS: SETTLED_S, overS: REST_S, limits: { leastPct: 33 } }],
  },
  ...[steady(2), steady(5), steady(50), changed('halved', USUAL_BPS / 2, 0.35)].map(slowed),
  {
    ...{ name: 'room', lines: [2, 2, 5, 10, 20].map((megabits) => megabits * MEGABIT), slowness: SLOWNESS },
    marks: [15, 30].map((atS) => ({ atS, limits: { leastPct: 90 } })),
  },
];

function steady(megabits: number): UplinkCase {
  const queueP95Ms = megabits === 1 ? 50 : 25;
  return {
    ...{ name: `${megabits}M`, bps: megabits * MEGABIT },
    marks: [mark(2, { errorPct: 15 }), mark(5, { errorPct: 5 }), mark(10, { errorPct: 3, queueP95Ms, lossPct: 0 })],
  };
}

function slowed(played: UplinkCase): UplinkCase {
  return { ...played, name: `${played.name}-slowed`, slowness: SLOWNESS };
}

function mark(atS: number, limits: Limits): Mark {
  return { atS, overS: MOMENT_S, limits };
}

function changed(name: string, bps: number, withinS: number): UplinkCase {
  return {
    ...{ name, bps: USUAL_BPS, change: { atS: CHANGED_AT_S, bps, withinS } },
    marks: [{ atS: CHANGED_AT_S + PLAYED_AFTER_CHANGE_S, overS: MOMENT_S, limits: { errorPct: 5 } }],
  };
}
