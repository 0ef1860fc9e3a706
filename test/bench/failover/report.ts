/** What runs of a kind come to. */
import Table from 'cli-table3';
import type { Kind } from './kinds.ts';

export interface Run {
  /** At each receiver that the relay served: for how long nothing of its client came. */
  readonly gapsMs: readonly number[];
  /** At each of them: by how much the latest packet of the client's picture was late, beside those that came soonest. */
  readonly latestMs: readonly number[];
  /** Packets of all who went on, at all who went on: missed, and played twice. */
  readonly lost: number;
  readonly duplicates: number;
}

export interface Row {
  readonly kind: Kind;
  /** How many times as long all took; the gaps are in the time of the room. */
  readonly slowness: number;
  readonly runs: number;
  readonly gapP50Ms: number | null;
  readonly gapP95Ms: number | null;
  /** By how much the latest packet was late, at half of the receivers and at 95 % of them no more. */
  readonly lateP50Ms: number | null;
  readonly lateP95Ms: number | null;
  /** Of all runs together. */
  readonly lost: number;
  readonly duplicates: number;
  /** In how many runs anything was lost. */
  readonly runsWithLoss: number;
}

export function rowOf(kind: Kind, slowness: number, runs: readonly Run[]): Row {
  const sorted = (of: (run: Run) => readonly number[]) => runs.flatMap(of).sort((a, b) => a - b);
  const gaps = sorted(({ gapsMs }) => gapsMs);
  const late = sorted(({ latestMs }) => latestMs);
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    ...{ kind, slowness, runs: runs.length, gapP50Ms: atShare(gaps, 0.5), gapP95Ms: atShare(gaps, 0.95) },
    ...{ lateP50Ms: atShare(late, 0.5), lateP95Ms: atShare(late, 0.95) },
    ...{ lost: sum(({ lost }) => lost), duplicates: sum(({ duplicates }) => duplicates) },
    runsWithLoss: runs.filter(({ lost }) => lost > 0).length,
  };
}

/** For a person who waits. */
export function textOf({ gapsMs, latestMs, lost, duplicates }: Run): string {
  const told = (ms: readonly number[]) => ms.map((one) => Math.round(one)).join(', ');
  return `${told(gapsMs)} ms without a packet, the latest ${told(latestMs)} ms late, ${lost} lost, ${duplicates} twice`;
}

export function tableOf(rows: readonly Row[]): string {
  const head = [
    'what happens',
    'runs',
    'gap p50, ms',
    'gap p95, ms',
    'late p50, ms',
    'late p95, ms',
    'lost',
    'runs with loss',
    'twice',
  ];
  const drawn = new Table({ head, style: { head: [], border: [] } });
  for (const row of rows) {
    const times = [row.gapP50Ms, row.gapP95Ms, row.lateP50Ms, row.lateP95Ms].map((ms) => ms ?? '-');
    drawn.push([row.kind, row.runs, ...times, row.lost, row.runsWithLoss, row.duplicates]);
  }
  return drawn.toString();
}

/** The least value that this share of them does not exceed, in whole ms. */
function atShare(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.ceil(share * sorted.length) - 1];
  return value === undefined ? null : Math.round(value);
}
