/** The options of a phone that takes part as a peer. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseSipUri } from '../../infra/sip/uri.ts';
import type { PhoneChoice, RawOptions } from './contract.ts';
import { UsageError } from './usage-error.ts';
import { parseListen } from './values.ts';

export function addPhoneOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--sip <HOST:PORT>',
        'with --no-rpr: take the call of a SIP phone here, over UDP and TCP, port 0 for any free one; it dials sip:ROOM@HOST:PORT, ' +
          'or sip:ROOM.C@HOST:PORT to see C whoever speaks, and takes part as this peer',
      ).argParser(parseListen),
    )
    .addOption(new Option('--dial <URI>', 'call this phone into --room, sip:USER@HOST').argParser(parseUser))
    .addOption(
      new Option(
        '--register <URI>',
        'be known to a registrar as sip:USER@HOST: who dials that comes into --room, without a password of ours',
      ).argParser(parseUser),
    )
    .option(
      '--sip-password <TEXT>',
      'what callers have to know; also answered where a registrar, or the phone that is called, asks for one',
    );
}

/** Undefined: no phone. @throws {UsageError} where the options do not go together */
export function phoneChoice(raw: RawOptions): PhoneChoice | undefined {
  const { sip, dial, register, sipPassword } = raw;
  if (sip === undefined) {
    if ((dial ?? register ?? sipPassword) === undefined) return undefined;
    const text = '--dial, --register and --sip-password are for a phone: add --sip HOST:PORT, where its call is taken.';
    throw new UsageError(text);
  }
  if (raw.rpr) throw new UsageError('--sip: a phone speaks no RPR. Add --no-rpr.');
  if ((raw.source ?? []).length > 0 || raw.sink.kind !== 'none') {
    throw new UsageError('--sip: the phone is source and sink. Leave out --source and --sink.');
  }
  return { listen: sip, dial: dial ?? null, register: register ?? null, password: sipPassword ?? null };
}

function parseUser(text: string): string {
  const uri = parseSipUri(text);
  if (uri?.scheme === 'sip' && uri.user !== '' && !uri.hasHeaders) return text;
  throw new InvalidArgumentError('Write sip:USER@HOST or sip:USER@HOST:PORT.');
}
