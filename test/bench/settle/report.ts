/** The figures of joins into standing rooms, and their table. */
import Table from 'cli-table3';
import { median } from '../median.ts';
import type { Joined } from './join.ts';

/** The quarters of a list. */
interface Spread {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

interface SizeSummary {
  readonly peers: number;
  /** Rooms that were at rest before the join; the others say nothing. */
  readonly rooms: number;
  /** Round trips. */
  readonly movedAfter: Spread;
  readonly settledAfter: Spread;
  readonly messagesPerPeer: Spread;
  readonly movedWays: Spread;
  /** Sums over the rooms. */
  readonly ways: number;
  readonly moved: number;
  readonly planned: number;
  /** Null where it is not known of all. */
  readonly least: number | null;
}

export interface Summary {
  readonly sizes: readonly SizeSummary[];
  /** The exponent e of messages a peer ~ N^e, from the smallest to the largest room. */
  readonly messagesGrowth: number;
}

export function summarize(played: ReadonlyMap<number, readonly Joined[]>): Summary {
  const sizes = [...played].map(([peers, joins]) => summaryOf(peers, joins));
  const [first, last] = [sizes[0], sizes.at(-1)];
  const messagesGrowth =
    first === undefined || last === undefined || first === last
      ? Number.NaN
      : Math.log(last.messagesPerPeer.median / first.messagesPerPeer.median) / Math.log(last.peers / first.peers);
  return { sizes, messagesGrowth };
}

function summaryOf(peers: number, joins: readonly Joined[]): SizeSummary {
  const rooms = joins.filter(({ stood }) => stood);
  const least = rooms.map(({ moves }) => moves.least);
  const sum = (key: 'ways' | 'moved' | 'planned') => rooms.reduce((total, { moves }) => total + moves[key], 0);
  return {
    peers,
    rooms: rooms.length,
    movedAfter: spread(rooms.map(({ movedAfter }) => movedAfter)),
    settledAfter: spread(rooms.map(({ settledAfter }) => settledAfter)),
    messagesPerPeer: spread(rooms.map(({ messagesPerPeer }) => messagesPerPeer)),
    movedWays: spread(rooms.map(({ moves }) => moves.moved)),
    ...{ ways: sum('ways'), moved: sum('moved'), planned: sum('planned') },
    least: least.includes(null) ? null : least.reduce((total: number, one) => total + (one ?? 0), 0),
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  // The nearest rank: a figure that was measured, not one between two.
  const part = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { q1: part(0.25), median: median(values), q3: part(0.75) };
}

export function settleTable({ sizes, messagesGrowth }: Summary, runs: number): string {
  const table = new Table({
    head: ['N', 'rooms', 'moved after', 'settled after', 'messages a peer', 'ways moved', 'of all', 'planned', 'least'],
    style: { head: [], border: [] },
  });
  for (const size of sizes) {
    const share = size.ways === 0 ? 0 : (100 * size.moved) / size.ways;
    table.push([
      size.peers,
      size.rooms,
      text(size.movedAfter),
      text(size.settledAfter),
      text(size.messagesPerPeer),
      text(size.movedWays, 0),
      `${size.moved} of ${size.ways} (${share.toFixed(1)} %)`,
      size.planned,
      size.least ?? '-',
    ]);
  }
  const title = `One peer joins a room at rest, ${runs} rooms of each size: round trips, messages and ways as median (quartiles)`;
  return `${title}\n${table.toString()}\nMessages a peer grow like N^${messagesGrowth.toFixed(2)}`;
}

function text({ q1, median: middle, q3 }: Spread, digits = 1): string {
  return `${middle.toFixed(digits)} (${q1.toFixed(digits)}..${q3.toFixed(digits)})`;
}
