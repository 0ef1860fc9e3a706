/** The options of `rpr call`: those of a peer that a page does not choose, and those of the page. */
import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_PAGE_PORT } from '../../infra/web/page-server.ts';
import { addRoomOptions, addRunOptions, addSinkOptions, addUplinkOptions, option } from './command.ts';
import type { PeerOptions, RawSharedOptions } from './contract.ts';
import { addKeyOptions, keyChoice } from './keys.ts';
import { addNatsOptions } from './nats.ts';
import { type ParsedOptions, parseArguments, sharedOptions } from './options.ts';
import { addReachOptions } from './reach.ts';
import { parseId } from './values.ts';

/** What a page's camera and screen may be sent as: what browsers encode in time, and all of them decode. */
const SENT_PICTURES = ['VP8', 'H264'] as const;
export type SentPictures = (typeof SENT_PICTURES)[number];

/** Who joins which call, and with how much upload: what the page's join screen asks for. */
export interface CallChoice {
  readonly id: string;
  readonly name: string;
  readonly room: string;
  readonly nats: string | null;
  /** Of the room's door; null: it stands open. */
  readonly key: string | null;
  /** bit/s; null: it is measured. */
  readonly uploadBps: number | null;
}

export interface CallOptions {
  /** For the join screen; an id of null follows from the name. */
  readonly suggested: Omit<CallChoice, 'id'> & { readonly id: string | null };
  /** TCP port of the page, or the next free one above it; 0: any. */
  readonly port: number;
  /** Whether to open the page in a browser. */
  readonly open: boolean;
  /** Whether to say how others join, and no more. */
  readonly invite: boolean;
  readonly json: boolean;
  /** Whether a sink beside the page needs all streams of the others. */
  readonly hasSink: boolean;
  /** What camera and screen are sent as, where the browser can. */
  readonly pictures: SentPictures;
  /** The peer that joins so. */
  readonly peer: (choice: CallChoice) => PeerOptions;
}

interface RawCallOptions extends RawSharedOptions {
  readonly id?: string;
  readonly port: number;
  readonly open?: true;
  readonly invite?: true;
  readonly pictures: SentPictures;
}

export function callCommand(): Command {
  const command = new Command('rpr call')
    .usage('[options]')
    .description(
      'A video call in the browser: starts a page on this machine and prints its address. Whoever has that address is you. Ctrl-C leaves.',
    )
    .option('--open', 'open the page in the browser')
    .option('--invite', 'print the line that others type to join, and end')
    .addOption(
      option(
        '--port <PORT>',
        'TCP port of the page on 127.0.0.1, or the next free one above it; 0: any free one',
        parsePagePort,
      ).default(DEFAULT_PAGE_PORT),
    )
    .addOption(
      option(
        '--id <ID>',
        'who this is in the room: 1 to 32 of A-Z a-z 0-9 _ - (default: made of the name, with a number where that is taken)',
        parseId,
      ),
    );
  command.addOption(
    option(
      '--pictures <CODEC>',
      'what camera and screen are sent as: VP8, or H264 for players that take nothing else',
      parsePictures,
    ).default(SENT_PICTURES[0]),
  );
  addKeyOptions(addRoomOptions(command));
  addReachOptions(addUplinkOptions(addNatsOptions(command)));
  return addRunOptions(addSinkOptions(command));
}

/**
 * Reads the arguments after the script's name.
 *
 * @param env `NATS_URL` names the server when `--nats` does not
 * @throws {UsageError} `usage.invalid`
 */
export function parseCallOptions(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ParsedOptions<CallOptions> {
  return parseArguments(callCommand(), argv, (raw: RawCallOptions) => {
    const hasSink = raw.sink.kind !== 'none';
    const peer = ({ id, name, room, nats, key, uploadBps }: CallChoice): PeerOptions => ({
      ...sharedOptions(raw, { id, room }, env),
      keys: { ...keyChoice(raw, env), roomKey: key },
      ...{ name, nats, uploadBps },
      // The page shows what it has, and what it shows of others is wanted.
      ...{ streams: [], wants: hasSink ? 'all' : [], compatible: true },
    });
    // Also so that what does not go together is told at once.
    const { name, room, nats, keys, uploadBps, json } = sharedOptions(raw, { id: '', room: raw.room }, env);
    return {
      suggested: { id: raw.id ?? null, name, room, nats, key: keys.roomKey, uploadBps },
      ...{ port: raw.port, open: raw.open ?? false, invite: raw.invite ?? false, json, hasSink, peer },
      pictures: raw.pictures,
    };
  });
}

function parsePagePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port === 0 || (port >= LEAST_PORT && port <= MAX_PORT)) return port;
  throw new InvalidArgumentError(`Write a port from ${LEAST_PORT} to ${MAX_PORT}, or 0.`);
}

function parsePictures(text: string): SentPictures {
  const pictures = SENT_PICTURES.find((codec) => codec === text.toUpperCase());
  if (pictures !== undefined) return pictures;
  throw new InvalidArgumentError(`Write ${SENT_PICTURES.join(' or ')}.`);
}

/** Those below are the administrator's on most systems. */
const LEAST_PORT = 1024;
const MAX_PORT = 65_535;
