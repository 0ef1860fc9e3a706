/** What a page, or whoever else of this machine sends to its ports, may say: checks, media, offers, messages. */

import type { StreamFormat } from '../../actors/options/contract.ts';
import { readPageMessage } from '../../actors/page/messages.ts';
import { placesOf } from '../../actors/page/own-tracks.ts';
import { pageCodecs } from '../../actors/page/page-codecs.ts';
import { PageFeeds } from '../../actors/page/page-feeds.ts';
import { PageSink } from '../../actors/page/slots/page-sink.ts';
import { wantsOf } from '../../actors/page/wants.ts';
import { FedSource } from '../../actors/source/fed-source.ts';
import { writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { writeNack } from '../../infra/rtcp/nack.ts';
import { writeReport } from '../../infra/rtcp/reception-report.ts';
import { writeDescription } from '../../infra/rtcp/source-description.ts';
import { hasWholeHeader, payloadOffset, RTP_HEADER_BYTES, readSsrc } from '../../infra/rtp/header.ts';
import { SRTP_PROFILES } from '../../infra/srtp/profile.ts';
import { SrtpReceiver, SrtpSender } from '../../infra/srtp/srtp.ts';
import { writeAnswer } from '../../infra/webrtc/answer.ts';
import type { LinkMedia } from '../../infra/webrtc/contract.ts';
import { WebRtcError } from '../../infra/webrtc/errors.ts';
import { readExtension, withoutExtension } from '../../infra/webrtc/header-extension.ts';
import { IceLite } from '../../infra/webrtc/ice-lite.ts';
import { Negotiation } from '../../infra/webrtc/negotiation.ts';
import { readOffer } from '../../infra/webrtc/offer.ts';
import { StreamBinding } from '../../infra/webrtc/stream-binding.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';
import { rtpPacket } from '../path/rig.ts';
import { masterKey, receiverReport } from '../srtp/keys.ts';
import { writeCheck } from '../webrtc/checks.ts';
import { callOffer, MID_NUMBER, offerOf, RID_NUMBER, sequentialSsrcs } from '../webrtc/offers.ts';
import type { Target } from './play.ts';

const VP8: StreamFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' };
const CODECS = pageCodecs('VP8');
/** A fault is read by a person. */
const MOST_FAULT = 1000;
/** What is answered says about as much as the offer: each m-line some hundred bytes more. */
const MOST_ANSWERED = 4;
/** What a page's gateway may send because of one datagram of the page: 512 packets that it names as missing, and a request for each slot. */
const MOST_SENT = 600;
const CERTIFICATE = { hash: 'sha256', value: Buffer.alloc(32, 7) } as const;
const CAMERA_SSRC = 5;
const SLOT_SSRC = 77;

const sameBytes = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;

function checkOffer(bytes: Uint8Array): void {
  const negotiation = new Negotiation({ codecs: CODECS, randomSsrc: sequentialSsrcs() });
  try {
    // A page that has a call offers anew.
    negotiation.take(readOffer(callOffer(2)));
    negotiation.take(readOffer(Buffer.from(bytes).toString()));
    const offer = readOffer(Buffer.from(bytes).toString());
    const answer = writeAnswer(negotiation.lines, {
      ...{ sessionId: '1', version: 1, ice: offer.ice, fingerprint: CERTIFICATE, cname: 'gateway' },
      address: { host: '127.0.0.1', port: 5000 },
    });
    if (answer.length > MOST_ANSWERED * bytes.length) throw new Error(`${answer.length} bytes answered`);
    const [, ...strange] = answer.split('\r\n').filter((line) => !/^[a-z]=[ -~]+$/.test(line));
    if (strange.length > 0) throw new Error(`a line of the answer is ${strange[0]}`);
  } catch (error) {
    if (!(error instanceof WebRtcError)) throw error;
    if (error.message.length > MOST_FAULT) throw new Error(`a fault told in ${error.message.length} characters`);
  }
}

const EXTENDED = Buffer.from(
  // One-byte elements (RFC 8285 section 4.2): mid "0", rid "l", and what nobody asked for.
  `9060000100000e1000000005bede0003${MID_NUMBER.toString(16)}030${RID_NUMBER.toString(16)}06c21aabbcc000000aabbccdd`,
  'hex',
);

function checkPacket(bytes: Uint8Array): void {
  if (bytes.length < RTP_HEADER_BYTES || !hasWholeHeader(bytes, bytes.length)) return;
  const told = [...readExtension(bytes).values()].reduce((sum, value) => sum + value.length, 0);
  if (told > bytes.length) throw new Error('an extension longer than its packet');
  const negotiation = new Negotiation({ codecs: CODECS, randomSsrc: sequentialSsrcs() });
  negotiation.take(readOffer(callOffer(1)));
  const binding = new StreamBinding();
  binding.setLines(negotiation.lines);
  binding.streamOf(bytes);
  const payload = bytes.subarray(payloadOffset(bytes));
  const plain = withoutExtension(Uint8Array.from(bytes));
  if (readSsrc(plain) !== readSsrc(bytes)) throw new Error('another SSRC');
  if (!sameBytes(plain.subarray(payloadOffset(plain)), payload)) throw new Error('another payload');
  const sent: Uint8Array[] = [];
  const { feeds } = feedsOf((packet) => sent.push(packet));
  feeds.takeRtp(plain, '0', 'l');
  if (sent.length > 2) throw new Error(`${sent.length} packets of one`);
}

/** Of whoever does not have the keys nothing is taken but what has been sent by who has. */
function srtpTarget(profile: (typeof SRTP_PROFILES)[number]): Target[] {
  const sender = new SrtpSender(masterKey(profile));
  const rtp = [1, 65_535].map((sequence) => sender.protectRtp(rtpPacket({ ssrc: 5, sequence })));
  const rtcp = [7, 8].map((ssrc) => sender.protectRtcp(receiverReport(ssrc)));
  const target = (name: string, corpus: readonly Uint8Array[], open: (bytes: Uint8Array) => unknown): Target => ({
    name: `page ${name} ${profile.name.toLowerCase()}`,
    corpus,
    check: (bytes) => {
      const opened = open(bytes);
      if (typeof opened !== 'string' && !corpus.some((sent) => sameBytes(sent, bytes)))
        throw new Error('forged, and believed');
    },
  });
  return [
    target('srtp', rtp, (bytes) => new SrtpReceiver(masterKey(profile)).unprotectRtp(bytes)),
    target('srtcp', rtcp, (bytes) => new SrtpReceiver(masterKey(profile)).unprotectRtcp(bytes)),
  ];
}

/** What a page sends goes to a camera's stream. */
function feedsOf(send: (packet: Uint8Array) => void) {
  const feeds = new PageFeeds({ cname: 'gateway', clock: new VirtualClock(1000), sendRtcp: send });
  const source = new FedSource({
    ...{ ssrc: 42, firstSequence: 1, firstTimestamp: 1, now: () => 1000, send, onTime: () => undefined },
    format: VP8,
    onRate: () => undefined,
  });
  feeds.follow([{ place: { mid: '0', rid: 'l' }, source }]);
  return { feeds };
}

/** A page that has all it needs says whatever it likes in RTCP. */
function checkFeedback(bytes: Uint8Array): void {
  let sent = 0;
  const send = () => {
    sent += 1;
  };
  const { feeds } = feedsOf(send);
  feeds.takeRtp(rtpPacket({ ssrc: CAMERA_SSRC, sequence: 1 }), '0', 'l');
  const sink = new PageSink({ now: () => 1000, requestKeyFrame: () => true });
  const slot: LinkMedia = {
    ...{ direction: 'receive', mid: '4', kind: 'video', ssrc: SLOT_SSRC },
    formats: [{ payloadType: 120, codec: 'VP8/90000', fmtp: '' }],
  };
  sink.follow({ cname: 'gateway', sendRtp: send, sendRtcp: send }, [slot]);
  const codec = { name: 'VP8', clockRate: 90_000 };
  sink.setStreams([
    { peer: 'B', stream: 'camera', ssrc: 1, media: 'video', codec, payloadType: 96, fmtp: '', group: null },
  ]);
  sink.show([{ mid: '4', peer: 'B', stream: 'camera' }]);
  sink.begin();
  sink.deliver(Buffer.concat([rtpPacket({ ssrc: 1, sequence: 10, payload: 0 }), Buffer.of(0x10, 0, 0, 0)]));
  feeds.takeRtcp(bytes);
  sink.takeRtcp(bytes);
  feeds.report();
  if (sent > MOST_SENT) throw new Error(`${sent} packets because of one`);
}

const LOCAL_UFRAG = /^[A-Za-z0-9+/]{8}$/;

/** A check counts for whoever has the password alone, and that is as random as can be. */
function checkIce(bytes: Uint8Array): void {
  const ice = new IceLite(0);
  ice.begin({ ufrag: 'page', password: 'x'.repeat(24) }, 0);
  if (!LOCAL_UFRAG.test(ice.local?.ufrag ?? '')) throw new Error('no name');
  const { kind } = ice.check(bytes, { host: '127.0.0.1', port: 9 }, 1);
  if (kind !== 'refused' || ice.remote !== null) throw new Error('a stranger is believed');
}

function checkMessage(bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // The server closes the socket of who sends what is no JSON.
    return;
  }
  const message = readPageMessage(value);
  if (message.type === 'fault') {
    if (message.text.length + message.field.length > MOST_FAULT) throw new Error('a long fault');
    return;
  }
  if (JSON.stringify(readPageMessage(JSON.parse(JSON.stringify(message)))) !== JSON.stringify(message))
    throw new Error('read again it is another message');
  if (message.type === 'show' && wantsOf(message.slots, () => true).length > message.slots.length)
    throw new Error('more wants than slots');
  const isOfTracks = message.type === 'offer' || message.type === 'send';
  if (isOfTracks && placesOf(message.tracks.map((track) => ({ ...track, format: VP8 }))).size > 8)
    throw new Error('more streams than may be');
}

