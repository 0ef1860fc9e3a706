import test from 'ava';
import { writeAnswer } from '../../infra/webrtc/answer.ts';
import { Negotiation } from '../../infra/webrtc/negotiation.ts';
import { readOffer } from '../../infra/webrtc/offer.ts';
import { CODECS, callLines, callOffer, type OfferedLine, offerOf, sequentialSsrcs } from './offers.ts';

const FRAME = {
  ...{ sessionId: '1', version: 1, cname: 'gateway', address: { host: '127.0.0.1', port: 5000 } },
  ice: { ufrag: 'abcd', password: 'A'.repeat(24) },
  fingerprint: { hash: 'sha256', value: Buffer.alloc(32, 0xab) },
} as const;

function negotiation(): Negotiation {
  return new Negotiation({ codecs: CODECS, randomSsrc: sequentialSsrcs() });
}

/** The answer's text, as blocks of lines. */
function answerTo(state: Negotiation, offer: string) {
  state.take(readOffer(offer));
  const [session = '', ...media] = writeAnswer(state.lines, FRAME).split('\r\nm=');
  return { session: session.split('\r\n'), media: media.map((block) => `m=${block}`.split('\r\n')) };
}

const groupOf = ({ session }: { session: string[] }) => session.find((line) => line.startsWith('a=group:'));
const withLine = (lines: readonly OfferedLine[], index: number, line: Partial<OfferedLine>) =>
  lines.map((each, at) => (at === index ? { ...each, ...line } : each));

test('what the page sends and receives, by its formats, layers and SSRCs', (t) => {
  const state = negotiation();
  state.take(readOffer(callOffer()));
  const vp8 = { payloadType: 96, codec: 'VP8/90000', fmtp: '' };
  const h264 = {
    ...{ payloadType: 108, codec: 'H264/90000' },
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034',
  };
  const opus = { payloadType: 111, codec: 'opus/48000/2', fmtp: 'minptime=10;useinbandfec=1' };
  t.deepEqual(state.media, [
    { mid: '0', kind: 'video', direction: 'send', rids: ['s', 'l'], formats: [vp8] },
    { mid: '1', kind: 'audio', direction: 'send', rids: [], formats: [opus] },
    { mid: '2', kind: 'video', direction: 'receive', ssrc: 1003, formats: [vp8, h264] },
    { mid: '3', kind: 'audio', direction: 'receive', ssrc: 1004, formats: [opus] },
  ]);
});

test('the answer: one transport, what is taken of the formats, feedback and extensions, and no more', (t) => {
  const answer = answerTo(negotiation(), callOffer());
  t.is(groupOf(answer), 'a=group:BUNDLE 0 1 2 3');
  for (const line of ['a=ice-lite', 'a=setup:passive', 'a=ice-ufrag:abcd']) t.true(answer.session.includes(line), line);
  t.deepEqual(answer.media[0], [
    ...['m=video 5000 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 127.0.0.1'],
    ...['a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host', 'a=end-of-candidates', 'a=mid:0', 'a=rtcp-mux'],
    'a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
    'a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
    ...[
      'a=rtpmap:96 VP8/90000',
      'a=rtcp-fb:96 goog-remb',
      'a=rtcp-fb:96 ccm fir',
      'a=rtcp-fb:96 nack',
      'a=rtcp-fb:96 nack pli',
    ],
    ...['a=recvonly', 'a=rid:s recv', 'a=rid:l recv', 'a=simulcast:recv s;l'],
  ]);
  t.is(answer.media[2]?.[0], 'm=video 5000 UDP/TLS/RTP/SAVPF 96 108', 'a slot shows whatever there is');
  t.true(
    answer.media[2]?.includes('a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034'),
  );
});

test('sound and pictures of a slot are one stream of the page', (t) => {
  const { media } = answerTo(negotiation(), callOffer(2));
  const streams = media.map((block) => block.find((line) => line.startsWith('a=msid:'))?.split(/[: ]/)[1]);
  t.deepEqual(streams, [undefined, undefined, 'slot-0', 'slot-0', 'slot-1', 'slot-1']);
  t.true(media[4]?.includes('a=sendonly'));
  t.true(media[4]?.includes('a=ssrc:1005 cname:gateway'));
});

