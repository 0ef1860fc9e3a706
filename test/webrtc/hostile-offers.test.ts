/** Offers that are none, or that ask for what is not done: one clear error, and nothing has changed. */
import test from 'ava';
import { WebRtcError, type WebRtcErrorCode } from '../../infra/webrtc/errors.ts';
import { Negotiation } from '../../infra/webrtc/negotiation.ts';
import { readOffer } from '../../infra/webrtc/offer.ts';
import { CODECS, callLines, callOffer, offerOf, sequentialSsrcs } from './offers.ts';

const GOOD = callOffer();
const VP9 = callLines(1).map((line) => (line.mid === '0' ? { ...line, formats: ['a=rtpmap:98 VP9/90000'] } : line));

const REFUSED: readonly (readonly [what: string, code: WebRtcErrorCode, offer: string])[] = [
  ['nothing', 'offer.invalid', ''],
  ['no SDP', 'offer.invalid', '{"sdp":""}'],
  ['a line of another form', 'offer.invalid', GOOD.replace('t=0 0', 'hello')],
  ['a control character', 'offer.invalid', GOOD.replace('s=-', 's=\u0000')],
  [
    'a lone carriage return, which would be a line of its own in the answer',
    'offer.invalid',
    GOOD.replace('minptime=10', 'minptime=10\ra=x'),
  ],
  ['too large', 'offer.invalid', `${GOOD}${'a=x\r\n'.repeat(60_000)}`],
  ['too many m-lines', 'offer.invalid', callOffer(70)],
  ['no port', 'offer.invalid', GOOD.replace('m=video 9', 'm=video')],
  ['a payload type that is none', 'offer.invalid', GOOD.replace('SAVPF 96', 'SAVPF 300')],
  ['a payload type twice', 'offer.invalid', GOOD.replace('SAVPF 96', 'SAVPF 96 96')],
  ['no mid', 'offer.invalid', GOOD.replace('a=mid:2\r\n', '')],
  ['a mid twice', 'offer.invalid', GOOD.replace('a=mid:2\r\n', 'a=mid:1\r\n')],
  ['a mid that no packet could tell', 'offer.invalid', GOOD.replaceAll('a=mid:2', `a=mid:${'2'.repeat(17)}`)],
  ['a bundle of m-lines that are not there', 'offer.invalid', GOOD.replace('BUNDLE 0', 'BUNDLE 9')],
  ['no password', 'offer.invalid', GOOD.replaceAll(/a=ice-pwd.*\r\n/g, '')],
  ['a password that is too short', 'offer.invalid', callOffer(1, { password: 'short' })],
  ['no fingerprint', 'offer.invalid', GOOD.replaceAll(/a=fingerprint.*\r\n/g, '')],
  [
    'a fingerprint by SHA-1 only',
    'offer.invalid',
    callOffer(1, { fingerprint: `sha-1 ${Array(20).fill('AB').join(':')}` }),
  ],
  [
    'a fingerprint of another length',
    'offer.invalid',
    callOffer(1, { fingerprint: `sha-512 ${Array(32).fill('AB').join(':')}` }),
  ],
  ['layers that are not described', 'offer.invalid', GOOD.replace('a=rid:l send', 'a=rid:x send')],
  [
    'a hundred layers',
    'offer.invalid',
    offerOf([{ kind: 'video', mid: '0', rids: Array.from({ length: 100 }, (_, at) => `r${at}`) }]),
  ],
  ['no bundle', 'offer.unsupported', GOOD.replace(/a=group.*\r\n/, '')],
  [
    'two bundles',
    'offer.unsupported',
    GOOD.replace('a=group:BUNDLE 0 1 2 3', 'a=group:BUNDLE 0 1\r\na=group:BUNDLE 2 3'),
  ],
  ['no rtcp-mux', 'offer.unsupported', GOOD.replace('a=rtcp-mux\r\n', '')],
  ['a page that waits for our handshake', 'offer.unsupported', callOffer(1, { setup: 'passive' })],
  ['no codec on the first m-line', 'offer.unsupported', offerOf(VP9)],
];

/** How an offer is taken: the error's code, or undefined. */
function outcome(state: Negotiation, offer: string): WebRtcErrorCode | undefined {
  try {
    state.take(readOffer(offer));
    return undefined;
  } catch (error) {
    if (error instanceof WebRtcError) return error.code;
    throw error;
  }
}

const negotiation = () => new Negotiation({ codecs: CODECS, randomSsrc: sequentialSsrcs() });

for (const [what, code, offer] of REFUSED) {
  test(`refused, at first and later: ${what}`, (t) => {
    t.is(outcome(negotiation(), offer), code);
    const state = negotiation();
    t.is(outcome(state, GOOD), undefined);
    const { lines } = state;
    t.is(outcome(state, offer), code);
    t.is(state.lines, lines);
  });
}

test('what contradicts the offers before it is refused', (t) => {
  const lines = callLines(1);
  const moved = lines.map((line) => (line.mid === '1' ? { ...line, mid: '9' } : line));
  const fingerprint = `sha-256 ${Array(32).fill('CD').join(':')}`;
  const later: readonly (readonly [WebRtcErrorCode, string])[] = [
    ['offer.invalid', offerOf(lines.slice(0, 3))],
    ['offer.invalid', offerOf(moved)],
    ['offer.unsupported', callOffer(1, { fingerprint })],
    // Chromium would begin another transport.
    ['offer.unsupported', offerOf(lines.map((line) => (line.mid === '0' ? { ...line, stopped: true } : line)))],
  ];
  const state = negotiation();
  t.is(outcome(state, GOOD), undefined);
  for (const [code, offer] of later) t.is(outcome(state, offer), code);
  t.is(outcome(state, GOOD), undefined);
});
