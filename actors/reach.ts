/**
 * The command `rpr reach`: what the network of this machine does to a call, and what to change. It joins no room, and ends within 4 s.
 *
 * Exit codes: 0 the report is told, 1 no UDP gets out of this network or no socket could be had, 2 wrong usage.
 */
import { Command, CommanderError } from 'commander';
import { PathError } from '../infra/path/errors.ts';
import { everywhere } from './call/media-addresses.ts';
import { addServerOptions, type RawReachOptions, reachChoice } from './options/reach.ts';
import { UsageError } from './options/usage-error.ts';
import type { Findings, Verdict } from './reach-report/contract.ts';
import { findOut } from './reach-report/find-out.ts';
import { judge } from './reach-report/judge.ts';
import { reportText } from './reach-report/report-text.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

type Options = Omit<RawReachOptions, 'candidates'> & { readonly json?: true };

const EXIT_CODES = `
Exit codes: 0 the report is told, 1 no UDP gets out of this network or no socket could be had, 2 wrong usage.`;

function commandLine(): Command {
  const command = new Command('rpr reach')
    .description(
      'Tells what kind of NAT this machine sits behind, what its router and the servers say, which members of a room reach it how, ' +
        'and what to change. Takes up to 3 seconds, and joins no room.',
    )
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  return addServerOptions(command).option('--json', 'print the report as one line of JSON');
}

async function main(argv: readonly string[]): Promise<number> {
  const command = commandLine();
  try {
    command.parse(argv, { from: 'user' });
    if (command.args.length > 0) throw new UsageError(`"${command.args[0]}" is no option. See --help.`);
    const raw = command.opts<Options>();
    const findings = await findOut({ choice: reachChoice({ ...raw, candidates: 'all' }), listen: everywhere() });
    const verdict = judge(findings);
    await print(raw.json ? JSON.stringify(asJson(findings, verdict)) : reportText(findings, verdict));
    return verdict.nat === 'blocked' ? EXIT_FAILED : 0;
  } catch (error) {
    return complaint(error);
  }
}

function print(text: string): Promise<void> {
  return new Promise((resolve) => void process.stdout.write(`${text}\n`, () => resolve()));
}

function asJson({ bound, ...findings }: Findings, verdict: Verdict): object {
  return { ...verdict, port: bound.port, ...findings };
}

/** What a person can mend is one line; anything else is a defect of ours and keeps its stack. */
function complaint(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (!(error instanceof UsageError || error instanceof PathError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}

// A name that is still looked up must not keep the process.
process.exit(await main(process.argv.slice(2)));
