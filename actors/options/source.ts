/** One value of `--source`: `KIND[,key=value…]`. */
import { InvalidArgumentError } from 'commander';
import type { Endpoint } from '../../infra/path/contract.ts';
import { parsePort } from '../../infra/units/host-port.ts';
import { MAX_STREAMS, streamNameSchema } from '../../machines/messages.ts';
import type { RawSource, RawSourceSpec, RawStream } from './contract.ts';
import { FMTP } from './fmtp.ts';
import { orInvalid, parseBitrate, parseCodecName, parseListen, parseMedia, parsePayloadType } from './values.ts';

/** How each key is read. `fmtp` may hold commas, so it takes the rest of the value. */
const KEYS: Readonly<Record<string, (value: string) => Partial<RawStream>>> = {
  name: (value) => ({ name: parseStreamName(value) }),
  codec: (value) => ({ codec: parseCodecName(value) }),
  'payload-type': (value) => ({ payloadType: parsePayloadType(value) }),
  media: (value) => ({ media: parseMedia(value) }),
  bitrate: (value) => ({ bitrate: parseBitrate(value) }),
  group: (value) => ({ group: parseStreamName(value) }),
  layer: (value) => ({ layer: parseLayer(value) }),
  rtcp: (value) => ({ rtcp: parseRtcp(value) }),
  fmtp: (value) => ({ fmtp: parseFmtp(value) }),
};
const KEY_LIST = Object.keys(KEYS).join(', ');

/** What the file of a program says itself. */
const TOLD_BY_SDP = new Set(['codec', 'payload-type', 'media', 'fmtp']);
/** A further key behind the format parameters, which would become part of them. */
const KEY_WITHIN = new RegExp(`,(${Object.keys(KEYS).join('|')})=`);

/**
 * Reads `test,name=screen,bitrate=2mbit`.
 *
 * @throws {InvalidArgumentError} with what is accepted
 */
export function parseSource(text: string): RawSource {
  const [kind = '', ...pairs] = splitPairs(text);
  if (kind === 'none') {
    if (pairs.length === 0) return { kind: 'none' };
    throw new InvalidArgumentError('none shows nothing: it takes no keys.');
  }
  const read = new Set<string>();
  let stream: RawStream = { kind: 'stream', source: parseKind(kind) };
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const key = at < 0 ? pair : pair.slice(0, at);
    const parse = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (parse === undefined) throw new InvalidArgumentError(`There is no key "${key}". Keys are ${KEY_LIST}.`);
    if (at < 0) throw new InvalidArgumentError(`The key "${key}" has no value: write ${key}=VALUE.`);
    if (stream.source.kind === 'sdp' && TOLD_BY_SDP.has(key)) {
      throw new InvalidArgumentError(`The SDP file tells the ${key}: leave "${key}" out.`);
    }
    if (read.has(key)) throw new InvalidArgumentError(`The key "${key}" is given twice.`);
    read.add(key);
    stream = { ...stream, ...orNamed(key, () => parse(pair.slice(at + 1))) };
  }
  return stream;
}

/** The pieces between commas; `fmtp=` and all that follows is one. */
function splitPairs(text: string): string[] {
  const at = text.indexOf(',fmtp=');
  return at < 0 ? text.split(',') : [...text.slice(0, at).split(','), text.slice(at + 1)];
}

function parseKind(text: string): RawSourceSpec {
  if (text === 'test') return { kind: text };
  if (/^sdp:./.test(text)) return { kind: 'sdp', file: text.slice('sdp:'.length) };
  const [kind, port, ...rest] = text.split(':');
  if (kind === 'rtp' && port !== undefined && rest.length === 0) {
    return { kind, port: orInvalid(() => parsePort(port)) };
  }
  throw new InvalidArgumentError(
    'Write none, test, or rtp:PORT, or sdp:FILE, and behind it ,key=value as often as you like.',
  );
}

function parseStreamName(text: string): string {
  if (streamNameSchema.safeParse(text).success) return text;
  throw new InvalidArgumentError('Write 1 to 32 of A-Z a-z 0-9 _ -.');
}

function parseLayer(text: string): number {
  if (/^\d$/.test(text) && Number(text) < MAX_STREAMS) return Number(text);
  throw new InvalidArgumentError(`Write a number from 0 to ${MAX_STREAMS - 1}.`);
}

/** Requests for key frames go there: to a numeric address, which names no port by accident. */
function parseRtcp(text: string): Endpoint {
  const endpoint = parseListen(text);
  if (endpoint.port > 0) return endpoint;
  throw new InvalidArgumentError('Write HOST:PORT, where the program takes RTCP.');
}

function parseFmtp(text: string): string {
  const key = KEY_WITHIN.exec(text)?.[1];
  if (key !== undefined) {
    throw new InvalidArgumentError(`It takes the rest of the value, commas included: write ${key}= before it.`);
  }
  if (FMTP.test(text)) return text;
  throw new InvalidArgumentError('Write it as in SDP, in printable ASCII: minptime=10;useinbandfec=1.');
}

/** Says of which key the value is wrong. */
function orNamed<T>(key: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new InvalidArgumentError(`${key}: ${error.message}`);
    throw error;
  }
}
