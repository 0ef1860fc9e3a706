/** The command `rpr`: its first word says what to do, and is `peer` where there is none. Each command is loaded alone. */
import { VERSION } from './software.ts';

const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  peer: () => import('./peer.ts'),
  plan: () => import('./plan.ts'),
  inspect: () => import('./inspect.ts'),
  replay: () => import('./replay.ts'),
  reach: () => import('./reach.ts'),
  uplink: () => import('./uplink-command.ts'),
  call: () => import('./call-page.ts'),
  link: () => import('./link.ts'),
  join: () => import('./join.ts'),
  trust: () => import('./trust.ts'),
  verify: () => import('./verify.ts'),
};

/** Wrong usage, as in every command. */
const EXIT_USAGE = 2;

async function main(): Promise<void> {
  const [, , word = ''] = process.argv;
  if (word === '--version') {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const named = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (named === undefined && word !== '' && !word.startsWith('-')) {
    const known = Object.keys(COMMANDS).join(', ');
    process.stderr.write(`usage.invalid: There is no command "${word}". Commands are ${known}; see rpr --help.\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  // The commands read what follows their own name.
  if (named !== undefined) process.argv.splice(2, 1);
  await (named ?? COMMANDS.peer)?.();
}

await main();
