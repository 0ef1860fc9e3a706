/** The payload formats of an m-line, and which of them are taken (RFC 8866 sections 6.6 and 6.15, RFC 4585 section 4.2). */
import { parameterOf } from '../sdp/format-parameters.ts';
import type { LinkCodec } from './contract.ts';
import { invalid, type SdpBlock } from './sdp-blocks.ts';

export interface OfferedFormat {
  readonly payloadType: number;
  /** As in `rtpmap`. */
  readonly codec: string;
  /** Empty: none. */
  readonly fmtp: string;
  /** Kinds of feedback that the page would send or take for it. */
  readonly feedback: readonly string[];
}

const RTPMAP = /^(?<payloadType>\d{1,3}) (?<value>[A-Za-z0-9._-]{1,32}\/\d{1,6}(?:\/\d{1,2})?)$/;
const FMTP = /^(?<payloadType>\d{1,3}) (?<value>[ -~]{1,512})$/;
const FEEDBACK = /^(?<payloadType>\d{1,3}|\*) (?<value>[a-z-]+(?: [a-z-]+)?)$/;
const HIGHEST_PAYLOAD_TYPE = 127;

/**
 * @param payloadTypes as the m-line lists them
 * @param where names the m-line for a person
 * @throws {WebRtcError} `offer.invalid`
 */
export function offeredFormats(block: SdpBlock, payloadTypes: readonly string[], where: string): OfferedFormat[] {
  const listed = payloadTypes.map(Number);
  if (listed.some((type) => !Number.isInteger(type) || type < 0 || type > HIGHEST_PAYLOAD_TYPE)) {
    throw invalid(`${where} has a payload type that is no number from 0 to ${HIGHEST_PAYLOAD_TYPE}`);
  }
  if (new Set(listed).size !== listed.length) throw invalid(`${where} lists a payload type twice`);
  const codecs = valuesBy(block, 'rtpmap', RTPMAP);
  const parameters = valuesBy(block, 'fmtp', FMTP);
  const feedback = valuesBy(block, 'rtcp-fb', FEEDBACK);
  return listed.flatMap((payloadType) => {
    const [codec] = codecs.get(`${payloadType}`) ?? [];
    if (codec === undefined) return [];
    const [fmtp = ''] = parameters.get(`${payloadType}`) ?? [];
    const told = [...(feedback.get(`${payloadType}`) ?? []), ...(feedback.get('*') ?? [])];
    return [{ payloadType, codec, fmtp, feedback: told }];
  });
}

/** Those of `codecs`, the best first. */
export function acceptedFormats(formats: readonly OfferedFormat[], codecs: readonly LinkCodec[]): OfferedFormat[] {
  const accepted = codecs.flatMap((codec) => formats.filter((format) => isOf(format, codec)));
  return [...new Set(accepted)];
}

function isOf({ codec, fmtp }: OfferedFormat, wanted: LinkCodec): boolean {
  if (codec.toLowerCase() !== wanted.codec.toLowerCase()) return false;
  const demands = wanted.fmtp.split(';').filter((pair) => pair.trim() !== '');
  return demands.every((pair) => {
    const name = pair.slice(0, pair.indexOf('=')).trim().toLowerCase();
    return comparable(name, parameterOf(fmtp, name)) === comparable(name, parameterOf(wanted.fmtp, name));
  });
}

/** Profile and constraints, without the level. */
const PROFILE_DIGITS = 4;

function comparable(name: string, value: string | undefined): string | undefined {
  const plain = value?.toLowerCase();
  return name === 'profile-level-id' ? plain?.slice(0, PROFILE_DIGITS) : plain;
}

/** Values of lines `NUMBER VALUE` by their number, as a text. What is not of this form says nothing to us. */
function valuesBy({ attributes }: SdpBlock, name: string, form: RegExp): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of attributes.get(name) ?? []) {
    const { payloadType, value } = form.exec(line)?.groups ?? {};
    if (payloadType === undefined || value === undefined) continue;
    const values = found.get(payloadType);
    if (values === undefined) found.set(payloadType, [value]);
    else values.push(value);
  }
  return found;
}
