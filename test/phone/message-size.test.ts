/** What is longer than a datagram should be goes over a connection (RFC 3261 section 18.1.1). */
import test from 'ava';
import type { Flow } from '../../infra/sip/flow.ts';
import { headerOf } from '../../infra/sip/message.ts';
import { readMessage } from '../../infra/sip/read.ts';
import { answerText, PHONE, Rehearsal, SDP_OFFER, sdp } from '../sip/rehearsal.ts';
import { longestMessageBytes } from './longest-message.ts';

const LONG = sdp(
  Array.from({ length: 8 }, (_, at) =>
    `m=video ${4000 + at} RTP/AVP 96 97 98 99 100 101 102 103 104 105 106`.padEnd(200, ' '),
  ),
);

/** Dials with an offer that is too long for a datagram. */
function dial() {
  const flows: Flow[] = [];
  const vias: string[] = [];
  const it = new Rehearsal({
    send: (flow, bytes) => {
      flows.push(flow);
      const read = readMessage(bytes);
      if (read.kind !== 'message') throw new Error('no message');
      it.sent.push(read.message);
      vias.push(headerOf(read.message, 'via') ?? '');
    },
  });
  const call = it.agent.dial('sip:phone@192.0.2.7', PHONE, { ...it.listener(), makeOffer: () => LONG }, 0);
  return { it, call, flows, vias };
}

test('our longest datagram, with every format offered and names as long as they may be, is short enough', async (t) => {
  const bytes = await longestMessageBytes();
  t.true(bytes > 900 && bytes <= 1300, `${bytes} bytes`);
});

test('an INVITE that is too long is sent over a connection, and the call stays on it', (t) => {
  const { it, call, flows, vias } = dial();
  t.deepEqual(flows, [{ ...PHONE, transport: 'tcp' }]);
  t.regex(vias[0] ?? '', /^SIP\/2\.0\/TCP /);
  const [invite] = it.sent;
  if (invite?.kind !== 'request') return t.fail();
  t.regex(headerOf(invite, 'contact') ?? '', /transport=tcp/);
  it.receive(answerText(invite, 200, { body: SDP_OFFER }), { ...PHONE, transport: 'tcp' });
  call.hangUp('done', 0);
  t.deepEqual(new Set(flows.map(({ transport }) => transport)), new Set(['tcp']));
});

test('whoever takes no connection gets it as a datagram after all', (t) => {
  const { it, flows, vias } = dial();
  it.agent.flowFailed({ ...PHONE, transport: 'tcp' }, 10);
  t.deepEqual(flows.at(-1), PHONE);
  t.regex(vias.at(-1) ?? '', /^SIP\/2\.0\/UDP /);
  t.deepEqual(it.events, []);
  it.pass(40_000);
  t.deepEqual(it.events, ['ended no answer'], 'and nobody is called for ever');
  t.is(it.agent.counts.transactions, 0);
});
