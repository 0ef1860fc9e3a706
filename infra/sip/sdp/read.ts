/** Reads the descriptions that phones offer and answer with (RFC 8866, RFC 3264). They come from strangers: all of it is checked. */
import { type Codec, parseCodec } from '../../codec/codec.ts';
import { STATIC_FORMATS } from '../../sdp/static-formats.ts';

/** What phones write has one or two kB. */
const MAX_SDP_BYTES = 16_384;
const MAX_SECTIONS = 16;
const MAX_FORMATS = 64;
const MAX_PORT = 65_535;
const MAX_PAYLOAD_TYPE = 127;

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface Format {
  readonly payloadType: number;
  readonly codec: Codec;
  /** Empty: none. */
  readonly fmtp: string;
}

/** Feedback by which who sends a picture may be asked for a key frame (RFC 4585 section 4.2, RFC 5104 section 7.1). */
export type PictureFeedback = 'pli' | 'fir';

export interface Section {
  /** `audio`, `video`, or whatever else. */
  readonly kind: string;
  /** 0: not wanted. */
  readonly port: number;
  readonly protocol: string;
  /** As written, for sections that are refused. */
  readonly written: string;
  /** Those that say what they are, the best first. */
  readonly formats: readonly Format[];
  /** A literal; null: none is told, or none that can be sent to. */
  readonly host: string | null;
  /** Where RTCP is to go, if not to the next port (RFC 3605). */
  readonly rtcpPort: number | null;
  readonly direction: Direction;
  /** What it takes of this. */
  readonly feedback: ReadonlySet<PictureFeedback>;
}

export interface Description {
  readonly sections: readonly Section[];
}

interface Draft {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly written: string;
  readonly payloadTypes: readonly number[];
  readonly maps: Map<number, string>;
  readonly fmtps: Map<number, string>;
  readonly feedback: Set<PictureFeedback>;
  host: string | null;
  rtcpPort: number | null;
  direction: Direction;
}

/** Undefined: it is no description that can be followed. */
export function readDescription(text: string): Description | undefined {
  if (text.length > MAX_SDP_BYTES) return undefined;
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines[0] !== 'v=0') return undefined;
  const session: { host: string | null; direction: Direction } = { host: null, direction: 'sendrecv' };
  const drafts: Draft[] = [];
  for (const line of lines.slice(1)) {
    const [, type = '', value = ''] = /^([a-z])=(.*)$/.exec(line) ?? [];
    if (type === '' && line.trim() !== '') return undefined;
    if (type === 'm') {
      const draft = draftOf(value, session);
      if (draft === undefined || drafts.length >= MAX_SECTIONS) return undefined;
      drafts.push(draft);
    } else if (type === 'c' || type === 'a') take(drafts.at(-1) ?? session, drafts.at(-1), type, value);
  }
  return drafts.length === 0 ? undefined : { sections: drafts.map(sectionOf) };
}

function draftOf(value: string, session: { host: string | null; direction: Direction }): Draft | undefined {
  const { kind, port, protocol, formats } =
    /^(?<kind>[a-z]{1,32}) (?<port>\d{1,5})(?:\/\d+)? (?<protocol>[\x21-\x7e]{1,64}) (?<formats>[\x20-\x7e]+)$/.exec(
      value,
    )?.groups ?? {};
  if (kind === undefined || protocol === undefined || formats === undefined || Number(port) > MAX_PORT)
    return undefined;
  const written = formats.trim().split(/ +/);
  if (written.length > MAX_FORMATS) return undefined;
  const isRtp = /^RTP\//.test(protocol);
  const payloadTypes = isRtp ? written.map(Number) : [];
  if (payloadTypes.some((type) => !Number.isInteger(type) || type < 0 || type > MAX_PAYLOAD_TYPE)) return undefined;
  const head = { kind, port: Number(port), protocol, written: written.join(' '), payloadTypes };
  return { ...head, maps: new Map(), fmtps: new Map(), feedback: new Set(), rtcpPort: null, ...session };
}

function take(
  level: { host: string | null; direction: Direction },
  draft: Draft | undefined,
  type: string,
  value: string,
): void {
  if (type === 'c') {
    level.host = hostIn(value);
    return;
  }
  if (/^(sendrecv|sendonly|recvonly|inactive)$/.test(value)) level.direction = value as Direction;
  if (draft === undefined) return;
  const [, kind, payloadType, told = ''] = /^(rtpmap|fmtp):(\d{1,3}) (.{1,1024})$/.exec(value) ?? [];
  const map = kind === 'rtpmap' ? draft.maps : kind === 'fmtp' ? draft.fmtps : undefined;
  if (map !== undefined && map.size < MAX_FORMATS) map.set(Number(payloadType), told.trim());
  const feedback = /^rtcp-fb:(?:\*|\d{1,3}) (nack pli|ccm fir)\b/.exec(value)?.[1];
  if (feedback !== undefined) draft.feedback.add(feedback === 'nack pli' ? 'pli' : 'fir');
  const rtcpPort = /^rtcp:(\d{1,5})(?: |$)/.exec(value)?.[1];
  if (rtcpPort !== undefined && Number(rtcpPort) >= 1 && Number(rtcpPort) <= MAX_PORT)
    draft.rtcpPort = Number(rtcpPort);
}

/** A name is not looked up for strangers; an address of all zeros is the old way to hold a call (RFC 3264 section 8.4). */
function hostIn(value: string): string | null {
  const [, ipv4, ipv6] =
    /^IN (?:IP4 (\d{1,3}(?:\.\d{1,3}){3})|IP6 ([0-9A-Fa-f:.]{2,45}))(?:\/.*)?$/.exec(value.trim()) ?? [];
  const host = ipv4 ?? ipv6?.toLowerCase() ?? null;
  const isNobody =
    host === null ||
    /^(0\.|22[4-9]\.|2[3-5]\d\.|ff)/.test(host) ||
    host === '::' ||
    host.split('.').some((part) => Number(part) > 255);
  return isNobody ? null : host;
}

function sectionOf({ payloadTypes, maps, fmtps, ...section }: Draft): Section {
  const formats = payloadTypes.flatMap((payloadType): Format[] => {
    const codec = parseCodec(maps.get(payloadType) ?? STATIC_FORMATS.get(payloadType) ?? '');
    const fmtp = fmtps.get(payloadType) ?? '';
    return codec === undefined || !/^[\x20-\x7e]*$/.test(fmtp) ? [] : [{ payloadType, codec, fmtp }];
  });
  return { ...section, formats };
}
