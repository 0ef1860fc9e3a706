/** Who calls has to show where it is before it is sent more than messages: anybody can write the address of somebody else. */
import test from 'ava';
import type { Flow } from '../../infra/sip/flow.ts';
import { answerText, methods, PHONE, Rehearsal, requestText, SDP_OFFER } from './rehearsal.ts';

const VICTIM: Flow = { transport: 'udp', host: '198.51.100.9', port: 5060 };

test('an INVITE alone proves nothing, nor does an ACK that does not name the tag of the answer', (t) => {
  const it = new Rehearsal();
  it.receive(requestText('INVITE', { body: SDP_OFFER }));
  const [call] = it.calls;
  call?.accept(it.listener().onOffer(SDP_OFFER, 0) ?? '', 0);
  t.false(call?.isProved(PHONE.host));
  it.receive(requestText('ACK', { to: '<sip:room@192.0.2.1>;tag=guessed', branch: 'z9hG4bKack' }));
  it.receive(requestText('ACK'));
  t.false(call?.isProved(PHONE.host));
});

test('an ACK that names it does, and a connection is made by whoever is there', (t) => {
  const it = new Rehearsal();
  it.connect();
  t.true(it.calls[0]?.isProved(PHONE.host));
  const other = new Rehearsal();
  other.receive(requestText('INVITE', { body: SDP_OFFER }), { ...PHONE, transport: 'tcp' });
  other.calls[0]?.accept(other.listener().onOffer(SDP_OFFER, 0) ?? '', 0);
  t.true(other.calls[0]?.isProved(PHONE.host));
});

test('a caller that writes the address of somebody else later is asked there, once, and gets no media there for an ACK', (t) => {
  const it = new Rehearsal();
  const to = it.connect();
  const sent = it.receive(requestText('INVITE', { cseq: 2, branch: 'z9hG4bKtwo', to, body: SDP_OFFER }), VICTIM);
  t.deepEqual(methods(sent), ['OPTIONS']);
  it.receive(requestText('ACK', { cseq: 2, branch: 'z9hG4bKacks', to }), VICTIM);
  t.false(it.calls[0]?.isProved(VICTIM.host));
  t.deepEqual(methods(it.receive(requestText('INFO', { cseq: 3, branch: 'z9hG4bKthree', to }), VICTIM)), []);
  // A phone that has moved answers.
  const asked = sent.find((message) => message.kind === 'request');
  if (asked?.kind !== 'request') return t.fail();
  it.receive(answerText(asked, 200), VICTIM);
  t.true(it.calls[0]?.isProved(VICTIM.host));
});

test('whoever we have dialled proves by its answer where it is, and by no ACK of another call within', (t) => {
  const it = new Rehearsal();
  const call = it.agent.dial('sip:desk@192.0.2.7', PHONE, it.listener(), 0);
  const [invite] = it.sent;
  if (invite?.kind !== 'request') return t.fail();
  t.false(call.isProved(PHONE.host));
  it.receive(answerText(invite, 200, { body: SDP_OFFER }));
  t.true(call.isProved(PHONE.host));
});
