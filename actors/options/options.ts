/** The command line of a peer. */
import { type Command, CommanderError } from 'commander';
import { peerCommand } from './command.ts';
import type { PeerOptions, PhoneChoice, RawOptions, RawSharedOptions } from './contract.ts';
import { keyChoice } from './keys.ts';
import { natsFiles, natsUrl } from './nats.ts';
import { ownStreams } from './own-streams.ts';
import { phoneChoice } from './phone.ts';
import { reachChoice } from './reach.ts';
import { UsageError } from './usage-error.ts';

export { UsageError };

/** What the command line asks for: a run, or only its description. */
export type ParsedOptions<T> = { readonly options: T } | { readonly help: string };

/**
 * Reads the arguments after the script's name.
 *
 * @param env `NATS_URL` names the server when `--nats` does not
 * @throws {UsageError} `usage.invalid`
 */
export function parsePeerOptions(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ParsedOptions<PeerOptions> {
  return parseArguments(peerCommand(), argv, (raw: RawOptions) => {
    if (raw.candidates === 'relay' && !raw.rpr) throw tellsAll('--no-rpr');
    const phone = phoneChoice(raw);
    if (raw.oneAddress === true) checkOneAddress(raw, phone);
    const shown = phone === undefined ? [{ kind: 'stream' as const, source: { kind: 'test' as const } }] : [];
    return {
      ...sharedOptions(raw, { id: raw.id, room: raw.room }, env),
      ...(phone === undefined ? {} : { phone }),
      streams: ownStreams(raw.source ?? shown, raw),
      wants: raw.want,
      compatible: raw.rpr,
      ...(raw.oneAddress === true ? { oneAddress: true } : {}),
    };
  });
}

/** @throws {UsageError} where it says nothing, or is so anyway */
function checkOneAddress({ rpr }: RawOptions, phone: PhoneChoice | undefined): void {
  if (rpr) throw new UsageError('--one-address: whoever speaks RPR takes a stream from every address. Add --no-rpr.');
  if (phone === undefined) return;
  throw new UsageError('--one-address: a phone of --sip gets everything from one address anyway. Leave it out.');
}

function tellsAll(option: string): UsageError {
  const text = `--candidates relay tells nobody our address, and ${option} tells all: leave one of them out.`;
  return new UsageError(text);
}

/** The arguments of a command as `read` makes them of what commander leaves. @throws {UsageError} */
export function parseArguments<R, T>(command: Command, argv: readonly string[], read: (raw: R) => T): ParsedOptions<T> {
  let help = '';
  command.exitOverride().configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => undefined,
  });
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { help };
    throw new UsageError(`${error.message.replace(/^error: /, '')}\nSee --help for all options.`);
  }
  return { options: read(command.opts() as R) };
}

type Shared = Omit<PeerOptions, 'streams' | 'wants' | 'compatible'>;

/** What all that join a call are told alike. @throws {UsageError} where options do not go together */
export function sharedOptions(
  raw: RawSharedOptions,
  { id, room }: { readonly id: string; readonly room: string },
  env: NodeJS.ProcessEnv,
): Shared {
  if (raw.sdpDir !== undefined && raw.sink.kind !== 'rtp') {
    throw new UsageError('--sdp-dir goes with --sink rtp:HOST:PORT; with --sink sdp:DIR the folder is DIR.');
  }
  if (raw.candidates === 'relay' && raw.advertise !== undefined) throw tellsAll('--advertise');
  const keys = keyChoice(raw, env);
  if (keys.roomKey !== null && raw.controller !== undefined) {
    throw new UsageError('--controller tells the bus in the clear what a room key hides: leave one of them out.');
  }
  return {
    ...{ id, name: raw.name, room, keys, headroom: raw.headroom / 100 },
    plain: raw.plain ?? 'local',
    json: raw.json ?? false,
    inspect: raw.inspect ?? false,
    nats: natsUrl(raw, env),
    natsFiles: natsFiles(raw),
    uploadBps: raw.upload === 'auto' ? null : raw.upload,
    lendBps: raw.lend ?? null,
    listen: raw.listen ?? null,
    advertise: raw.advertise ?? null,
    reach: reachChoice(raw),
    downloadBps: raw.download ?? null,
    sink: raw.sink.kind === 'rtp' ? { ...raw.sink, sdpFolder: raw.sdpDir ?? `.rpr/sdp/${room}/${id}` } : raw.sink,
    latency: raw.latency,
    packetPath: raw.packetPath ?? null,
    controller: raw.controller ?? null,
  };
}
