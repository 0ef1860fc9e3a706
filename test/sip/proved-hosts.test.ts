/** Who calls has to show where it is before it is sent more than messages: anybody can write the address of somebody else. */
import test from 'ava';
import type { Flow } from '../../infra/sip/flow.ts';
import { headerOf } from '../../infra/sip/message.ts';
import { answerText, methods, PHONE, Rehearsal, requestText, SDP_OFFER } from './rehearsal.ts';

const BEHIND: Flow = { transport: 'udp', host: '203.0.113.5', port: 5070 };
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
  t.deepEqual(methods(sent), ['INFO']);
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

/** A call over a proxy at {@link PHONE}, of a phone that says it is reached at {@link BEHIND}. */
function proxied(): Rehearsal {
  const it = new Rehearsal();
  const invite = requestText('INVITE', { body: SDP_OFFER, headers: ['Record-Route: <sip:192.0.2.7;lr>'] });
  it.receive(invite.replace('<sip:phone@192.0.2.7:5060>', `<sip:phone@${BEHIND.host}:${BEHIND.port}>`));
  it.calls[0]?.accept(it.listener().onOffer(SDP_OFFER, 0) ?? '', 0);
  const [answer] = it.sent.slice(-1);
  it.receive(requestText('ACK', { to: answer && headerOf(answer, 'to'), branch: 'z9hG4bKack' }));
  return it;
}

test('a phone behind a proxy is asked past it, where it says that it is reached, and nowhere else', (t) => {
  const it = proxied();
  const [call] = it.calls;
  it.sent.length = 0;
  t.false(call?.prove(VICTIM.host, it.nowMs), 'it has not said that it is there');
  t.true(call?.prove(BEHIND.host, it.nowMs));
  const [question] = it.sent;
  if (question?.kind !== 'request') return t.fail();
  t.is(question.method, 'INFO');
  t.is(question.body.length, 0);
  t.is(headerOf(question, 'route'), undefined);
  t.false(call?.prove(BEHIND.host, it.nowMs), 'one question at a time');
  it.receive(answerText(question, 200), BEHIND);
  t.true(call?.isProved(BEHIND.host));
});

for (const { status, says } of [
  { status: 200, says: true },
  { status: 488, says: true },
  { status: 481, says: false },
  { status: 405, says: false },
]) {
  test(`an INFO that is answered ${status} ${says ? 'proves' : 'does not prove'} that somebody is part of the call`, (t) => {
    const it = proxied();
    it.sent.length = 0;
    it.calls[0]?.prove(BEHIND.host, it.nowMs);
    const [question] = it.sent;
    if (question?.kind !== 'request') return t.fail();
    it.receive(answerText(question, status), BEHIND);
    t.is(it.calls[0]?.isProved(BEHIND.host), says);
  });
}

test('who answers a question of whether it is there, as any phone does, is not part of the call for that', (t) => {
  const it = new Rehearsal();
  const to = it.connect();
  it.receive(requestText('INFO', { cseq: 2, branch: 'z9hG4bKtwo', to }), VICTIM);
  it.sent.length = 0;
  it.calls[0]?.probe(it.nowMs, () => undefined);
  const [question] = it.sent;
  if (question?.kind !== 'request') return t.fail();
  it.receive(answerText(question, 200), VICTIM);
  t.false(it.calls[0]?.isProved(VICTIM.host));
});
