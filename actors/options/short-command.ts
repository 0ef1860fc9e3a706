/** A command that says something and ends. */
import { type Command, CommanderError } from 'commander';
import { NatsError } from '../../infra/nats/errors.ts';
import { IdentityError } from '../identity/errors.ts';
import { UsageError } from './usage-error.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/**
 * Reads the command line, prints what `answer` says, and ends the process: by 0, by 1 where it could not be done, by 2 for wrong usage.
 *
 * @param answer gets the arguments that are no options
 */
export async function runShortCommand(
  command: Command,
  answer: (args: readonly string[]) => string | Promise<string>,
): Promise<never> {
  try {
    command.exitOverride().parse(process.argv.slice(2), { from: 'user' });
    const text = await answer(command.args);
    await new Promise<void>((resolve) => void process.stdout.write(`${text}\n`, () => resolve()));
    process.exit(0);
  } catch (error) {
    process.exit(await complain(error));
  }
}

/** What a person can mend is one line; anything else is a defect of ours and keeps its stack. */
function complain(error: unknown): Promise<number> {
  // It has been told already.
  if (error instanceof CommanderError) return Promise.resolve(error.exitCode === 0 ? 0 : EXIT_USAGE);
  const isKnown = error instanceof UsageError || error instanceof IdentityError || error instanceof NatsError;
  if (!isKnown) throw error;
  const exitCode = error instanceof UsageError ? error.exitCode : EXIT_FAILED;
  return new Promise((resolve) => {
    process.stderr.write(`${error.code}: ${error.message}\n`, () => resolve(exitCode));
  });
}
