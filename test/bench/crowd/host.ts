/**
 * Several peers in one process, each whole: with a media socket, a NATS connection and machines of its own. The only argument
 * is a JSON list of their command lines.
 */
import { z } from 'zod';
import { Call } from '../../../actors/call/call.ts';
import { Journal } from '../../../actors/journal/journal.ts';
import { parsePeerOptions } from '../../../actors/options/options.ts';

async function host(argv: readonly string[]): Promise<void> {
  const parsed = parsePeerOptions(argv, process.env);
  if ('help' in parsed) throw new Error(`This is no peer: ${argv.join(' ')}`);
  const { options } = parsed;
  const call = await Call.open(options, new Journal({ peer: options.id, lines: null, now: () => performance.now() }));
  call.ended.then(
    (how) => end(new Error(`${options.id} ended: ${how}`)),
    (error: unknown) => end(error),
  );
}

/** One that ends leaves a room that is not the one to be measured. */
function end(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}

const commandLines = z.array(z.array(z.string())).parse(JSON.parse(process.argv[2] ?? ''));
try {
  for (const argv of commandLines) await host(argv);
} catch (error) {
  end(error);
}
