/** By which keys a peer speaks, in options that all commands that join a call have. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { configFolder } from '../../infra/process/config-folder.ts';
import { identityPath } from '../identity/places.ts';
import { UsageError } from './usage-error.ts';

/** As commander leaves them. */
export interface RawKeyOptions {
  readonly identity?: string;
  readonly roomKey?: string;
  readonly plain?: 'allow' | 'refuse';
}

/** Where the keys are. */
export interface KeyChoice {
  /** What the user keeps: who is known by which key, and how calls stand. */
  readonly folder: string;
  /** The file of our own key; null: we sign nothing and remember nobody. */
  readonly identity: string | null;
  /** Of the room's door; null: it stands open. */
  readonly roomKey: string | null;
}

/** More than anybody types or pastes. */
const MAX_SECRET = 256;
const NO_IDENTITY = 'none';

export function addKeyOptions(command: Command): Command {
  return addRoomKeyOption(
    addPlainOption(command).addOption(
      new Option(
        '--identity <FILE>',
        'your key, by which others know you again: a file that you alone can read, made where it is missing; none: you sign nothing, ' +
          'and remember nobody (default: rpr/identity.pem in your configuration folder)',
      ),
    ),
  );
}

function addPlainOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--plain <POLICY>',
      'whether phones and other plain endpoints get your streams, which nobody encrypts then: whoever is on the way can hear them ' +
        '(default: allowed on this machine and in private networks, else refused)',
    ).choices(['allow', 'refuse']),
  );
}

export function addRoomKeyOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--room-key <SECRET>',
      'what all members must have: who does not hears nobody, is heard by nobody and reads nothing; `rpr link` makes one that nobody ' +
        'guesses (default: $RPR_ROOM_KEY, else none: the door is open)',
    ).argParser(parseSecret),
  );
}

/** @throws {UsageError} */
export function keyChoice({ identity, roomKey }: RawKeyOptions, env: NodeJS.ProcessEnv): KeyChoice {
  const folder = configFolder('rpr', env);
  return {
    folder,
    identity: identity === NO_IDENTITY ? null : (identity ?? identityPath(folder)),
    roomKey: roomKey ?? secretOf(env.RPR_ROOM_KEY) ?? null,
  };
}

function secretOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (isSecret(text)) return text;
  throw new UsageError(`$RPR_ROOM_KEY: ${SECRET_RULE}`);
}

const SECRET_RULE = `Write one line of 1 to ${MAX_SECRET} characters.`;

export function isSecret(text: string): boolean {
  return text.length >= 1 && text.length <= MAX_SECRET && !/\p{Cc}/u.test(text);
}

function parseSecret(text: string): string {
  if (isSecret(text)) return text;
  throw new InvalidArgumentError(SECRET_RULE);
}
