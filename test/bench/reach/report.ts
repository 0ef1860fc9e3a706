/** What runs of a case come to. */
import Table from 'cli-table3';
import type { ReachCase } from './cases.ts';
import type { Run } from './run.ts';

export interface Row {
  readonly pairing: string;
  readonly runs: number;
  /** In how many of them what is to come came: media both ways, or the word that there is no way. */
  readonly connected: number;
  /** Of those, ms; null where there are none. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** The way that most of them took. */
  readonly medium: string;
}

export function rowOf({ pairing }: ReachCase, runs: readonly Run[]): Row {
  const times = runs.flatMap(({ ms }) => ms ?? []).sort((x, y) => x - y);
  return {
    ...{ pairing, runs: runs.length, connected: times.length },
    ...{ p50Ms: atShare(times, 0.5), p95Ms: atShare(times, 0.95) },
    medium: mostCommon(runs.map(({ medium }) => medium)),
  };
}

/** The least value that this share of them does not exceed, in whole ms. */
function atShare(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.ceil(share * sorted.length) - 1];
  return value === undefined ? null : Math.round(value);
}

function mostCommon(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, x], [, y]) => y - x)[0]?.[0] ?? 'none';
}

/** For a person, with what is good enough. */
export function tableOf(rows: readonly { readonly row: Row; readonly limitMs: number }[]): string {
  const head = ['pairing', 'connected', 'p50, ms', 'p95, ms', 'at most', 'medium'];
  const drawn = new Table({ head, style: { head: [], border: [] } });
  for (const { row, limitMs } of rows) {
    const { pairing, runs, connected, p50Ms, p95Ms, medium } = row;
    drawn.push([pairing, `${connected} of ${runs}`, p50Ms ?? '-', p95Ms ?? '-', limitMs, medium]);
  }
  return drawn.toString();
}
