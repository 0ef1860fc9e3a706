/**
 * The command `rpr verify`: the code in words of each room that a peer of this user is in on this machine.
 *
 * Exit codes: 0 shown, 1 no peer of this user runs here, 2 wrong usage.
 */
import { Command } from 'commander';
import { configFolder } from '../infra/process/config-folder.ts';
import { type RunningCall, runningCalls } from './identity/call-file.ts';
import { IdentityError } from './identity/errors.ts';
import { roomCode } from './identity/room-code.ts';
import { runShortCommand } from './options/short-command.ts';

const command = new Command('rpr verify')
  .option('--room <ROOM>', 'of this room alone')
  .option('--json', 'a line of JSON for each call')
  .description(
    'Shows a short code of the room in words. Read it to each other: it is the same on every screen exactly if nobody stands in ' +
      'between. It changes whenever somebody comes or goes.',
  );

interface Options {
  readonly room?: string;
  readonly json?: true;
}

async function show({ room, json }: Options): Promise<string> {
  const calls = runningCalls(configFolder('rpr', process.env)).filter(
    (call) => room === undefined || call.room === room,
  );
  if (calls.length === 0) {
    const where = room === undefined ? '' : ` in room ${room}`;
    throw new IdentityError('identity.unknown', `No peer of yours with an identity runs${where} on this machine.`);
  }
  const texts = await Promise.all(calls.map(json ? jsonOf : textOf));
  return texts.join(json ? '\n' : '\n\n');
}

async function textOf(call: RunningCall): Promise<string> {
  const words = await roomCode(call.room, call.members);
  const named = (isSigning: boolean) =>
    call.members
      .filter(({ key }) => (key !== null) === isSigning)
      .map(({ id }) => id)
      .join(', ');
  const unsigned = named(false);
  return [
    `Room ${call.room} as ${call.id} sees it:`,
    '',
    `  ${words.slice(0, words.length / 2).join(' ')}`,
    `  ${words.slice(words.length / 2).join(' ')}`,
    '',
    `It vouches for ${named(true)}.`,
    ...(unsigned === '' ? [] : [`It does not vouch for ${unsigned}: by no key can they be told from others.`]),
  ].join('\n');
}

async function jsonOf(call: RunningCall): Promise<string> {
  const { room, id, members } = call;
  const code = (await roomCode(room, members)).join(' ');
  return JSON.stringify({
    room,
    id,
    code,
    members: members.map((member) => ({ id: member.id, signs: member.key !== null })),
  });
}

await runShortCommand(command, () => show(command.opts<Options>()));
