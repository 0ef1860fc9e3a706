/** What runs of a case come to. */
import Table from 'cli-table3';
import type { ReachCase } from './cases.ts';
import type { Run } from './play.ts';

export interface Row {
  readonly pairing: string;
  readonly runs: number;
  /** In how many of them what is to come came: media both ways, the word that there is no way, the end of what was sent. */
  readonly connected: number;
  /** Of those, ms; null where there are none, or no time is measured. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** The way that most of them took, and the most that was counted in any of them. */
  readonly medium: string;
}

export function rowOf({ pairing }: ReachCase, runs: readonly Run[]): Row {
  const times = runs.flatMap(({ ms }) => ms ?? []).sort((x, y) => x - y);
  return {
    ...{ pairing, runs: runs.length, connected: runs.filter(({ came }) => came).length },
    ...{ p50Ms: atShare(times, 0.5), p95Ms: atShare(times, 0.95) },
    medium: [mostCommon(runs.map(({ medium }) => medium)), ...countsText(runs)].join(', '),
  };
}

/** For a person who waits. */
export function textOf(run: Run): string {
  if (!run.came) return 'nothing came';
  const time = run.ms === undefined ? [] : [`${Math.round(run.ms)} ms`];
  return [...time, run.medium, ...countsText([run])].join(', ');
}

function countsText(runs: readonly Run[]): string[] {
  const names = new Set(runs.flatMap(({ counts = {} }) => Object.keys(counts)));
  return [...names].map((name) => `at most ${Math.max(...runs.map(({ counts }) => counts?.[name] ?? 0))} ${name}`);
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
export function tableOf(rows: readonly { readonly row: Row; readonly limitMs: number | null }[]): string {
  const head = ['pairing', 'connected', 'p50, ms', 'p95, ms', 'at most', 'medium'];
  const drawn = new Table({ head, style: { head: [], border: [] } });
  for (const { row, limitMs } of rows) {
    const { pairing, runs, connected, p50Ms, p95Ms, medium } = row;
    drawn.push([pairing, `${connected} of ${runs}`, p50Ms ?? '-', p95Ms ?? '-', limitMs ?? '-', medium]);
  }
  return drawn.toString();
}
