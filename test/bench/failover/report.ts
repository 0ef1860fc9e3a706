/** What runs of a kind come to. */
import Table from 'cli-table3';
import type { Kind } from './kinds.ts';

export interface Run {
  /** At each receiver that the relay served: for how long nothing of its client came. */
  readonly gapsMs: readonly number[];
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
  /** Of all runs together. */
  readonly lost: number;
  readonly duplicates: number;
  /** In how many runs anything was lost. */
  readonly runsWithLoss: number;
}

export function rowOf(kind: Kind, slowness: number, runs: readonly Run[]): Row {
  const gaps = runs.flatMap(({ gapsMs }) => gapsMs).sort((a, b) => a - b);
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    ...{ kind, slowness, runs: runs.length, gapP50Ms: atShare(gaps, 0.5), gapP95Ms: atShare(gaps, 0.95) },
    ...{ lost: sum(({ lost }) => lost), duplicates: sum(({ duplicates }) => duplicates) },
    runsWithLoss: runs.filter(({ lost }) => lost > 0).length,
  };
}

/** For a person who waits. */
export function textOf({ gapsMs, lost, duplicates }: Run): string {
  return `${gapsMs.map((gap) => Math.round(gap)).join(', ')} ms without a packet, ${lost} lost, ${duplicates} twice`;
}

export function tableOf(rows: readonly Row[]): string {
  const head = ['what happens', 'runs', 'gap p50, ms', 'gap p95, ms', 'lost', 'runs with loss', 'twice'];
  const drawn = new Table({ head, style: { head: [], border: [] } });
  for (const { kind, runs, gapP50Ms, gapP95Ms, lost, runsWithLoss, duplicates } of rows) {
    drawn.push([kind, runs, gapP50Ms ?? '-', gapP95Ms ?? '-', lost, runsWithLoss, duplicates]);
  }
  return drawn.toString();
}

/** The least value that this share of them does not exceed, in whole ms. */
function atShare(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.ceil(share * sorted.length) - 1];
  return value === undefined ? null : Math.round(value);
}