test('offers anew change only what they say: SSRCs stay', (t) => {
  const state = negotiation();
  state.take(readOffer(callOffer(2)));
  const before = state.media;
  const lines = [...callLines(2), { kind: 'video', mid: 'screen' } as const];
  t.deepEqual(state.take(readOffer(offerOf(lines))), { restartsIce: false });
  t.deepEqual(state.media.slice(0, -1), before);
  t.is(state.media.at(-1)?.mid, 'screen');
  state.take(readOffer(offerOf(withLine(lines, 2, { direction: 'inactive' }))));
  t.deepEqual(
    state.media.map(({ mid }) => mid),
    ['0', '1', '3', '4', '5', 'screen'],
  );
  state.take(readOffer(offerOf(lines)));
  t.deepEqual(state.media.slice(0, -1), before);
  t.deepEqual(state.take(readOffer(offerOf(lines, { ufrag: 'anew' }))), { restartsIce: true });
});

test('what was stopped leaves the bundle, and its place may be taken', (t) => {
  const state = negotiation();
  state.take(readOffer(callOffer(2)));
  const stopped = withLine(callLines(2), 3, { stopped: true });
  const answer = answerTo(state, offerOf(stopped));
  t.is(groupOf(answer), 'a=group:BUNDLE 0 1 2 4 5');
  t.true(answer.media[3]?.[0]?.startsWith('m=audio 0 UDP/TLS/RTP/SAVPF 111'));
  const taken = answerTo(
    state,
    offerOf(withLine(stopped, 3, { mid: '6', kind: 'video', stopped: false, direction: 'recvonly' })),
  );
  t.is(groupOf(taken), 'a=group:BUNDLE 0 1 2 6 4 5');
});

test('an inactive m-line stays in the bundle, with its extensions: else Chromium could not send layers there again', (t) => {
  const state = negotiation();
  const { media, ...answer } = answerTo(state, offerOf(withLine(callLines(1), 0, { direction: 'inactive' })));
  t.is(groupOf(answer), 'a=group:BUNDLE 0 1 2 3');
  t.true(media[0]?.[0]?.startsWith('m=video 5000 '));
  for (const line of ['a=inactive', 'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'])
    t.true(media[0]?.includes(line), line);
});

test('m-lines without a known codec and data channels are rejected, the others go on', (t) => {
  const vp9 = ['a=rtpmap:98 VP9/90000'];
  const lines: OfferedLine[] = [
    { kind: 'audio', mid: 'a' },
    { kind: 'video', mid: 'b', formats: vp9 },
    { kind: 'application', mid: 'c' },
  ];
  const answer = answerTo(negotiation(), offerOf(lines));
  t.is(groupOf(answer), 'a=group:BUNDLE a');
  t.deepEqual(
    answer.media.slice(1).map(([head]) => head),
    ['m=video 0 UDP/TLS/RTP/SAVPF 98', 'm=application 0 UDP/DTLS/SCTP webrtc-datachannel'],
  );
});

test('port 0 means no rejection where the m-line is in the bundle (bundle-only)', (t) => {
  const state = negotiation();
  const text = callOffer().replaceAll(/(m=\w+) 9 /g, (head, kind, at) => (at < 300 ? head : `${kind} 0 `));
  t.true(text.includes('m=audio 0 '));
  state.take(readOffer(text));
  t.is(state.media.length, 4);
});

test('an offer of 25 slots is nothing special', (t) => {
  const state = negotiation();
  state.take(readOffer(callOffer(25)));
  t.is(state.media.length, 52);
  t.is(new Set(state.media.map((media) => (media.direction === 'receive' ? media.ssrc : media.mid))).size, 52);
});

test("payload types are the page's own: as Firefox numbers them", (t) => {
  const state = negotiation();
  const formats = [
    'a=rtpmap:120 VP8/90000',
    'a=fmtp:120 max-fs=12288;max-fr=60',
    'a=rtcp-fb:* ccm fir',
    'a=rtcp-fb:* nack pli',
  ];
  const { media } = answerTo(state, offerOf([{ kind: 'video', mid: '0', formats }]));
  t.is(state.media[0]?.formats[0]?.payloadType, 120);
  t.true(media[0]?.includes('a=rtcp-fb:120 nack pli'));
  t.true(media[0]?.includes('a=fmtp:120 max-fs=12288;max-fr=60'));
});
