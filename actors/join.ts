/** The command `rpr join LINK`: `rpr peer` in the room of the link, by its server and under its key. */
import { parseLink } from './options/room-link.ts';
import { UsageError } from './options/usage-error.ts';

/** What the link says already. */
const SAID = /^--(room|nats|room-key)(=|$)/;

/** The arguments of a peer that joins so. @throws {UsageError} */
function peerArguments([link = '', ...more]: readonly string[]): string[] {
  const { room, nats, key } = parseLink(link);
  const twice = more.find((word) => SAID.test(word));
  if (twice !== undefined) throw new UsageError(`The link says ${twice.split('=', 1)[0]} already: leave it out.`);
  return [
    ...[`--room=${room}`],
    ...(nats === null ? [] : [`--nats=${nats}`]),
    ...(key === null ? [] : [`--room-key=${key}`]),
    ...more,
  ];
}

async function main(): Promise<void> {
  const [node = '', script = '', ...words] = process.argv;
  if (words[0] === '--help' || words[0] === '-h') {
    process.stdout.write(
      'Usage: rpr join LINK --id ID [options]\n\nJoins by a link that `rpr link` has printed; the options are those of `rpr peer`:\n\n',
    );
    process.argv = [node, script, '--help'];
  } else {
    process.argv = [node, script, ...peerArguments(words)];
  }
  await import('./peer.ts');
}

await main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exit(error.exitCode);
});
