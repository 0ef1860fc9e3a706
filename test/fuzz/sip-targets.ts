/** What phones, and whoever else, say by SIP: messages through the whole user agent, and descriptions through a session. */
import { isIP } from 'node:net';
import { StreamFraming } from '../../infra/sip/framing.ts';
import { readMessage } from '../../infra/sip/read.ts';
import { readDescription } from '../../infra/sip/sdp/read.ts';
import { MediaSession } from '../../infra/sip/sdp/session.ts';
import { OWN_MEDIA, Rehearsal, requestText, SDP_OFFER, sdp } from '../sip/rehearsal.ts';
import { WELL_FORMED } from '../sip/torture/well-formed.ts';
import type { Target } from './play.ts';

/** Answers to one message and to its copies, until all that it has begun is over. */
const MOST_ANSWERS = 64;
/** Longer than anything lasts that nobody goes on with. */
const ALL_OVER_MS = 400_000;

/** A call stands, and then this comes, as a datagram and over a connection; whatever rings is answered, and everybody falls silent. */
function checkMessage(bytes: Uint8Array): void {
  const it = new Rehearsal();
  it.connect();
  const before = it.sent.length;
  it.receive(Buffer.from(bytes).toString('latin1'));
  for (const message of new StreamFraming().take(bytes) ?? []) it.receive(Buffer.from(message).toString('latin1'));
  for (const call of it.calls.slice(1)) {
    const answer = call.offer === null ? it.listener().makeOffer() : it.listener().onOffer(call.offer, 0);
    if (answer === null) call.reject(488, it.nowMs);
    else call.accept(answer, it.nowMs);
  }
  it.pass(ALL_OVER_MS);
  if (it.sent.length - before > MOST_ANSWERS) throw new Error(`${it.sent.length - before} messages for one`);
  for (const call of it.calls) call.hangUp('done', it.nowMs);
  it.pass(ALL_OVER_MS);
  const { calls, transactions } = it.agent.counts;
  if (calls + transactions > 0) throw new Error(`${calls} calls and ${transactions} transactions are left`);
}

/** What is taken of a description can be sent to, and our answer to it is one that others read. */
function checkDescription(bytes: Uint8Array): void {
  const text = Buffer.from(bytes).toString('latin1');
  const session = new MediaSession(1, '192.0.2.1', OWN_MEDIA);
  const answer = session.answer(text);
  for (const { to } of session.agreed) {
    if (to === null) continue;
    if (isIP(to.host) === 0) throw new Error(`${to.host} is no address`);
    for (const port of [to.port, to.rtcpPort])
      if (!(port >= 1 && port <= 65_535)) throw new Error(`${port} is no port`);
  }
  if (answer === null) return;
  if (answer.length > 2 * text.length + 2000) throw new Error(`${answer.length} bytes for ${text.length}`);
  if (/[^\r\n\x20-\x7e]/.test(answer)) throw new Error('an answer that is no text');
  const sections = readDescription(answer)?.sections.length;
  if (sections !== readDescription(text)?.sections.length) throw new Error(`${sections} sections in our answer`);
  new MediaSession(2, '192.0.2.1', OWN_MEDIA).take(text);
}

const H264 = [
  'm=video 4002 RTP/AVP 97',
  'a=rtpmap:97 H264/90000',
  'a=fmtp:97 profile-level-id=42e01f;packetization-mode=1',
];
const WITHIN = '<sip:room@192.0.2.1>;tag=fresh1';

export const SIP_TARGETS: readonly Target[] = [
  {
    name: 'sip message',
    corpus: [
      requestText('INVITE', { body: SDP_OFFER, branch: 'z9hG4bKother' }),
      ...['INVITE', 'UPDATE'].map((method) =>
        requestText(method, { cseq: 2, branch: 'z9hG4bKin', to: WITHIN, body: SDP_OFFER }),
      ),
      ...['BYE', 'INFO', 'REFER', 'OPTIONS', 'ACK', 'CANCEL'].map((method) =>
        requestText(method, { cseq: 2, branch: 'z9hG4bKwithin', to: WITHIN }),
      ),
      ...WELL_FORMED.map(({ text }) => text),
    ].map((text) => Buffer.from(text, 'latin1')),
    check: checkMessage,
  },
  {
    name: 'sip description',
    corpus: [
      SDP_OFFER,
      sdp(H264),
      sdp(['m=audio 4000 RTP/AVP 8 0', 'a=sendonly', 'a=rtcp:4009', ...H264], '2001:db8::7'),
    ].map((text) => Buffer.from(text)),
    check: checkDescription,
  },
  {
    name: 'sip stream',
    corpus: [Buffer.from(requestText('OPTIONS') + requestText('INVITE', { body: SDP_OFFER }))],
    check: (bytes) => {
      const [whole, dripped] = [new StreamFraming(), new StreamFraming()];
      const text = (messages: readonly Uint8Array[] | null) =>
        messages?.map((one) => Buffer.from(one).toString('latin1'));
      const expected = text(whole.take(bytes));
      const found: string[] = [];
      for (const byte of bytes) {
        const messages = text(dripped.take(Uint8Array.of(byte)));
        if (messages === undefined) break;
        found.push(...messages);
      }
      if (expected !== undefined && expected.join('|') !== found.join('|'))
        throw new Error('cut elsewhere byte by byte');
      for (const message of expected ?? []) readMessage(Buffer.from(message, 'latin1'));
    },
  },
];
