/**
 * Reads session descriptions (RFC 8866) as programs write them of the RTP that they send: of each section its port and its first
 * format. Where it is sent is left out, as are lines that say nothing of the format.
 */

import { type Codec, type Media, parseCodec } from '../codec/codec.ts';
import { CodedError } from '../coded-error.ts';
import { STATIC_FORMATS } from './static-formats.ts';

/** Descriptions have a few kB; what is larger is something else. */
export const MAX_SDP_BYTES = 65_536;

/** Why a text is no description that can be followed. Stable: programs switch on it. */
export type SdpErrorCode =
  /** Larger than {@link MAX_SDP_BYTES}. */
  | 'sdp.too-large'
  /** Not SDP, or not of RTP that can be taken as it is. */
  | 'sdp.invalid';

export class SdpError extends CodedError<SdpErrorCode> {
  override readonly name = 'SdpError';

  /** @param line counted from 1; null: it is about the whole text */
  constructor(code: SdpErrorCode, line: number | null, problem: string) {
    super(code, line === null ? problem : `line ${line}: ${problem}`);
  }
}

/** What a section says of the stream that the program sends. */
export interface SentStream {
  readonly media: Media;
  readonly port: number;
  readonly payloadType: number;
  readonly codec: Codec;
  /** As the line says; empty: none. */
  readonly fmtp: string;
  /** What the encoder makes, in bit/s; null: not told. */
  readonly bps: number | null;
  /** Of the section, counted from 1, for what is found wrong with it later. */
  readonly line: number;
}

/** Formats that go beside another in its section, and are not shown by themselves (RFC 4733, 3389, 2198, 5109, 4588, 8627). */
const BESIDE = new Set(['telephone-event', 'cn', 'red', 'ulpfec', 'parityfec', 'flexfec', 'flexfec-03', 'rtx']);

const LINE = /^([a-z])=(.*)$/;
const SECTION = /^(?<media>\S+) (?<port>\d{1,5})(?:\/\d+)? (?<profile>\S+)(?<formats>(?: \S+)+)$/;
const MAPPING = /^(?<kind>rtpmap|fmtp):(?<payloadType>\d{1,3}) (?<value>.+)$/;
const BANDWIDTH = /^(?<kind>AS|TIAS):(?<value>\d{1,9})$/;
/** RTP that is not encrypted (RFC 3551, RFC 4585). */
const PROFILES = new Set(['RTP/AVP', 'RTP/AVPF']);
const MAX_PORT = 0xffff;

interface Section {
  readonly media: Media;
  readonly port: number;
  readonly payloadTypes: readonly number[];
  readonly line: number;
  readonly rtpmap: Map<number, string>;
  readonly fmtp: Map<number, string>;
  bps: number | null;
}

/**
 * The streams of audio and video, in the order of their sections; those that are switched off (port 0) are left out.
 *
 * @throws {SdpError} `sdp.too-large`, `sdp.invalid`
 */
export function readSentStreams(text: string): SentStream[] {
  if (Buffer.byteLength(text) > MAX_SDP_BYTES) {
    throw new SdpError('sdp.too-large', null, `it is larger than ${MAX_SDP_BYTES / 1024} kB, which no SDP is`);
  }
  const sections = sectionsIn(text);
  const streams = sections.filter(({ port }) => port > 0).map(streamOf);
  if (streams.length > 0) return streams;
  throw new SdpError('sdp.invalid', null, 'it has no section m=audio or m=video with a port');
}

function sectionsIn(text: string): Section[] {
  const sections: Section[] = [];
  let current: Section | undefined;
  let begun = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.replace(/\r$/, '');
    const line = index + 1;
    // ffmpeg writes a heading where its standard output goes into the file.
    if (content.trim() === '' || (!begun && content === 'SDP:')) continue;
    const [, type, value = ''] = LINE.exec(content) ?? [];
    if (type === undefined) throw new SdpError('sdp.invalid', line, `"${shown(content)}" is no line of SDP`);
    if (!begun && content !== 'v=0') throw new SdpError('sdp.invalid', line, 'SDP begins with v=0');
    begun = true;
    if (type === 'm') {
      current = sectionOf(value, line);
      if (current !== undefined) sections.push(current);
    } else if (current !== undefined) addTo(current, type, value);
  }
  return sections;
}

/** Undefined: neither sound nor pictures. */
function sectionOf(value: string, line: number): Section | undefined {
  const { media, port, profile, formats } = SECTION.exec(value)?.groups ?? {};
  if (media === undefined || profile === undefined) {
    throw new SdpError('sdp.invalid', line, `"m=${shown(value)}" is not m=MEDIA PORT PROFILE FORMAT`);
  }
  if (media !== 'audio' && media !== 'video') return undefined;
  if (!PROFILES.has(profile)) {
    throw new SdpError('sdp.invalid', line, `${shown(profile)} cannot be taken: let the program send plain RTP/AVP`);
  }
  if (Number(port) > MAX_PORT) throw new SdpError('sdp.invalid', line, `there is no port ${port}`);
  const payloadTypes = (formats ?? '').trim().split(' ').map(Number);
  if (payloadTypes.some((type) => !Number.isInteger(type) || type > 127)) {
    throw new SdpError('sdp.invalid', line, 'payload types are numbers from 0 to 127');
  }
  return { media, port: Number(port), payloadTypes, line, rtpmap: new Map(), fmtp: new Map(), bps: null };
}

function addTo(section: Section, type: string, value: string): void {
  if (type === 'b') {
    const { kind, value: rate } = BANDWIDTH.exec(value)?.groups ?? {};
    // AS counts in kbit/s (RFC 8866 section 5.8), TIAS in bit/s (RFC 3890).
    if (kind !== undefined) section.bps ??= Number(rate) * (kind === 'AS' ? 1000 : 1);
  }
  if (type !== 'a') return;
  const { kind, payloadType, value: told = '' } = MAPPING.exec(value)?.groups ?? {};
  if (kind === 'rtpmap') section.rtpmap.set(Number(payloadType), told.trim());
  else if (kind === 'fmtp') section.fmtp.set(Number(payloadType), told.trim());
}

function streamOf(section: Section): SentStream {
  const { media, port, line, fmtp, bps, payloadTypes } = section;
  const formats = payloadTypes.map((payloadType) => ({ payloadType, codec: codecOf(section, payloadType) }));
  const chosen = formats.find(({ codec }) => !BESIDE.has(codec.name.toLowerCase())) ?? formats[0];
  if (chosen === undefined) throw new SdpError('sdp.invalid', line, 'the section has no format');
  return { media, port, ...chosen, fmtp: fmtp.get(chosen.payloadType) ?? '', bps, line };
}

function codecOf({ rtpmap, line }: Section, payloadType: number): Codec {
  const mapped = rtpmap.get(payloadType) ?? STATIC_FORMATS.get(payloadType);
  if (mapped === undefined) {
    throw new SdpError('sdp.invalid', line, `a=rtpmap:${payloadType} is missing, which says what the payload type is`);
  }
  const codec = parseCodec(mapped);
  if (codec !== undefined) return codec;
  throw new SdpError('sdp.invalid', line, `"${shown(mapped)}" of payload type ${payloadType} is not NAME/HZ`);
}

/** As much as tells which line it is. */
function shown(text: string): string {
  const MOST = 40;
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
