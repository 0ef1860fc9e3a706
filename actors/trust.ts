/**
 * The command `rpr trust ID`: from now on this member is believed under its other key. Peers that run take it within a second.
 *
 * Exit codes: 0 done, 1 there is nothing to trust or it cannot be written, 2 wrong usage.
 */
import { Command } from 'commander';
import { configFolder } from '../infra/process/config-folder.ts';
import { isId } from '../machines/subjects.ts';
import { IdentityError } from './identity/errors.ts';
import { fingerprintOf } from './identity/fingerprint.ts';
import { type KnownMember, readKnown, writeKnown } from './identity/known-file.ts';
import { knownPath } from './identity/places.ts';
import { runShortCommand } from './options/short-command.ts';
import { UsageError } from './options/usage-error.ts';

const command = new Command('rpr trust')
  .argument('<ID>', 'who speaks under another key than before')
  .option('--key <FINGERPRINT>', 'which key, where there are several: as the table shows it')
  .description(
    'Believes a member under its new key, and no more under the old one. Ask it first, by another way, whether it has a new key: ' +
      'otherwise somebody may stand between you.',
  );

function trust(id: string, wanted: string | undefined): string {
  if (!isId(id)) throw new UsageError(`"${id}" is no id.`);
  const path = knownPath(configFolder('rpr', process.env));
  const known = readKnown(path);
  const key = chosen(id, known.get(id), wanted);
  known.set(id, { key, refused: [] });
  writeKnown(path, known);
  return `${id} is believed under the key ${fingerprintOf(key)} from now on, and under no other.`;
}

/** @throws {IdentityError} `identity.unknown`, `identity.several` */
function chosen(id: string, known: KnownMember | undefined, wanted: string | undefined): string {
  const refused = known?.refused ?? [];
  const matching = wanted === undefined ? refused : refused.filter((key) => fingerprintOf(key) === wanted);
  const [key, ...others] = matching;
  if (key === undefined) {
    const why = wanted === undefined ? 'Nobody has' : `Under the key ${wanted} nobody has`;
    throw new IdentityError('identity.unknown', `${why} spoken as ${id} under another key than the known one.`);
  }
  if (others.length === 0) return key;
  const list = matching.map(fingerprintOf).join(', ');
  throw new IdentityError('identity.several', `Several keys speak as ${id}: say by --key which is right: ${list}.`);
}

await runShortCommand(command, ([id = '']) => trust(id, command.opts<{ key?: string }>().key));
