/** The answer to an offer, as text (RFC 8829 section 5.3). */
import type { Endpoint } from '../path/contract.ts';
import type { AnsweredLine } from './negotiation.ts';
import type { Fingerprint, IceCredentials, OfferedMedia } from './offer.ts';
import type { OfferedFormat } from './offered-formats.ts';

/** Names of header extensions that tell of which m-line and layer a packet is (RFC 9143 section 15.2, RFC 8852 section 4). */
export const MID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:mid';
export const RID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';
export const REPAIRED_RID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id';
/** All others are refused: what they tell is lost on the way through the room. */
const EXTENSIONS = [MID_EXTENSION, RID_EXTENSION, REPAIRED_RID_EXTENSION];

/** RFC 4585 section 4.2, RFC 5104 section 7.1; `goog-remb` is a draft that Chromium and Firefox obey. Not transport-wide numbers: they end here. */
const FEEDBACK = new Set(['nack', 'nack pli', 'ccm fir', 'goog-remb']);

/** The only candidate: priority of a host candidate, component 1 (RFC 8445 section 5.1.2.1). */
const CANDIDATE_PRIORITY = 2 ** 24 * 126 + 2 ** 8 * 65_535 + 255;

/** What the answer says beside its m-lines. */
export interface AnswerFrame {
  /** Of the description, and how often it has been changed. */
  readonly sessionId: string;
  readonly version: number;
  readonly ice: IceCredentials;
  readonly fingerprint: Fingerprint;
  readonly address: Endpoint;
  readonly cname: string;
}

/** @param lines as offered, in that order */
export function writeAnswer(lines: readonly AnsweredLine[], frame: AnswerFrame): string {
  const bundled = lines.filter(({ kind }) => kind !== 'rejected').map(({ offered }) => offered.mid);
  const { hash, value } = frame.fingerprint;
  const session = [
    'v=0',
    `o=- ${frame.sessionId} ${frame.version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundled.join(' ')}`,
    'a=ice-lite',
    'a=msid-semantic: WMS *',
    `a=ice-ufrag:${frame.ice.ufrag}`,
    `a=ice-pwd:${frame.ice.password}`,
    `a=fingerprint:${hash.replace('sha', 'sha-')} ${colons(value)}`,
    'a=setup:passive',
  ];
  const media = lines.flatMap((line) => linesOf(line, frame, line.offered.mid === bundled[0]));
  return [...session, ...media, ''].join('\r\n');
}

function linesOf(line: AnsweredLine, frame: AnswerFrame, isTagged: boolean): string[] {
  const { type, protocolAndFormats, mid } = line.offered;
  const connection = `c=IN IP4 ${frame.address.host}`;
  if (line.kind === 'rejected') return [`m=${type} 0 ${protocolAndFormats}`, connection, 'a=inactive', `a=mid:${mid}`];
  const [protocol] = protocolAndFormats.split(' ');
  const payloadTypes = line.formats.map(({ payloadType }) => payloadType);
  return [
    `m=${type} ${frame.address.port} ${protocol} ${payloadTypes.join(' ')}`,
    connection,
    ...(isTagged ? candidateLines(frame.address) : []),
    `a=mid:${mid}`,
    'a=rtcp-mux',
    ...extensionLines(line.offered),
    ...line.formats.flatMap(formatLines),
    ...(line.kind === 'media' ? directionLines(line, frame.cname) : ['a=inactive']),
  ];
}

/** Also where the page does not send: what is refused once Chromium does not offer again, and then cannot send layers there. */
function extensionLines({ extensions }: OfferedMedia): string[] {
  return EXTENSIONS.flatMap((uri) => {
    const number = extensions.get(uri);
    return number === undefined ? [] : [`a=extmap:${number} ${uri}`];
  });
}

function candidateLines({ host, port }: Endpoint): string[] {
  return [`a=candidate:1 1 udp ${CANDIDATE_PRIORITY} ${host} ${port} typ host`, 'a=end-of-candidates'];
}

function formatLines({ payloadType, codec, fmtp, feedback }: OfferedFormat): string[] {
  return [
    `a=rtpmap:${payloadType} ${codec}`,
    ...(fmtp === '' ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
    ...feedback.filter((kind) => FEEDBACK.has(kind)).map((kind) => `a=rtcp-fb:${payloadType} ${kind}`),
  ];
}

function directionLines({ media, place }: AnsweredLine & { kind: 'media' }, cname: string): string[] {
  if (media.direction === 'receive') {
    // Sound and pictures of one name are played in step. The SSRC needs its cname, or Chromium does not look for it.
    const name = `slot-${place}`;
    return ['a=sendonly', `a=msid:${name} ${name}-${media.kind}`, `a=ssrc:${media.ssrc} cname:${cname}`];
  }
  const { rids } = media;
  const layers =
    rids.length === 0 ? [] : [...rids.map((rid) => `a=rid:${rid} recv`), `a=simulcast:recv ${rids.join(';')}`];
  return ['a=recvonly', ...layers];
}

function colons(value: Buffer): string {
  return [...value].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}
