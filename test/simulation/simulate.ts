/** The command `npm run simulate`: whole rooms in virtual time, with everything that can go wrong. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { peersOption, presetList, presetOption, runsOption, secondsOption, seedOption } from './command/options.ts';
import { ProgressBar } from './command/progress-bar.ts';
import { drawScript } from './script/draw.ts';
import type { PresetName } from './script/presets.ts';
import { parseScript, printScript, type Script, ScriptError } from './script/script.ts';
import { shrink } from './script/shrink.ts';
import { simulate } from './simulation.ts';
import type { Verdict } from './verdict/verdict.ts';

/** A violation was found. */
const EXIT_VIOLATED = 1;
/** As for a wrong command line: the input must change, not the program. */
const EXIT_BAD_INPUT = 2;
/** Runs spent on making a failing script shorter. */
const SHRINK_RUNS = 60;

interface Options {
  readonly peers: number;
  readonly seed: number;
  readonly preset: PresetName;
  readonly seconds: number;
  readonly runs?: number;
  readonly json?: true;
  readonly script?: true;
  readonly shrink: boolean;
  readonly replay?: string;
  readonly trace?: string;
}

function main(argv: readonly string[]): void {
  const command = new Command('simulate')
    .description(
      'Simulate whole rooms in virtual time, with everything that can go wrong, and check that nothing breaks.',
    )
    .addOption(peersOption)
    .addOption(seedOption)
    .addOption(presetOption)
    .addOption(secondsOption)
    .addOption(runsOption.default(1))
    .option('--json', 'print the results as one line of JSON at the end')
    .option('--script', 'print what happens in each run, as a script')
    .option('--no-shrink', 'do not look for a shorter script where one fails')
    .option('--replay <file>', 'run this script; seed, preset and seconds are in it')
    .option('--trace <file>', 'write everything that happens, but for packets, to this file')
    .addHelpText('after', `\nPresets:\n${presetList()}`)
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
    const options = command.opts<Options>();
    const scripts = options.replay === undefined ? drawn(options) : [readScript(options.replay)];
    const verdicts = run(scripts, options);
    if (options.json) process.stdout.write(`${JSON.stringify({ runs: verdicts })}\n`);
    if (verdicts.some(({ violations }) => violations.length > 0)) process.exitCode = EXIT_VIOLATED;
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    else if (error instanceof ScriptError) {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = EXIT_BAD_INPUT;
    } else throw error;
  }
}

function drawn({ peers, seed, preset, seconds, runs = 1 }: Options): Script[] {
  return Array.from({ length: runs }, (_, index) => drawScript({ seed: seed + index, preset, peers, seconds }));
}

function readScript(file: string): Script {
  try {
    return parseScript(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof ScriptError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScriptError(`The script can't be read: ${reason}`, { cause });
  }
}

function run(scripts: readonly Script[], { json, script: shown, shrink: shrinks, trace }: Options): Verdict[] {
  const bar = new ProgressBar();
  const say = (text: string) => {
    bar.end();
    (json ? process.stderr : process.stdout).write(`${text}\n`);
  };
  const lines: string[] = [];
  const verdicts = scripts.map((script, index) => {
    if (shown) say(printScript(script));
    const verdict = simulate(script, {
      ...(trace !== undefined && { watch: (line: string) => lines.push(line) }),
      progress: (nowMs) => {
        const done = (index + nowMs / (script.seconds * 1000)) / scripts.length;
        bar.show(done, `seed ${script.seed}, ${Math.round(nowMs / 1000)} of ${script.seconds} s`);
      },
    });
    say(describe(verdict));
    if (verdict.violations.length > 0 && shrinks) say(shorter(script, bar));
    return verdict;
  });
  bar.end();
  if (trace !== undefined) writeFileSync(trace, lines.map((line) => `${line}\n`).join(''));
  return verdicts;
}

function describe({ seed, delivered, settleMs, messagesPerPeer, share, violations, traceHash }: Verdict): string {
  const head = [
    `seed ${seed}`,
    `delivered ${(delivered * 100).toFixed(2)} %`,
    `settled in ${settleMs} ms`,
    `${messagesPerPeer.toFixed(1)} messages a peer`,
    `share of the bound ${share.toFixed(3)}`,
    `${violations.length} violations`,
    `trace ${traceHash}`,
  ].join('  ');
  return [head, ...violations.map((violation) => `  ${violation}`)].join('\n');
}

function shorter(script: Script, bar: ProgressBar): string {
  let runs = 0;
  const fails = (candidate: Script) => {
    runs += 1;
    bar.show(runs / SHRINK_RUNS, 'looking for a shorter script that fails');
    return simulate(candidate).violations.length > 0;
  };
  const short = shrink(script, { fails, runs: SHRINK_RUNS });
  return [
    `This shorter script (${short.faults.length} of ${script.faults.length} events) fails too. Save it and give it to --replay:`,
    printScript(short),
  ].join('\n');
}

main(process.argv.slice(2));
