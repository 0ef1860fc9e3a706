/**
 * The command `npm run simulate:hostile`: ten thousand hostile rooms. What is done is kept in a file, so that it can be
 * interrupted and goes on where it was.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { simulateHostile, THOROUGH } from './hostile-draw.ts';
import { runsOption, seedOption } from './options.ts';
import { ProgressBar } from './progress-bar.ts';

const SEEDS = 10_000;
const STATE_FILE = fileURLToPath(new URL('../../.rpr/hostile.json', import.meta.url));
const EXIT_VIOLATED = 1;
const EXIT_BAD_INPUT = 2;

const stateSchema = z.object({
  first: z.int(),
  done: z.int().min(0),
  failed: z.array(z.object({ seed: z.int(), violations: z.array(z.string()) })),
});
type State = z.infer<typeof stateSchema>;

interface Options {
  readonly seed: number;
  readonly runs: number;
  readonly restart?: true;
}

function main(argv: readonly string[]): void {
  const command = new Command('simulate:hostile')
    .description('Simulate hostile rooms of 5 to 12 members, one for each seed. Interrupt it: it goes on where it was.')
    .addOption(seedOption)
    .addOption(runsOption.default(SEEDS))
    .option('--restart', 'forget what has been done')
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    return;
  }
  run(command.opts<Options>());
}

function run({ seed, runs, restart }: Options): void {
  const bar = new ProgressBar();
  let state: State = (restart ? undefined : readState(seed)) ?? { first: seed, done: 0, failed: [] };
  for (; state.done < runs; state = { ...state, done: state.done + 1 }) {
    const current = seed + state.done;
    bar.show(state.done / runs, `${state.done} of ${runs} seeds, ${state.failed.length} failed`);
    const { violations } = simulateHostile(current, THOROUGH);
    if (violations.length > 0) {
      bar.end();
      process.stdout.write([`seed ${current}:`, ...violations, ''].join('\n  ').trimEnd().concat('\n'));
      state = { ...state, failed: [...state.failed, { seed: current, violations: violations.slice(0, 10) }] };
    }
    writeState({ ...state, done: state.done + 1 });
  }
  bar.end();
  const seeds = state.failed.map((failure) => failure.seed).join(', ');
  process.stdout.write(`${state.done} seeds from ${seed}: ${state.failed.length} failed${seeds && `: ${seeds}`}\n`);
  if (state.failed.length > 0) process.exitCode = EXIT_VIOLATED;
}

/** Undefined where nothing has been done yet, or for other seeds. */
function readState(first: number): State | undefined {
  let text: string;
  try {
    text = readFileSync(STATE_FILE, 'utf8');
  } catch {
    return undefined;
  }
  const state = stateSchema.safeParse(parsed(text));
  return state.success && state.data.first === first ? state.data : undefined;
}

/** Undefined for a file that is no JSON: it is begun anew, as for one of another shape. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As a whole or not at all: an interrupt must not leave half a file. */
function writeState(state: State): void {
  mkdirSync(dirname(STATE_FILE), { recursive: true });
  const draft = `${STATE_FILE}.tmp`;
  writeFileSync(draft, JSON.stringify(state));
  renameSync(draft, STATE_FILE);
}

main(process.argv.slice(2));
