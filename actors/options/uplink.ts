/** The options of `rpr uplink`: which room, whom to measure with, and how much may be sent. */
import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import type { PeerId } from '../../machines/messages.ts';
import { VERSION } from '../software.ts';
import { type ProbeChoice, SERVING } from '../uplink-report/agreed.ts';
import { addPlaceOptions, addRoomOption, option } from './command.ts';
import type { PeerOptions, RawSharedOptions } from './contract.ts';
import { addRoomKeyOption } from './keys.ts';
import { addNatsOptions } from './nats.ts';
import { type ParsedOptions, parseArguments, sharedOptions } from './options.ts';
import { addReachOptions } from './reach.ts';
import { UsageError } from './usage-error.ts';
import { parseId, parseUsefulRate } from './values.ts';

/** In bit/s: more than most homes send. */
const USUAL_MOST_BPS = 50_000_000;
const ID_DIGITS = 36 ** 4;

export type UplinkOptions = {
  readonly peer: PeerOptions;
  readonly json: boolean;
} & ({ readonly does: 'serve' } | { readonly does: 'measure'; readonly with: PeerId | null });

interface RawUplinkOptions
  extends Omit<RawSharedOptions, 'name' | 'upload' | 'lend' | 'headroom' | 'sink' | 'latency'> {
  readonly id?: PeerId;
  readonly with?: PeerId;
  readonly serve?: true;
  readonly accept?: number;
  readonly upTo?: number;
}

function uplinkCommand(): Command {
  const command = new Command('rpr uplink')
    .usage('--room ROOM [options]')
    .description(
      'Measures what the line of this machine carries upwards, against another machine elsewhere where `rpr uplink --serve` runs in the ' +
        'same room, and says what that means for --upload and --lend. Takes about 10 seconds; shows nothing to the room, and relays nothing.',
    )
    .option('--serve', 'be the other end, until Ctrl-C: whoever is in the room may send padding here, up to --accept')
    .addOption(
      option('--accept <RATE>', 'with --serve: how much may come, bit/s (default: 50 Mbit/s)', parseUsefulRate),
    )
    .addOption(
      option(
        '--with <ID>',
        'measure with this member alone; one that does not serve must have told by --download what it can receive, and is sent no more (default: all that serve)',
        parseId,
      ),
    )
    .addOption(option('--up-to <RATE>', 'look for no more than this, bit/s (default: 50 Mbit/s)', parseUsefulRate))
    .addOption(option('--id <ID>', 'who this is in the room (default: any that is free)', parseId));
  addRoomKeyOption(addRoomOption(command));
  return addReachOptions(addPlaceOptions(addNatsOptions(command))).option(
    '--json',
    'print what was measured as one line of JSON',
  );
}

/**
 * Reads the arguments after the script's name.
 *
 * @throws {UsageError} `usage.invalid`
 */
export function parseUplinkOptions(argv: readonly string[], env: NodeJS.ProcessEnv): ParsedOptions<UplinkOptions> {
  return parseArguments(uplinkCommand(), argv, (raw: RawUplinkOptions) => {
    const { serve = false, accept, upTo, json = false } = raw;
    if (serve && (raw.with !== undefined || upTo !== undefined))
      throw new UsageError('--serve waits for whoever comes: leave out --with and --up-to.');
    if (!serve && accept !== undefined) throw new UsageError('--accept goes with --serve.');
    const with_ = raw.with ?? null;
    const id = raw.id ?? `${serve ? 'serve' : 'line'}-${randomInt(ID_DIGITS).toString(36)}`;
    const peer = peerOf({ ...raw, ...(serve ? { download: accept ?? USUAL_MOST_BPS } : {}) }, id, env);
    if (serve) return { does: 'serve', json, peer: { ...peer, program: { software: SERVING, version: VERSION } } };
    const probes: ProbeChoice = { with: with_, upToBps: upTo ?? USUAL_MOST_BPS };
    return { does: 'measure', json, with: with_, peer: { ...peer, probes } };
  });
}

/** One that shows nothing, wants nothing and lends nothing: no plan of the room is another one for it. */
function peerOf(
  raw: RawUplinkOptions & { readonly download?: number },
  id: PeerId,
  env: NodeJS.ProcessEnv,
): PeerOptions {
  const asPeer: RawSharedOptions = {
    ...raw,
    ...{ name: '', identity: 'none', upload: 'auto', lend: 0, headroom: 100 },
    ...{ sink: { kind: 'none' }, latency: 'auto' },
  };
  return { ...sharedOptions(asPeer, { id, room: raw.room }, env), streams: [], wants: [], compatible: true };
}
