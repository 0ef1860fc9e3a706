/** What a trial has found, in tables. */
import { posix } from 'node:path';
import Table from 'cli-table3';
import type { Verdict } from './trying/trial.ts';

/** What a fault is, in columns of a terminal: two of its lines tell most of them. */
const WHAT_COLUMNS = 80;
/** More than one in so many that survive is too much for a project that trusts its tests. */
const TOLERATED_ONE_IN = 10;

const survives = ({ seenBy }: Verdict) => seenBy === null;

export function survivors(verdicts: readonly Verdict[]): Verdict[] {
  return verdicts.filter(survives);
}

/** Every guard has to be found, and nine in ten of all faults. */
export function isGoodEnough(verdicts: readonly Verdict[]): boolean {
  const alive = survivors(verdicts);
  const guarded = alive.every(({ fault }) => fault.operator !== 'guard');
  return guarded && alive.length * TOLERATED_ONE_IN <= verdicts.length;
}

/** The survivors one by one, what each folder came to, and `N killed, N survived` as the last line. */
export function reportText(verdicts: readonly Verdict[]): string {
  const alive = survivors(verdicts);
  return [
    ...(alive.length === 0 ? [] : [survivorsTable(alive)]),
    ...(verdicts.length === 0 ? [] : [foldersTable(verdicts)]),
    `${verdicts.length - alive.length} killed, ${alive.length} survived`,
  ].join('\n');
}

function survivorsTable(alive: readonly Verdict[]): string {
  const rows = alive.map(({ fault, tests }) => {
    const { file, line, operator, what, why } = fault;
    const meaning = why === null ? what : `${what}: ${why}`;
    return [`${file}:${line}`, operator, tests === 0 ? `${meaning} (no test runs this file)` : meaning];
  });
  return table(['survived', 'operator', 'what'], rows, [null, null, WHAT_COLUMNS]);
}

function foldersTable(verdicts: readonly Verdict[]): string {
  const folders = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const folder = posix.dirname(verdict.fault.file);
    folders.set(folder, [...(folders.get(folder) ?? []), verdict]);
  }
  const rows = [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([folder, own]) => {
      const alive = survivors(own).length;
      return [folder, own.length - alive, alive];
    });
  return table(['folder', 'killed', 'survived'], rows);
}

/** @param colWidths null: as wide as what is in it */
function table(head: string[], rows: (string | number)[][], colWidths: (number | null)[] = []): string {
  const drawn = new Table({ head, colWidths, wordWrap: true, style: { head: [], border: [] } });
  drawn.push(...rows);
  return drawn.toString();
}
