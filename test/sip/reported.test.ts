/** What other gateways were reported to do wrong, played to ours. */
import test from 'ava';
import { headerOf, type SipMessage } from '../../infra/sip/message.ts';
import { readDescription } from '../../infra/sip/sdp/read.ts';
import { PHONE, Rehearsal, requestText, SDP_OFFER, sdp, statuses } from './rehearsal.ts';

function bodyOf(messages: readonly SipMessage[]): string {
  return Buffer.from(messages.at(-1)?.body ?? []).toString('latin1');
}

const directionsIn = (text: string) => readDescription(text)?.sections.map(({ direction }) => direction);

// drachtio/drachtio-server#480
test('a caller may call off under the address that it has learned meanwhile, and nobody else may', (t) => {
  const cancel = requestText('CANCEL').replace('192.0.2.7:5060;branch', '198.51.100.9:40000;branch');
  const ringing = () => {
    const agent = new Rehearsal();
    agent.receive(requestText('INVITE', { body: SDP_OFFER }));
    return agent;
  };
  t.deepEqual(statuses(ringing().receive(cancel, { ...PHONE, host: '192.0.2.66' })), [481]);
  t.deepEqual(statuses(ringing().receive(cancel.replace('Call-ID: one', 'Call-ID: two'))), [481]);
  const agent = ringing();
  t.deepEqual(statuses(agent.receive(cancel)), [200, 487]);
  const ack = requestText('ACK').replace('192.0.2.7:5060;branch', '198.51.100.9:40000;branch');
  agent.receive(ack);
  t.deepEqual(agent.pass(60_000), [], 'the refusal is acknowledged');
  t.deepEqual(agent.agent.counts, { calls: 0, transactions: 0, noise: 0 });
});

// livekit/sip#779, emiago/diago#125
test('a phone that holds is answered that we receive, also where its last line has no end', (t) => {
  for (const [theirs, ours] of [
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
  ] as const) {
    const agent = new Rehearsal();
    const to = agent.connect();
    const body = sdp(['m=audio 4000 RTP/AVP 0', `a=${theirs}`]).trimEnd();
    const answer = agent.receive(requestText('INVITE', { cseq: 2, branch: 'z9hG4bKhold', to, body }));
    t.deepEqual(directionsIn(bodyOf(answer)), [ours]);
    t.regex(bodyOf(answer), /c=IN IP4 192\.0\.2\.1\r\n/);
  }
});

// signalwire/freeswitch#846
test('a phone that holds goes on by an INVITE without an offer, whose answer comes with the ACK', (t) => {
  const agent = new Rehearsal();
  const to = agent.connect();
  const held = sdp(['m=audio 4000 RTP/AVP 0', 'a=sendonly']);
  agent.receive(requestText('INVITE', { cseq: 2, branch: 'z9hG4bKhold', to, body: held }));
  agent.receive(requestText('ACK', { cseq: 2, branch: 'z9hG4bKheld', to }));
  const offer = agent.receive(requestText('INVITE', { cseq: 3, branch: 'z9hG4bKon', to }));
  t.is(directionsIn(bodyOf(offer))?.[0], 'sendrecv');
  const on = sdp(['m=audio 4000 RTP/AVP 0', 'm=video 0 RTP/AVP 96']);
  agent.receive(requestText('ACK', { cseq: 3, branch: 'z9hG4bKonack', to, body: on }));
  const again = agent.receive(requestText('INVITE', { cseq: 4, branch: 'z9hG4bKlook', to }));
  t.is(directionsIn(bodyOf(again))?.[0], 'sendrecv');
  t.deepEqual(agent.pass(0), []);
  t.false(agent.events.some((event) => event.startsWith('ended')));
});

// baresip/baresip#2073
test('a call of sound alone may be given a picture', (t) => {
  const agent = new Rehearsal();
  const [sound, picture] = ['m=audio 4000 RTP/AVP 0', 'm=video 4002 RTP/AVP 96'];
  agent.receive(requestText('INVITE', { body: sdp([sound]) }));
  const [call] = agent.calls;
  const listener = call?.listener;
  call?.accept(listener?.onOffer(sdp([sound]), 0) ?? '', 0);
  const to = headerOf(agent.sent.at(-1) ?? (t.fail() as never), 'to') ?? '';
  agent.receive(requestText('ACK', { to, branch: 'z9hG4bKack' }));
  const body = sdp([sound, picture, 'a=rtpmap:96 VP8/90000']);
  const answer = agent.receive(requestText('INVITE', { cseq: 2, branch: 'z9hG4bKvideo', to, body }));
  t.deepEqual(
    readDescription(bodyOf(answer))?.sections.map(({ kind, port }) => [kind, port]),
    [
      ['audio', 6000],
      ['video', 6002],
    ],
  );
});
