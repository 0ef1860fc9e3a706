/** What programs of this machine give to a source: RTP at its port, and the SDP files that they write. */
import { ProgramStream } from '../../actors/source/program-stream.ts';
import { parseCodec } from '../../infra/codec/codec.ts';
import { showsKeyFrame } from '../../infra/codec/key-frame.ts';
import { type NalUnit, nalFormatOf, nalUnitsIn } from '../../infra/codec/nal-units.ts';
import { MAX_DATAGRAM_BYTES } from '../../infra/path/decision/decision.ts';
import { hasWholeHeader, RTP_HEADER_BYTES, readPayloadType, readSsrc } from '../../infra/rtp/header.ts';
import { payloadOf } from '../../infra/rtp/payload.ts';
import { neverGoesBack } from '../../infra/rtp/time-order.ts';
import { readSentStreams, SdpError } from '../../infra/sdp/sdp-reader.ts';
import { rtpPacket } from '../path/rig.ts';
import type { Target } from './play.ts';

const OURS = 0xaaaa_aaaa;
const THEIRS = 7;
const PAYLOAD_TYPE = 96;
const CODEC = parseCodec('H264/90000') ?? { name: 'H264', clockRate: 90_000 };

/** An RTP packet that holds this. */
function packetOf(sequence: number, payload: string): Buffer {
  return Buffer.concat([rtpPacket({ ssrc: THEIRS, sequence, payload: 0 }), Buffer.from(payload, 'hex')]);
}

/** A stream that has begun, and then whatever comes, three times. */
function checkProgram(bytes: Uint8Array): void {
  const sent: Uint8Array[] = [];
  const stream = new ProgramStream({
    ...{ ssrc: OURS, payloadTypes: 'any', firstSequence: 65_530, firstTimestamp: 0 },
    format: { codec: CODEC, media: 'video', payloadType: PAYLOAD_TYPE, fmtp: 'packetization-mode=1' },
    send: (packet) => void sent.push(Uint8Array.from(packet)),
  });
  for (let sequence = 1; sequence <= 3; sequence += 1) stream.take(packetOf(sequence, '6742c00d'), sequence * 20);
  const whole = bytes.length >= 12 && bytes.length <= MAX_DATAGRAM_BYTES && hasWholeHeader(bytes, bytes.length);
  if (whole && payloadOf(bytes) !== undefined) {
    for (let atMs = 80; atMs <= 5000; atMs += 1600) stream.take(Uint8Array.from(bytes), atMs);
  }
  for (const packet of sent) {
    if (readSsrc(packet) !== OURS || readPayloadType(packet) !== PAYLOAD_TYPE) throw new Error('not our stream');
    if (packet.length > MAX_DATAGRAM_BYTES) throw new Error('longer than a datagram');
  }
  if (sent.length > 100) throw new Error(`${sent.length} packets of six`);
}

const VIDEO_CODECS = ['VP8', 'VP9', 'AV1', 'H264', 'H265'] as const;

/** What is read of pictures on their way: whether one can be shown without others, and whether its time may go back. */
function checkPicture(bytes: Uint8Array): void {
  if (bytes.length < RTP_HEADER_BYTES || !hasWholeHeader(bytes, bytes.length)) return;
  for (const name of VIDEO_CODECS) {
    const shows = showsKeyFrame(name, bytes);
    const payload = payloadOf(bytes);
    const goesBack = !neverGoesBack('video', { name, clockRate: 90_000 }, bytes);
    if (shows && goesBack && !isPadded(bytes)) throw new Error(`a key frame of ${name} that goes back`);
    for (const { bytes: unit } of nalUnitsOf(name, payload)) {
      if (unit.length === 0 || unit.length > bytes.length) throw new Error(`a unit of ${unit.length} bytes`);
    }
  }
}

/** RFC 3550 section 5.1: what is behind the payload is of nobody's interest, and only one of the two looks for it. */
function isPadded(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x20) !== 0;
}

function nalUnitsOf(name: string, payload: Uint8Array | undefined): readonly NalUnit[] {
  const format = nalFormatOf(name);
  return format === undefined || payload === undefined ? [] : [...nalUnitsIn(payload, format)];
}

function checkDescription(bytes: Uint8Array): void {
  try {
    for (const { port, payloadType, codec } of readSentStreams(new TextDecoder().decode(bytes))) {
      const isSound = port >= 1 && port <= 65_535 && payloadType >= 0 && payloadType <= 127 && codec.clockRate > 0;
      if (!isSound) throw new Error(`port ${port}, payload type ${payloadType}, ${codec.clockRate} Hz`);
    }
  } catch (error) {
    if (!(error instanceof SdpError)) throw error;
    if (error.message.length > 400) throw new Error(`a fault told in ${error.message.length} characters`);
  }
}

/** As ffmpeg and GStreamer write them. */
const DESCRIPTIONS = [
  `SDP:
v=0
o=- 0 0 IN IP4 127.0.0.1
s=No Name
c=IN IP4 127.0.0.1
t=0 0
a=tool:libavformat 59.27.100
m=video 5004 RTP/AVP 96
b=AS:900
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAHtkAoD2wFqDAwMg=,aMuDyyA=; profile-level-id=42C01E
m=audio 5006 RTP/AVP 97
b=AS:128
a=rtpmap:97 MPEG4-GENERIC/48000/2
a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=1190
`,
  'v=0\r\no=- 1188340656180883 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 5008 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n',
];

export const PROGRAM_TARGETS: readonly Target[] = [
  {
    name: 'program rtp',
    corpus: [
      // H.264: SPS, PPS, an aggregate of both, the first piece of a key picture, a whole one (RFC 6184 sections 5.6 to 5.8).
      packetOf(4, '6742c00dda0141'),
      packetOf(5, '68ce3c80'),
      packetOf(6, '1800046742c00d000468ce3c80'),
      packetOf(7, `7c85${'00'.repeat(40)}`),
      packetOf(8, `65${'88'.repeat(40)}`),
      Buffer.from('b0600009000004b000000007bede000010000000410102', 'hex'),
    ],
    check: checkProgram,
  },
  {
    name: 'pictures',
    // Key frames of each codec, whole and in pieces (see their payload formats' RFCs).
    corpus: [
      ...[
        '10020000',
        '90f0812300000010',
        '8880',
        '65880000',
        '7800026742000268ce',
        '7c8588',
        '2601af',
        '60010002400100022601',
      ],
      ...['620193', '180a'],
    ].map((payload) => packetOf(1, payload)),
    check: checkPicture,
  },
  { name: 'program sdp', corpus: DESCRIPTIONS.map((text) => Buffer.from(text)), check: checkDescription },
];
