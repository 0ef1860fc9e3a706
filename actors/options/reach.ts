/** How a command is told by what means others shall reach this peer: `--stun`, `--turn`, `--no-port-mapping`, `--candidates`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Endpoint } from '../../infra/path/contract.ts';
import { normalizeEndpoint } from '../../infra/path/table/addresses.ts';
import { parseHostPort } from '../../infra/units/host-port.ts';
import type { CandidateChoice, ReachChoice, TurnAccount } from './contract.ts';
import { UsageError } from './usage-error.ts';
import { orInvalid } from './values.ts';

/** As commander leaves them. */
export interface RawReachOptions {
  readonly stun?: readonly Endpoint[];
  readonly turn?: TurnAccount;
  readonly portMapping: boolean;
  readonly candidates: CandidateChoice;
}

/** Two tell how the router maps, a few more stand in for those that are silent. Each is sent to every 25 s. */
const MOST_STUN_SERVERS = 8;
const CANDIDATES: readonly CandidateChoice[] = ['all', 'no-lan', 'relay'];

export function addReachOptions(command: Command): Command {
  return addServerOptions(command).addOption(
    new Option(
      '--candidates <WHICH>',
      "which addresses others are told: all; no-lan: none of this machine's own networks; relay: that of --turn alone, " +
        'through which everything to and from members goes then, so that none learns where this machine is',
    )
      .choices(CANDIDATES)
      .default('all' satisfies CandidateChoice, 'all'),
  );
}

/** Of all commands that ask the router and servers. */
export function addServerOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--stun <HOST:PORT>',
        `a STUN server, asked for the address that others see us at, once for each server (at most ${MOST_STUN_SERVERS}); ` +
          'a room in which one member is open to the internet needs none, for members tell each other (default: none)',
      ).argParser<Endpoint[]>((value, before) => addStun(before ?? [], value)),
    )
    .addOption(
      new Option(
        '--turn <TURN>',
        'the TURN server that carries, over UDP, what no other way does, and who we are to it: ' +
          "'turn:HOST:PORT?USER&PASSWORD', in quotes; user and password stand as they are, and the first & ends the user " +
          '(default: none)',
      ).argParser(parseTurn),
    )
    .option('--no-port-mapping', 'do not ask the router, by PCP, NAT-PMP or UPnP, to forward the media port');
}

/** @throws {UsageError} where only a TURN server's address may be told, and there is none */
export function reachChoice({ stun = [], turn, portMapping, candidates }: RawReachOptions): ReachChoice {
  if (candidates === 'relay' && turn === undefined) {
    throw new UsageError(
      '--candidates relay tells others the address at a TURN server alone: name the server by --turn.',
    );
  }
  return { stun, turn: turn ?? null, portMapping, candidates };
}

function addStun(before: readonly Endpoint[], text: string): Endpoint[] {
  if (before.length === MOST_STUN_SERVERS) {
    throw new InvalidArgumentError(`Give at most ${MOST_STUN_SERVERS}.`);
  }
  if (/^stuns?:/i.test(text)) throw new InvalidArgumentError('Write HOST:PORT alone; it is asked over UDP.');
  return [...before, orInvalid(() => parseServer(text))];
}

const TURN_FORM = "Write --turn 'turn:HOST:PORT?USER&PASSWORD'.";
const TURN = /^turn:(?<server>[^?]*)\?(?<username>[^&]*)&(?<password>.*)$/i;

/**
 * Its errors leave out what was written: it holds a password, and commander would repeat it.
 *
 * @throws {UsageError}
 */
function parseTurn(text: string): TurnAccount {
  if (/^turns:/i.test(text)) {
    throw new UsageError(`--turn: turns: is TURN over TLS, and media goes over UDP alone. ${TURN_FORM}`);
  }
  if (/[?&]transport=(?:udp|tcp)/i.test(text)) {
    throw new UsageError(`--turn: transport= is not known, for media goes over UDP alone. ${TURN_FORM}`);
  }
  const { server, username, password } = TURN.exec(text)?.groups ?? {};
  if (server === undefined || !username || !password) {
    throw new UsageError(`--turn: server, user or password is missing. ${TURN_FORM}`);
  }
  try {
    return { server: parseServer(server), username, password };
  } catch (error) {
    throw new UsageError(`--turn: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What every resolver takes for a number, in some base, rather than for a name. Of those only four plain numbers are meant here. */
const NUMERIC = /:|(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
/** Letters of any script, as names have them that are typed by people. DNS ends at 253. */
const NAME = /^[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}._-]{0,252}$/u;

/** A server by name, or by number in its one form. */
function parseServer(text: string): Endpoint {
  const { host, port } = parseHostPort(text);
  if (port === 0) throw new Error('Give the port that the server listens on, mostly 3478.');
  if (NUMERIC.test(host)) return normalizeEndpoint({ host, port });
  if (NAME.test(host)) return { host, port };
  throw new Error(`"${host}" is not the name of a host.`);
}
