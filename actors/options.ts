/** The command line of a peer. */
import { CommanderError } from 'commander';
import type { Endpoint } from '../infra/path/contract.ts';
import { type Codec, type Media, mediaOf } from '../infra/rtp/codec.ts';
import { peerCommand, type RawOptions } from './options/command.ts';

/** What a peer shows. */
export type SourceSpec =
  | { readonly kind: 'none' }
  /** Packets made here, at exactly the rate. */
  | { readonly kind: 'test' }
  /** RTP of any program on this machine, taken on this UDP port; 0: any free one. */
  | { readonly kind: 'rtp'; readonly port: number };

/** Where a peer plays what others show. */
export type SinkSpec =
  | { readonly kind: 'none' }
  /** The first remote source goes to `to`, the next to the port two above, and so on. `host` may be a name. */
  | { readonly kind: 'rtp'; readonly to: Endpoint; readonly sdpFolder: string }
  /** Each remote source goes to a free port of this machine. */
  | { readonly kind: 'sdp'; readonly sdpFolder: string };

/** The format of the own source. */
export interface SourceFormat {
  readonly codec: Codec;
  readonly media: Media;
  readonly payloadType: number;
}

export interface PeerOptions {
  readonly id: string;
  readonly room: string;
  /** The NATS server that was given; null: the one shared on this machine. */
  readonly nats: string | null;
  /** bit/s. */
  readonly uploadBps: number;
  /** How much of the upload others may use, in bit/s. */
  readonly lendBps: number;
  /** How much of the upload the peer lets itself use, 0..1. */
  readonly headroom: number;
  /** Where to take RTP and RTCP; null: as the NATS server's place suggests. */
  readonly listen: Endpoint | null;
  /** The address that others are told, a literal; null: as `listen` suggests. */
  readonly advertise: string | null;
  readonly source: SourceSpec;
  readonly format: SourceFormat;
  /** bit/s; the two are equal where the rate is fixed. */
  readonly bitrate: { readonly minBps: number; readonly maxBps: number };
  readonly sink: SinkSpec;
  /** Speaks RPR; false: a plain RTP endpoint. */
  readonly compatible: boolean;
  /** One JSON line per event, and no table. */
  readonly json: boolean;
  /** Tell the machines' transitions to whoever listens. */
  readonly inspect: boolean;
  /** null: the best that runs here. */
  readonly packetPath: 'batched' | 'dgram' | null;
  /** Obey this sender on the bus, and wait for its word to join. */
  readonly controller: string | null;
}

/** A command line that cannot be followed. The message names the option and what it accepts. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage.invalid';
  readonly exitCode = 2;
}

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
  const { id, room, headroom, source, bitrate, codec, payloadType } = raw;
  if (raw.sdpDir !== undefined && raw.sink.kind !== 'rtp') {
    throw new UsageError('--sdp-dir goes with --sink rtp:HOST:PORT; with --sink sdp:DIR the folder is DIR.');
  }
  return {
    ...{ id, room, headroom: headroom / 100, source, bitrate },
    json: raw.json ?? false,
    inspect: raw.inspect ?? false,
    nats: raw.nats ?? (env.NATS_URL === '' ? undefined : env.NATS_URL) ?? null,
    uploadBps: raw.upload,
    lendBps: Math.min(raw.lend ?? raw.upload, raw.upload),
    listen: raw.listen ?? null,
    advertise: raw.advertise ?? null,
    format: { codec, payloadType, media: raw.media ?? mediaOf(codec) },
    sink: raw.sink.kind === 'rtp' ? { ...raw.sink, sdpFolder: raw.sdpDir ?? `.rpr/sdp/${room}/${id}` } : raw.sink,
    compatible: raw.rpr,
    packetPath: raw.packetPath ?? null,
    controller: raw.controller ?? null,
  };
}
