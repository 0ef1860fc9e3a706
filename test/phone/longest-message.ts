/** How long our messages get, with all that a gateway offers, names as long as they may be, and a registrar that asks for much. */
import { PhoneMedia } from '../../actors/phone/phone-media.ts';
import type { CallListener } from '../../infra/sip/agent/contract.ts';
import { headerOf, type SipMessage } from '../../infra/sip/message.ts';
import { MediaSession } from '../../infra/sip/sdp/session.ts';
import { writeMessage } from '../../infra/sip/write.ts';
import { answerText, PHONE, Rehearsal, requestText, SDP_OFFER } from '../sip/rehearsal.ts';

const NAME = 'D'.repeat(32);
const HOST = '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff';
const ASKS = `Proxy-Authenticate: Digest realm="registrar.example.org", nonce="${'n'.repeat(64)}", qop="auth", algorithm=SHA-256, opaque="${'o'.repeat(32)}"`;

const viaOf = (message: SipMessage): string => headerOf(message, 'via') ?? '';

/** Of those that go as datagrams, in bytes. In calls of either way: an INVITE, that with a password, an answer, and an offer where the caller made none. */
export async function longestMessageBytes(): Promise<number> {
  const now = () => performance.now();
  const media = await PhoneMedia.open('127.0.0.1', {
    ...{ pinned: null, note: () => undefined, askByCall: () => undefined, now },
  });
  const listener = (of: Rehearsal): CallListener => {
    const session = new MediaSession(Date.now(), HOST, media.own);
    return { ...of.listener(), onOffer: (offer) => session.answer(offer), makeOffer: () => session.offer() };
  };
  // Random parts are as long as real ones.
  let count = 0;
  const fresh = () => String(++count).padStart(24, '0');
  const options = { user: NAME, address: { host: HOST, port: 65_535 }, fresh };
  const outgoing = new Rehearsal({ ...options, credentials: { user: NAME, password: 'secret' } });
  outgoing.agent.dial('sip:phone@192.0.2.7', PHONE, listener(outgoing), 0);
  const [invite] = outgoing.sent;
  if (invite?.kind !== 'request') throw new Error('nothing was dialled');
  outgoing.receive(answerText(invite, 407, { headers: [ASKS] }));
  const calls = ['', SDP_OFFER].map((body) => {
    const incoming = new Rehearsal(options);
    incoming.receive(requestText('INVITE', { body }));
    const told = listener(incoming);
    incoming.calls[0]?.accept(body === '' ? told.makeOffer() : (told.onOffer(body, 0) ?? ''), 0);
    incoming.calls[0]?.requestKeyFrame(0);
    return incoming;
  });
  media.close();
  const datagrams = [outgoing, ...calls]
    .flatMap(({ sent }) => sent)
    .filter((message) => /^SIP\/2.0\/UDP /.test(viaOf(message)));
  return Math.max(...datagrams.map((message) => writeMessage(message).length));
}
