/**
 * The command `rpr link`: prints the link by which others join a room, with a key of the room that nobody guesses.
 *
 * Exit codes: 0 printed, 2 wrong usage.
 */
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { addRoomOption } from './options/command.ts';
import { addRoomKeyOption, keyChoice, type RawKeyOptions } from './options/keys.ts';
import { addNatsOption, natsUrl, type RawNatsOptions } from './options/nats.ts';
import { writeLink } from './options/room-link.ts';
import { runShortCommand } from './options/short-command.ts';

/** As much as the cipher that it is for (AES-128). */
const KEY_BYTES = 16;

const command = addRoomKeyOption(
  addNatsOption(
    addRoomOption(
      new Command('rpr link').description(
        'Prints a link for `rpr join`. Whoever has it gets into the room: send it by a way that you trust.',
      ),
    ),
  ),
);

await runShortCommand(command, () => {
  const raw = command.opts<RawNatsOptions & RawKeyOptions & { room: string }>();
  const key = keyChoice(raw, process.env).roomKey ?? randomBytes(KEY_BYTES).toString('base64url');
  return writeLink({ room: raw.room, nats: natsUrl(raw, process.env), key });
});
