/**
 * The command behind `npm test`: formatter and linter, types, dead code, then the tests. The last line of standard
 * output is `N passed, N failed`, with `, N skipped` when some were; each check counts as one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { Command } from 'commander';
import { bundle, isFresh } from '../infra/setup/bundle.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Check {
  readonly name: string;
  /** A program, by its place from node_modules/.bin, and its arguments. */
  readonly command: readonly [string, ...string[]];
}

/** By its place: TypeScript 6, whose API our own readers of sources use, has a program of the same name, and takes thrice the time. */
const TSC = '../typescript/bin/tsc';

const CHECKS: readonly Check[] = [
  { name: 'format and lint', command: ['biome', 'check', '--error-on-warnings'] },
  { name: 'types', command: [TSC, '--noEmit'] },
  // What runs in a browser has other globals than what runs in Node.
  { name: 'types of the page', command: [TSC, '--noEmit', '--project', 'actors/page/app'] },
  { name: 'types of the tests in a browser', command: [TSC, '--noEmit', '--project', 'test/page/browser'] },
  { name: 'types of the benchmarks in a browser', command: [TSC, '--noEmit', '--project', 'test/bench/page'] },
  { name: 'dead code', command: ['knip'] },
];

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const sum = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((total, { passed }) => total + passed, 0),
  failed: tallies.reduce((total, { failed }) => total + failed, 0),
  skipped: tallies.reduce((total, { skipped }) => total + skipped, 0),
});

function run(command: readonly [string, ...string[]]) {
  const [program, ...args] = command;
  // Programs that see a pipe switch colours off; ours passes them on to where they are wanted.
  const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env;
  return spawn(`${ROOT}node_modules/.bin/${program}`, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs one check. Its output is of interest only if it fails, and is then shown in full. */
async function runCheck({ name, command }: Check): Promise<Tally> {
  const since = performance.now();
  const child = run(command);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, 'close');
  const seconds = ((performance.now() - since) / 1_000).toFixed(1);
  const passed = code === 0;
  process.stdout.write(`  ${passed ? '✔' : '✘'} ${name} (${seconds}s)\n`);
  if (!passed) process.stdout.write(`\n${Buffer.concat(output).toString().trimEnd()}\n\n`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

/**
 * How AVA's default reporter marks a test in its running list. Its TAP output would be easier to count, but shows
 * failures without the line of the test and without its code.
 */
const MARKS: readonly (readonly [RegExp, Tally])[] = [
  [/^ {2}[✔√] /, { passed: 1, failed: 0, skipped: 0 }],
  [/^ {2}[✘✖×] /, { passed: 0, failed: 1, skipped: 0 }],
  [/^ {2}- \[(?:skip|todo)\] /, { passed: 0, failed: 0, skipped: 1 }],
];
/** The line that ends the running list; failures in full and AVA's own summary follow. */
const END_OF_LIST = /^ {2}[─-]$/;

/** Of all tests, compiled beforehand: the many processes then load a few files each, and compile none. */
const ALL_TESTS = ['--config', 'test/compiled/ava.config.mjs'];
const COMPILED = '.rpr/tests/*/test';
/** Calls of four and five processes, which need both cores: they are run by themselves. */
const CALLS = `${COMPILED}/scenarios/scenarios.test.ts`;
const WHOLE_SUITE = [
  [...ALL_TESTS, `${COMPILED}/**/*.test.ts`, `!${CALLS}`],
  [...ALL_TESTS, CALLS],
];

/** Runs AVA, shows its output as it comes and counts the tests. */
async function runTests(args: readonly string[]): Promise<Tally> {
  const child = run(['ava', ...args]);
  child.stderr.pipe(process.stderr);
  const tallies: Tally[] = [];
  let listing = true;
  createInterface({ input: child.stdout }).on('line', (line) => {
    process.stdout.write(`${line}\n`);
    const plain = stripVTControlCharacters(line);
    listing &&= !END_OF_LIST.test(plain);
    const mark = listing ? MARKS.find(([pattern]) => pattern.test(plain)) : undefined;
    if (mark !== undefined) tallies.push(mark[1]);
  });
  const [code] = await once(child, 'close');
  const tally = sum(tallies);
  // A run that broke off, or found no test, has failed even if no test did.
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** Arguments of AVA, run by run. */
function testRuns(patterns: readonly string[], match: string | undefined): readonly (readonly string[])[] {
  // The titles of those that share a process begin with their file's name.
  if (match !== undefined)
    return [[...(patterns.length > 0 ? patterns : ALL_TESTS), '--match', match, '--match', `* › ${match}`]];
  return patterns.length > 0 ? [patterns] : WHOLE_SUITE;
}

interface Options {
  readonly match?: string;
  readonly checks?: boolean;
  readonly long?: boolean;
}

async function main(patterns: readonly string[], options: Options): Promise<void> {
  const { match, checks, long } = options;
  const selective = patterns.length > 0 || match !== undefined;
  if (long) process.env.RPR_TESTS = 'long';
  const tallies: Tally[] = [];
  if (checks || !selective) tallies.push(...(await Promise.all(CHECKS.map(runCheck))));
  // Made once here, or every first peer of every test would make it.
  if (!checks && !isFresh()) await bundle();
  if (!checks) for (const args of testRuns(patterns, match)) tallies.push(await runTests(args));
  const { passed, failed, skipped } = sum(tallies);
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await new Command('npm test --')
  .description('Runs the checks (format and lint, types, dead code) and all tests; exits with 1 if anything failed.')
  .argument('[patterns...]', 'run only test files in these folders or of these names, and no checks: test/infra')
  .option('--match <title>', 'run only tests with this title, and no checks; * stands for anything')
  .option('--long', 'look at all that tests draw at random, instead of some of it')
  .option('--checks', 'run only the checks')
  .action((patterns: readonly string[], options: Options) => main(patterns, options))
  .parseAsync();
