/** What a run of a case comes to. */
import Table from 'cli-table3';
import type { Limits, UplinkCase } from './cases.ts';
import type { Look } from './line.ts';

export interface Row {
  readonly case: string;
  readonly trueBps: number;
  /** null: nothing was known. */
  readonly estimateBps: number | null;
  /** Since the peer joined, or since the line changed. */
  readonly atS: number;
  readonly errorPct: number | null;
  /** Of the line, from 3 s after the join on; null: not looked at. */
  readonly queueP95Ms: number | null;
  readonly lossPct: number | null;
}

/** What a peer said of its line. */
export interface Estimate {
  readonly atMs: number;
  readonly bps: number;
}

export interface Heard {
  readonly joinedMs: number;
  readonly estimates: readonly Estimate[];
  readonly looks: readonly Look[];
  readonly changedMs: number | undefined;
  /** Of a second peer on the line. */
  readonly ofRival: readonly Estimate[];
}

/** Of a run at rest: the search from nothing has ended. */
const REST_MS = 3_000;
/** So near the estimate has followed, as a share of the line. */
const FOLLOWED = 0.1;

export interface Judged {
  readonly row: Row;
  readonly limits: Limits;
}

export function rowsOf({ name, bps, change, marks }: UplinkCase, heard: Heard): Judged[] {
  const { joinedMs, estimates, changedMs, ofRival } = heard;
  const first = estimates[0];
  const firstRow = {
    row: row(`${name}, first`, bps, first?.bps, first === undefined ? Number.NaN : (first.atMs - joinedMs) / 1000),
    limits: { atS: 0.5 },
  };
  const rows = marks.flatMap(({ atS, overS, limits }) => {
    const untilMs = joinedMs + 1000 * atS;
    const near = (all: readonly Estimate[]) =>
      medianOf(all.flatMap((one) => (one.atMs <= untilMs && one.atMs > untilMs - 1000 * overS ? [one.bps] : [])));
    const taken = row(name, change === undefined ? bps : change.bps, near(estimates), atS);
    const rival = { row: row(`${name}, the other`, bps, near(ofRival), atS), limits };
    return [{ row: { ...taken, ...lineOf(heard, untilMs) }, limits }, ...(ofRival.length > 0 ? [rival] : [])];
  });
  if (change === undefined || changedMs === undefined) return [firstRow, ...rows];
  const followed = estimates.find((one) => one.atMs > changedMs && Math.abs(one.bps / change.bps - 1) <= FOLLOWED);
  const atS = followed === undefined ? Number.NaN : (followed.atMs - changedMs) / 1000;
  return [...rows, { row: row(`${name}, followed`, change.bps, followed?.bps, atS), limits: { atS: change.withinS } }];
}

export interface RoomHeard {
  readonly name: string;
  readonly atS: number;
  /** Of the lowest camera: what the bound gives it, and what it has. */
  readonly boundBps: number;
  readonly lowestBps: number;
  /** Of all packets those that came, 0..1. */
  readonly share: number;
  /** Of each line. */
  readonly looks: readonly (readonly Look[])[];
  readonly joinedMs: number;
}

/** Of a room what the lowest camera has is the estimate, and the longest queue is that of its worst line. */
export function roomRow({ name, atS, boundBps, lowestBps, share, looks, joinedMs }: RoomHeard): Row {
  const queues = looks.flatMap((ofLine) => lineOf({ joinedMs, looks: ofLine }, joinedMs + 1000 * atS).queueP95Ms ?? []);
  return {
    ...row(name, Math.round(boundBps), lowestBps, atS),
    ...{ queueP95Ms: queues.length === 0 ? null : Math.max(...queues), lossPct: rounded(100 * (1 - share)) },
  };
}

function row(name: string, trueBps: number, estimateBps: number | undefined, atS: number): Row {
  return {
    ...{ case: name, trueBps, estimateBps: estimateBps ?? null, atS: rounded(atS) },
    errorPct: estimateBps === undefined ? null : rounded(100 * (estimateBps / trueBps - 1)),
    ...{ queueP95Ms: null, lossPct: null },
  };
}

/** The line's queue and loss at rest until then. */
function lineOf(
  { joinedMs, looks }: Pick<Heard, 'joinedMs' | 'looks'>,
  untilMs: number,
): Pick<Row, 'queueP95Ms' | 'lossPct'> {
  const atRest = looks.filter(({ atMs }) => atMs >= joinedMs + REST_MS && atMs <= untilMs);
  const [first] = atRest;
  const last = atRest.at(-1);
  if (first === undefined || last === undefined) return { queueP95Ms: null, lossPct: null };
  const queues = atRest.map(({ queueMs }) => queueMs).sort((x, y) => x - y);
  const dropped = last.dropped - first.dropped;
  const all = dropped + last.passed - first.passed;
  return {
    queueP95Ms: rounded(queues[Math.ceil(0.95 * queues.length) - 1] ?? 0),
    lossPct: all === 0 ? 0 : rounded((100 * dropped) / all),
  };
}

/** Of several runs of a case the middle of each figure. */
export function medianRows(runs: readonly (readonly Judged[])[]): Judged[] {
  return (runs[0] ?? []).map(({ row, limits }, index) => {
    const rows = runs.flatMap((judged) => judged[index]?.row ?? []);
    const middle = (figure: (one: Row) => number | null) => medianOf(rows.flatMap((one) => figure(one) ?? [])) ?? null;
    return {
      row: {
        ...row,
        ...{ estimateBps: middle((one) => one.estimateBps), errorPct: middle((one) => one.errorPct) },
        ...{ atS: middle((one) => one.atS) ?? row.atS, queueP95Ms: middle((one) => one.queueP95Ms) },
        lossPct: middle((one) => one.lossPct),
      },
      limits,
    };
  });
}

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((x, y) => x - y)[Math.ceil(values.length / 2) - 1];
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}

/** For a person, with what is good enough. */
export function tableOf(judged: readonly Judged[]): string {
  const head = ['case', 'line, Mbit/s', 'estimate', 'at, s', 'error, %', 'queue p95, ms', 'loss, %', 'at most'];
  const drawn = new Table({ head, style: { head: [], border: [] } });
  for (const { row, limits } of judged) {
    drawn.push([
      ...[row.case, megabits(row.trueBps), row.estimateBps === null ? '-' : megabits(row.estimateBps)],
      ...[row.atS, row.errorPct ?? '-', row.queueP95Ms ?? '-', row.lossPct ?? '-', limitsText(limits)],
    ]);
  }
  return drawn.toString();
}

const megabits = (bps: number) => (bps / 1_000_000).toFixed(2);

function limitsText({ errorPct, queueP95Ms, lossPct, atS, leastPct }: Limits): string {
  return [
    ...(atS === undefined ? [] : [`${atS} s`]),
    ...(errorPct === undefined ? [] : [`${errorPct} %`]),
    ...(queueP95Ms === undefined ? [] : [`${queueP95Ms} ms`]),
    ...(lossPct === undefined ? [] : [`${lossPct} % lost`]),
    ...(leastPct === undefined ? [] : [`keeps ${leastPct} % at least`]),
  ].join(', ');
}