const text = (value: unknown) => Buffer.from(JSON.stringify(value));

export const PAGE_TARGETS: readonly Target[] = [
  {
    name: 'page offer',
    corpus: [
      callOffer(2),
      callOffer(3),
      offerOf([
        { kind: 'application', mid: 'd' },
        { kind: 'video', mid: '0' },
      ]),
    ].map((offer) => Buffer.from(offer)),
    check: checkOffer,
  },
  { name: 'page rtp', corpus: [EXTENDED, rtpPacket({ ssrc: CAMERA_SSRC, sequence: 1 })], check: checkPacket },
  {
    name: 'page rtcp',
    corpus: [
      writeNack({ senderSsrc: 1, mediaSsrc: SLOT_SSRC, sequences: [10, 11, 30] }),
      writePictureLoss(1, SLOT_SSRC),
      Buffer.concat([
        writeReport(CAMERA_SSRC, { unixMs: 1_800_000_000_000, rtpTimestamp: 5, packets: 1, bytes: 1 }, []),
        writeDescription([CAMERA_SSRC], 'page'),
      ]),
      receiverReport(SLOT_SSRC),
    ],
    check: checkFeedback,
  },
  {
    name: 'page check',
    corpus: [
      writeCheck({
        username: 'aaaaaaaa:page',
        password: 'x',
        nominates: true,
        transactionId: '00112233445566778899aabb',
      }),
    ],
    check: checkIce,
  },
  {
    name: 'page message',
    corpus: [
      { type: 'hello', takeOver: false },
      { type: 'join', name: 'Ada', room: 'main', id: 'ada', invite: 'npm run call -- --room main', upload: 5_000_000 },
      { type: 'offer', sdp: 'v=0', tracks: [{ mid: '0', stream: 'camera', layers: [{ rid: 's', maxHeight: 180 }] }] },
      { type: 'send', tracks: [{ mid: '1', stream: 'voice', layers: [] }] },
      { type: 'show', slots: [{ mid: '4', peer: 'B', stream: 'camera', maxBps: 200_000 }] },
      { type: 'mute', stream: 'voice', muted: true },
      { type: 'chat', text: 'Good morning', to: 'B' },
      { type: 'saver', on: true },
      { type: 'leave' },
    ].map(text),
    check: checkMessage,
  },
  ...SRTP_PROFILES.flatMap(srtpTarget),
];
