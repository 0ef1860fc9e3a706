/** A gateway as the command line asks for it, on loopback. */
import { Journal } from '../../actors/journal/journal.ts';
import { parsePeerOptions } from '../../actors/options/options.ts';
import { PhoneGateway } from '../../actors/phone/gateway.ts';

export const HOST = '127.0.0.1';
export const now = () => performance.now();

/** The gateway of D. @param argv beside what every gateway has */
export function openGateway(
  argv: readonly string[],
  say: (text: string) => void,
  { journal = new Journal({ peer: 'D', lines: null, now }), now: clock = now } = {},
): Promise<PhoneGateway> {
  const parsed = parsePeerOptions(['--id', 'D', '--no-rpr', '--sip', `${HOST}:0`, '--listen', `${HOST}:0`, ...argv]);
  if (!('options' in parsed) || parsed.options.phone === undefined) throw new Error('help, and no gateway');
  const peer = { ...parsed.options, phone: parsed.options.phone };
  return PhoneGateway.open({ peer, journal, now: clock, say });
}
