/** The command line of a peer. */
import { CommanderError } from 'commander';
import { peerCommand } from './command.ts';
import type { PeerOptions, RawOptions } from './contract.ts';
import { natsFiles } from './nats.ts';
import { ownStreams } from './own-streams.ts';
import { reachChoice } from './reach.ts';
import { UsageError } from './usage-error.ts';

export { UsageError };

/** What the command line asks for: a run, or only its description. */
export type ParsedOptions = { readonly options: PeerOptions } | { readonly help: string };

/**
 * Reads the arguments after the script's name.
 *
 * @param env `NATS_URL` names the server when `--nats` does not
 * @throws {UsageError} `usage.invalid`
 */
export function parsePeerOptions(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ParsedOptions {
  const command = peerCommand();
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
  return { options: readOptions(command.opts<RawOptions>(), env) };
}

function readOptions(raw: RawOptions, env: NodeJS.ProcessEnv): PeerOptions {
  const { id, name, room, headroom, source = [{ kind: 'stream', source: { kind: 'test' } }] } = raw;
  if (raw.sdpDir !== undefined && raw.sink.kind !== 'rtp') {
    throw new UsageError('--sdp-dir goes with --sink rtp:HOST:PORT; with --sink sdp:DIR the folder is DIR.');
  }
  return {
    ...{ id, name, room, headroom: headroom / 100 },
    json: raw.json ?? false,
    inspect: raw.inspect ?? false,
    nats: raw.nats ?? (env.NATS_URL === '' ? undefined : env.NATS_URL) ?? null,
    natsFiles: natsFiles(raw),
    uploadBps: raw.upload,
    lendBps: Math.min(raw.lend ?? raw.upload, raw.upload),
    listen: raw.listen ?? null,
    advertise: raw.advertise ?? null,
    reach: reachChoice(raw),
    streams: ownStreams(source, raw),
    wants: raw.want,
    downloadBps: raw.download ?? null,
    sink: raw.sink.kind === 'rtp' ? { ...raw.sink, sdpFolder: raw.sdpDir ?? `.rpr/sdp/${room}/${id}` } : raw.sink,
    latency: raw.latency,
    compatible: raw.rpr,
    packetPath: raw.packetPath ?? null,
    controller: raw.controller ?? null,
  };
}
