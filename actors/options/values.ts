/** What the options of a peer accept. Each parser says in its error what is accepted. */
import { InvalidArgumentError } from 'commander';
import { type Codec, type Media, parseCodec } from '../../infra/codec/codec.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { normalizeHost } from '../../infra/path/table/addresses.ts';
import { parseHostPort } from '../../infra/units/host-port.ts';
import { formatRate, parseRate } from '../../infra/units/rate.ts';
import { personNameSchema } from '../../machines/messages.ts';
import { isId } from '../../machines/subjects.ts';
import type { Latency } from '../media/repair/patience.ts';
import type { Bitrate, RawSink } from './contract.ts';

/** A peer sends or is asked for nothing useful below this, and `5` for 5 Mbit/s is a common slip. In bit/s. */
export const LEAST_BPS = 1000;

export function parseId(text: string): string {
  if (isId(text)) return text;
  throw new InvalidArgumentError('Write 1 to 32 of A-Z a-z 0-9 _ -, and not the word "all".');
}

export function parseName(text: string): string {
  const name = personNameSchema.safeParse(text.trim());
  if (name.success) return name.data;
  throw new InvalidArgumentError('Write one line of at most 64 characters, none of them for control.');
}

export function parseBps(text: string): number {
  return orInvalid(() => parseRate(text));
}

export function parseUsefulRate(text: string): number {
  const bps = parseBps(text);
  if (bps >= LEAST_BPS) return bps;
  throw new InvalidArgumentError(`${formatRate(bps)} carries no media. Did you mean ${Number.parseFloat(text)}mbit?`);
}

/** What the uplink carries: at most this rate, or `auto`, as much as is measured. */
export function parseUpload(text: string): number | 'auto' {
  return text.trim().toLowerCase() === 'auto' ? 'auto' : parseUsefulRate(text);
}

export function parseBitrate(text: string): Bitrate {
  const [low, high, ...rest] = text.split('-');
  if (low === undefined || rest.length > 0) throw new InvalidArgumentError('Write one rate, or MIN-MAX.');
  const minBps = parseUsefulRate(low);
  const maxBps = high === undefined ? minBps : parseUsefulRate(high);
  if (minBps <= maxBps) return { minBps, maxBps };
  throw new InvalidArgumentError(`The lower rate comes first: ${high}-${low}.`);
}

export function parsePercent(text: string): number {
  const percent = Number(text);
  if (text.trim() !== '' && percent >= 1 && percent <= 100) return percent;
  throw new InvalidArgumentError('Write a number from 1 to 100.');
}

/** What is older than this nobody has any more; in ms. */
const MOST_LATENCY_MS = 1000;

export function parseLatency(text: string): Latency {
  if (text === 'auto') return text;
  if (/^\d{1,4}$/.test(text) && Number(text) <= MOST_LATENCY_MS) return Number(text);
  throw new InvalidArgumentError(`Write auto, or milliseconds from 0 to ${MOST_LATENCY_MS}.`);
}

export function parsePayloadType(text: string): number {
  const number = Number(text);
  if (/^\d{1,3}$/.test(text) && isUsablePayloadType(number)) return number;
  throw new InvalidArgumentError('Write a number from 0 to 127, but not from 64 to 95: those look like RTCP.');
}

/** With the marker bit set, 64 to 95 are 192 to 223, which a shared port takes for RTCP (RFC 5761 section 4). */
export function isUsablePayloadType(number: number): boolean {
  return number <= 127 && (number < 64 || number > 95);
}

export function parseCodecName(text: string): Codec {
  const codec = parseCodec(text);
  if (codec !== undefined) return codec;
  throw new InvalidArgumentError('Write it as in SDP: VP8/90000, H264/90000, opus/48000/2.');
}

export function parseListen(text: string): Endpoint {
  return orInvalid(() => {
    const { host, port } = parseHostPort(text);
    return { host: normalizeHost(host), port };
  });
}

/** A wildcard is an address to listen on, not one to send to. */
export function parseAdvertise(text: string): string {
  const host = orInvalid(() => normalizeHost(text));
  if (host !== '0.0.0.0' && host !== '::') return host;
  throw new InvalidArgumentError('Give an address that others can send to.');
}

export function parseMedia(text: string): Media {
  if (text === 'audio' || text === 'video') return text;
  throw new InvalidArgumentError('Write audio or video.');
}

export function parseSink(text: string): RawSink {
  if (text === 'none') return { kind: 'none' };
  const at = text.indexOf(':');
  const kind = text.slice(0, at);
  const rest = text.slice(at + 1);
  if (kind === 'sdp' && rest !== '') return { kind, sdpFolder: rest };
  if (kind !== 'rtp') throw new InvalidArgumentError('Write none, rtp:HOST:PORT, or sdp:DIR.');
  const to = orInvalid(() => parseHostPort(rest));
  if (to.port !== 0) return { kind, to };
  throw new InvalidArgumentError('Give the port that a player listens on, from 1 to 65535.');
}

/** Commander puts the option's name before the message of this error only. */
export function orInvalid<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
