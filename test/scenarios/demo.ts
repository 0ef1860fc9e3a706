/** The command behind `npm run demo`: plays a scenario and judges it. Exit code 0 only if all is as it must be. */
import { styleText } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import type { BusMessage } from '../../actors/watch/bus-tap.ts';
import { SCENARIOS } from './catalogue.ts';
import { judgementOf } from './judging/verdict.ts';
import { playByHand } from './playing/by-hand.ts';
import { ScenarioError, type ScenarioErrorCode } from './playing/errors.ts';
import { runScenario } from './playing/run-scenario.ts';
import { hasPage, hasPhone, type Scenario } from './scenario.ts';
import { Narrator } from './telling/narrator.ts';
import { present } from './telling/presentation.ts';
import { sequenceDiagram, type TraceNote, writeTrace } from './telling/trace.ts';

const DEFAULT_SECONDS = 5;
/** Exit codes: not as it must be, or not played to its end; a command line that makes no sense; Ctrl-C (128 + SIGINT). */
const FAILED = 1;
const MISUSED = 2;
const INTERRUPTED = 130;

const MISUSES: ReadonlySet<ScenarioErrorCode> = new Set(['scenario.unknown', 'scenario.pageless', 'lab.ownServer']);

interface Options {
  readonly json?: true;
  readonly seconds: number;
  readonly trace?: string;
  readonly nats?: string;
  readonly list?: true;
  readonly manual?: true;
  readonly picture?: string;
}

/** Ctrl-C: ends the run in good order; the second one ends us at once, and our children with us. */
class Interruption extends Error {
  override readonly name = 'Interruption';
}

async function main(name: string, options: Options): Promise<void> {
  if (options.list) {
    process.stdout.write(`${listing()}\n`);
    return;
  }
  const scenario = scenarioOf(name);
  refuseServer(scenario, options);
  refusePageless(scenario, options);
  const interruption = new AbortController();
  for (const cause of ['SIGINT', 'SIGTERM'] as const) {
    process.once(cause, () => interruption.abort(new Interruption('interrupted')));
  }
  await (options.manual ? playManually : play)(scenario, options, interruption.signal);
}

/** Ctrl-C is how it ends. */
async function playManually(scenario: Scenario, options: Options, signal: AbortSignal): Promise<void> {
  const show = (peer: string, where: string) => process.stdout.write(`${peer}  ${where}\n`);
  const isDialled = scenario.peers.some(hasPhone);
  process.stderr.write(
    `${isDialled ? 'Dial this with a SIP phone' : 'Open each page in a window of its own and join'}. Ctrl-C ends it.\n`,
  );
  await playByHand(scenario, { ...natsOf(options), signal, show });
}

async function play(scenario: Scenario, options: Options, signal: AbortSignal): Promise<void> {
  const messages: BusMessage[] = [];
  const notes: TraceNote[] = [];
  const narrator = new Narrator();
  const since = performance.now();
  const show = (line: string) => {
    const seconds = ((performance.now() - since) / 1000).toFixed(2).padStart(6);
    const time = process.stderr.hasColors?.() ? styleText('dim', `${seconds} s`) : `${seconds} s`;
    process.stderr.write(`${time}  ${line}\n`);
  };
  try {
    const run = await runScenario(scenario, {
      seconds: options.seconds,
      signal,
      ...natsOf(options),
      ...(options.picture === undefined ? {} : { picture: options.picture }),
      say: (line) => {
        notes.push({ at: Date.now(), text: line });
        show(line);
      },
      onMessage: (message) => {
        if (options.trace !== undefined) messages.push(message);
        const line = narrator.tell(message);
        if (line !== undefined) show(line);
      },
    });
    const judgement = judgementOf(run);
    const colours = process.stdout.hasColors?.() ?? false;
    const report = options.json ? JSON.stringify(judgement.verdict) : present(run, judgement, colours);
    process.stdout.write(options.json ? `${report}\n` : `\n${report}\n`);
    for (const { met, text } of options.json ? judgement.findings : []) if (!met) show(`not seen: ${text}`);
    process.exitCode = judgement.verdict.ok ? 0 : FAILED;
  } finally {
    if (options.trace !== undefined) await writeTrace(options.trace, sequenceDiagram(messages, notes));
  }
}

function natsOf({ nats }: Options): { nats?: string } {
  const given = nats ?? process.env.NATS_URL ?? '';
  return given === '' ? {} : { nats: given };
}

function refuseServer({ name, sites }: Scenario, { nats }: Options): void {
  if (sites === undefined || nats === undefined) return;
  const text = `Scenario ${name} plays in a network of its own, with a NATS server of its own: leave out --nats.`;
  throw new ScenarioError('lab.ownServer', text);
}

function refusePageless({ name, peers }: Scenario, { manual, picture }: Options): void {
  if (peers.every(hasPage) || (manual ?? picture) === undefined) return;
  // A picture of a phone is none of a page.
  if (picture === undefined && peers.some(hasPhone)) return;
  const option = picture === undefined ? '--manual' : '--picture';
  const fitting = SCENARIOS.filter(
    (each) => each.peers.every(hasPage) || (picture === undefined && each.peers.some(hasPhone)),
  );
  const pages = fitting.map((each) => each.name);
  const text = `Nobody in scenario ${name} has a page${picture === undefined ? ' or is a phone' : ''}: ${option} goes with ${pages.join(', ')}.`;
  throw new ScenarioError('scenario.pageless', text);
}

function listing(): string {
  const width = Math.max(...SCENARIOS.map(({ name }) => name.length));
  return SCENARIOS.map(({ name, title }) => `${name.padEnd(width)}  ${title}`).join('\n');
}

function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario !== undefined) return scenario;
  const names = SCENARIOS.map((each) => each.name).join(', ');
  throw new ScenarioError('scenario.unknown', `There is no scenario "${name}". There are: ${names}.`);
}

/** In seconds; an hour is long enough for any wish. */
function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0.1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('Write a number of seconds from 0.1 to 3600.');
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Interruption) return INTERRUPTED;
  return error instanceof ScenarioError && MISUSES.has(error.code) ? MISUSED : FAILED;
}

const demo = new Command('npm run demo --')
  .description('Plays a call in which peers relay for each other, every peer a process of its own, and judges it.')
  .argument('[name]', 'which scenario, see --list', '1')
  .option('--json', 'print the verdict as one line of JSON, the last of standard output')
  .option('--seconds <N>', 'length of the settled window that is judged', parseSeconds, DEFAULT_SECONDS)
  .option('--trace <FILE>', 'write every bus message as a Mermaid sequence diagram')
  .option('--nats <URL>', 'NATS server to use (default: $NATS_URL, else one of our own, gone afterwards)')
  .option('--list', 'list the scenarios')
  .option(
    '--manual',
    'of a scenario with pages, or with a phone: print their addresses for a browser or a phone of yours, and wait for Ctrl-C',
  )
  .option('--picture <FILE>', 'of a scenario with pages: keep at the end, as PNG, what one of them shows')
  .action(main)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : MISUSED);
  });

try {
  await demo.parseAsync();
} catch (error) {
  const known = error instanceof Error && ('code' in error || error instanceof Interruption);
  process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
