/**
 * The command `npm run simulate:hostile`: ten thousand hostile rooms, or rooms of forgers, on all cores. What is done is kept in a file, so that it
 * can be interrupted and goes on where it was.
 */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { runsOption, seedOption, wholeNumber } from './command/options.ts';
import { ProgressBar } from './command/progress-bar.ts';
import { type Outcome, runSeeds } from './hostile/hostile-crew.ts';
import { drawOf, KINDS, type RoomKind, replayOf } from './hostile/hostile-draw.ts';
import { type HostileState, readState, writeState } from './hostile/hostile-state.ts';

const SEEDS = 10_000;
/** More processes than this are more than any machine has cores for. */
const JOBS = { least: 1, most: 256 };
/** Kept of what went wrong in one room: the rest follows from it. */
const VIOLATIONS_KEPT = 10;
/** Where no bar can be drawn, a line is said each so many rooms. */
const SAID_EVERY = 100;
const EXIT_VIOLATED = 1;
const EXIT_BAD_INPUT = 2;

interface Options {
  readonly preset: RoomKind;
  readonly seed: number;
  readonly runs: number;
  readonly jobs: number;
  readonly restart?: true;
}

async function main(argv: readonly string[]): Promise<void> {
  const command = new Command('simulate:hostile')
    .description(
      'Simulate hostile rooms of 5 to 12 members, or rooms of 3 to 5 with forgers, one for each seed. Interrupt it: it goes on where it was.',
    )
    .addOption(new Option('--preset <name>', 'what kind of rooms').choices(KINDS).default('hostile'))
    .addOption(seedOption)
    .addOption(runsOption.default(SEEDS))
    .addOption(
      new Option('--jobs <n>', 'rooms at the same time')
        .argParser(wholeNumber(JOBS))
        .default(availableParallelism(), 'one for each core'),
    )
    .option('--restart', 'forget what has been done: what a changed program did before says nothing of it now')
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    return;
  }
  await run(command.opts<Options>());
}

async function run({ preset: kind, seed, runs, jobs, restart }: Options): Promise<void> {
  const bar = new ProgressBar();
  let state: HostileState = (restart ? undefined : readState(kind, seed)) ?? {
    first: seed,
    done: 0,
    failed: [],
  };
  const outOfTurn = new Map<number, Outcome>();
  const ended = (outcome: Outcome) => {
    outOfTurn.set(outcome.seed, outcome);
    for (let next = outOfTurn.get(seed + state.done); next !== undefined; next = outOfTurn.get(seed + state.done)) {
      outOfTurn.delete(next.seed);
      state = withOutcome(state, next);
      if (next.violations.length > 0) {
        bar.end();
        process.stdout.write(`${describe(kind, next)}\n`);
      }
      writeState(kind, state);
      if (!process.stderr.isTTY && state.done % SAID_EVERY === 0) process.stdout.write(`${progressOf(state, runs)}\n`);
    }
    bar.show(state.done / runs, progressOf(state, runs));
  };
  await runSeeds(range(seed + state.done, seed + runs), { kind, jobs, ended });
  bar.end();
  const seeds = state.failed.map((failure) => failure.seed).join(', ');
  process.stdout.write(`${state.done} seeds from ${seed}: ${state.failed.length} failed${seeds && `: ${seeds}`}\n`);
  if (state.failed.length > 0) process.exitCode = EXIT_VIOLATED;
}

function progressOf({ done, failed }: HostileState, runs: number): string {
  return `${done} of ${runs} seeds, ${failed.length} failed`;
}

function describe(kind: RoomKind, { seed, violations }: Outcome): string {
  return [`seed ${seed}: ${replayOf(drawOf(kind, seed))}`, ...violations].join('\n  ');
}

function withOutcome(state: HostileState, { seed, violations }: Outcome): HostileState {
  const failed = violations.length === 0 ? [] : [{ seed, violations: violations.slice(0, VIOLATIONS_KEPT) }];
  return { ...state, done: state.done + 1, failed: [...state.failed, ...failed] };
}

function* range(from: number, until: number): Iterable<number> {
  for (let value = from; value < until; value++) yield value;
}

await main(process.argv.slice(2));
