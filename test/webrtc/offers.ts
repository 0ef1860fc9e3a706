/** Offers as Chromium 156 writes them, shortened to what makes a difference here. */
import type { LinkCodec } from '../../infra/webrtc/contract.ts';

export const CODECS: readonly LinkCodec[] = [
  { codec: 'VP8/90000', fmtp: '' },
  { codec: 'H264/90000', fmtp: 'packetization-mode=1;profile-level-id=42e01f' },
  { codec: 'opus/48000/2', fmtp: '' },
];

export const MID_NUMBER = 9;
export const RID_NUMBER = 10;
export const REPAIRED_RID_NUMBER = 11;
/** Numbers of formats in the offers, as Chromium chooses them. */
export const PAYLOAD_TYPE = { vp8: 96, rtx: 97, h264: 108, opus: 111 } as const;

const FINGERPRINT = Array.from({ length: 32 }, (_, at) => (at + 0xa0).toString(16).toUpperCase()).join(':');

export interface OfferedLine {
  readonly kind: 'audio' | 'video' | 'application';
  readonly mid: string;
  readonly direction?: string;
  readonly rids?: readonly string[];
  /** Switched off for good. */
  readonly stopped?: boolean;
  /** Lines beside those of Chromium. */
  readonly more?: readonly string[];
  /** Instead of Chromium's formats. */
  readonly formats?: readonly string[];
}

export interface Transport {
  readonly ufrag?: string;
  readonly password?: string;
  readonly fingerprint?: string;
  readonly setup?: string;
  /** The name in the first line, by which a browser shows which one it is. */
  readonly origin?: string;
}

const VIDEO_FORMATS = [
  ...['a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 goog-remb', 'a=rtcp-fb:96 transport-cc', 'a=rtcp-fb:96 ccm fir'],
  ...['a=rtcp-fb:96 nack', 'a=rtcp-fb:96 nack pli', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'],
  ...['a=rtpmap:102 H264/90000', 'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f'],
  ...['a=rtpmap:114 H264/90000', 'a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f'],
  ...['a=rtpmap:108 H264/90000', 'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034'],
  'a=rtcp-fb:108 nack pli',
];
const AUDIO_FORMATS = [
  ...['a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc', 'a=fmtp:111 minptime=10;useinbandfec=1'],
  ...['a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111', 'a=rtpmap:0 PCMU/8000'],
];
const EXTENSIONS = [
  'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  `a=extmap:${MID_NUMBER} urn:ietf:params:rtp-hdrext:sdes:mid`,
];
const LAYER_EXTENSIONS = [
  `a=extmap:${RID_NUMBER} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id`,
  `a=extmap:${REPAIRED_RID_NUMBER} urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id`,
];

export function offerOf(lines: readonly OfferedLine[], transport: Transport = {}): string {
  const bundled = lines.filter(({ stopped }) => !stopped).map(({ mid }) => mid);
  const { origin = '-' } = transport;
  const head = ['v=0', `o=${origin} 1404023902411360613 2 IN IP4 127.0.0.1`, 's=-', 't=0 0'];
  const session = [...head, `a=group:BUNDLE ${bundled.join(' ')}`, 'a=extmap-allow-mixed', 'a=msid-semantic: WMS'];
  return [...session, ...lines.flatMap((line) => linesOf(line, transport)), ''].join('\r\n');
}

function linesOf(
  line: OfferedLine,
  { ufrag = 'jnLX', password = 'AijL89ysojVODfRLlxOvOI9N', ...rest }: Transport,
): string[] {
  const { kind, mid, direction = 'sendonly', rids = [], stopped = false, more = [] } = line;
  const { fingerprint = `sha-256 ${FINGERPRINT}`, setup = 'actpass' } = rest;
  const formats = line.formats ?? (kind === 'video' ? VIDEO_FORMATS : AUDIO_FORMATS);
  const numbers = formats.flatMap((format) => /^a=rtpmap:(\d+)/.exec(format)?.[1] ?? []);
  const isMedia = kind !== 'application';
  return [
    `m=${kind} ${stopped ? 0 : 9} ${isMedia ? `UDP/TLS/RTP/SAVPF ${numbers.join(' ')}` : 'UDP/DTLS/SCTP webrtc-datachannel'}`,
    ...['c=IN IP4 0.0.0.0', `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`, 'a=ice-options:trickle'],
    ...[`a=fingerprint:${fingerprint}`, `a=setup:${setup}`, `a=mid:${mid}`],
    ...(isMedia ? [...EXTENSIONS, ...(kind === 'video' ? LAYER_EXTENSIONS : []), `a=${direction}`, 'a=rtcp-mux'] : []),
    ...(isMedia ? formats : []),
    ...(rids.length > 0 ? [...rids.map((rid) => `a=rid:${rid} send`), `a=simulcast:send ${rids.join(';')}`] : []),
    ...more,
  ];
}

/** Camera in two layers, voice, and as many slots as wanted. */
export function callOffer(slots = 1, transport: Transport = {}): string {
  return offerOf(callLines(slots), transport);
}

export function callLines(slots: number): OfferedLine[] {
  return [
    { kind: 'video', mid: '0', rids: ['s', 'l'] },
    { kind: 'audio', mid: '1' },
    ...Array.from({ length: slots }, (_, slot): OfferedLine[] => [
      { kind: 'video', mid: `${2 + 2 * slot}`, direction: 'recvonly' },
      { kind: 'audio', mid: `${3 + 2 * slot}`, direction: 'recvonly' },
    ]).flat(),
  ];
}

/** 1001, 1002 and so on, each twice: who draws one that is taken has to draw again. */
export function sequentialSsrcs(): () => number {
  let drawn = 0;
  return () => 1001 + Math.floor(drawn++ / 2);
}
