/** Requests within a call that a proxy or a server wants the password for, and who may want it. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { parametersIn, splitOutside } from '../../infra/sip/grammar.ts';
import { headerOf, type SipMessage, type SipRequest } from '../../infra/sip/message.ts';
import { answerText, methods, PHONE, Rehearsal, requestText, SDP_OFFER, sdp, statuses } from './rehearsal.ts';

const CREDENTIALS = { user: 'D', password: 'secret' };
const PROXY = { ...PHONE, host: '192.0.2.99' };
const ANSWER = sdp(['m=audio 4000 RTP/AVP 0', 'm=video 0 RTP/AVP 96']);

type Hash = 'md5' | 'sha256';

function asks(nonce: string, { qop = 'qop="auth"', algorithm = 'MD5', isStale = false, by = 'Proxy' } = {}): string {
  const name = by === 'Proxy' ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  const parts = [`realm="r"`, `nonce="${nonce}"`, `algorithm=${algorithm}`, qop, isStale ? 'stale=true' : ''];
  return `${name}: Digest ${parts.filter((part) => part !== '').join(', ')}`;
}

function toldIn(request: SipRequest, name = 'proxy-authorization'): ReadonlyMap<string, string> {
  const text = /^Digest (.*)$/.exec(headerOf(request, name) ?? '')?.[1] ?? '';
  return parametersIn(splitOutside(text, ',') ?? []) ?? new Map();
}

/** What RFC 7616 section 3.4.1 has for this request. */
function expected(request: SipRequest, hash: Hash, name?: string): string {
  const told = toldIn(request, name);
  const of = (text: string | Uint8Array) => createHash(hash).update(text).digest('hex');
  const quality = told.get('qop');
  const body = quality === 'auth-int' ? `:${of(request.body)}` : '';
  const middle = quality === undefined ? '' : `${told.get('nc')}:${told.get('cnonce')}:${quality}:`;
  return of(`${of('D:r:secret')}:${told.get('nonce')}:${middle}${of(`${request.method}:${request.uri}${body}`)}`);
}

function requestIn(messages: readonly SipMessage[], method: string): SipRequest {
  const found = messages.findLast((message) => message.kind === 'request' && message.method === method);
  if (found?.kind !== 'request') throw new Error(`no ${method}`);
  return found;
}

/** A call that we have dialled through a proxy, which has asked for nothing so far. @param allow what the other end takes */
function dialled(allow = 'INVITE, BYE, INFO') {
  const agent = new Rehearsal({ credentials: CREDENTIALS });
  const call = agent.agent.dial('sip:phone@192.0.2.7', PHONE, agent.listener(), 0);
  const headers = [`Allow: ${allow}`, 'Session-Expires: 90;refresher=uac'];
  agent.receive(answerText(requestIn(agent.sent, 'INVITE'), 200, { body: ANSWER, headers }));
  return { agent, call };
}

for (const [algorithm, hash] of [
  ['MD5', 'md5'],
  ['SHA-256', 'sha256'],
] as const) {
  for (const qop of ['qop="auth"', 'qop="auth-int"', 'qop="auth-int,auth"', '']) {
    test(`a re-INVITE is sent again with the password: ${algorithm}, ${qop === '' ? 'no qop' : qop}`, (t) => {
      const { agent } = dialled();
      const first = requestIn(agent.pass(45_000), 'INVITE');
      const sent = agent.receive(answerText(first, 407, { headers: [asks('n1', { qop, algorithm })] }));
      const second = requestIn(sent, 'INVITE');
      t.is(toldIn(second).get('response'), expected(second, hash));
      t.is(toldIn(second).get('qop'), qop === '' ? undefined : qop === 'qop="auth-int"' ? 'auth-int' : 'auth');
      t.deepEqual(second.body, first.body);
      t.true(Number(headerOf(second, 'cseq')?.split(' ')[0]) > Number(headerOf(first, 'cseq')?.split(' ')[0]));
      const ack = requestIn(agent.receive(answerText(second, 200, { body: ANSWER })), 'ACK');
      t.is(headerOf(ack, 'proxy-authorization'), headerOf(second, 'proxy-authorization'), 'RFC 3261 section 13.2.2.4');
      t.deepEqual(agent.events, ['connected ']);
    });
  }
}

test('INFO, UPDATE and BYE are, too; a nonce is used again and counted, and one that is too old is no wrong password', (t) => {
  const { agent, call } = dialled('INVITE, BYE, INFO, UPDATE');
  call.requestKeyFrame(0);
  const info = requestIn(
    agent.receive(answerText(requestIn(agent.sent, 'INFO'), 407, { headers: [asks('n1')] })),
    'INFO',
  );
  t.is(toldIn(info).get('nc'), '00000001');
  agent.receive(answerText(info, 200));
  const update = requestIn(agent.pass(45_000), 'UPDATE');
  t.is(toldIn(update).get('nc'), '00000002');
  t.is(toldIn(update).get('response'), expected(update, 'md5'));
  const stale = [asks('n2', { isStale: true })];
  const again = requestIn(agent.receive(answerText(update, 407, { headers: stale })), 'UPDATE');
  t.deepEqual([toldIn(again).get('nonce'), toldIn(again).get('nc')], ['n2', '00000001']);
  agent.receive(answerText(again, 200, { headers: ['Session-Expires: 90;refresher=uac'] }));
  t.deepEqual(agent.events, ['connected ']);
  call.hangUp('enough', agent.nowMs);
  const bye = requestIn(agent.sent, 'BYE');
  t.is(toldIn(bye).get('nc'), '00000002');
  const server = [asks('w1', { by: 'Server' })];
  const both = requestIn(agent.receive(answerText(bye, 401, { headers: server })), 'BYE');
  t.is(toldIn(both).get('response'), expected(both, 'md5'));
  t.is(toldIn(both, 'authorization').get('response'), expected(both, 'md5', 'authorization'));
});

test('two requests that are asked at once tell each count once', (t) => {
  const { agent, call } = dialled('INVITE, BYE, INFO, UPDATE');
  agent.pass(44_900);
  call.requestKeyFrame(agent.nowMs);
  const info = requestIn(agent.sent, 'INFO');
  const update = requestIn(agent.pass(100), 'UPDATE');
  const counts = [info, update].map((request) => {
    const again = requestIn(agent.receive(answerText(request, 407, { headers: [asks('n1')] })), request.method);
    return toldIn(again).get('nc');
  });
  t.deepEqual(counts, ['00000001', '00000002']);
});

test('whoever asks on and on is answered a few times; a wrong password once', (t) => {
  for (const [isStale, tries] of [
    [true, 5],
    [false, 2],
  ] as const) {
    const { agent, call } = dialled();
    call.requestKeyFrame(0);
    let nonce = 0;
    for (let newest = requestIn(agent.sent, 'INFO'); ; ) {
      const sent = agent.receive(answerText(newest, 407, { headers: [asks(`n${++nonce}`, { isStale })] }));
      if (!methods(sent).includes('INFO')) break;
      newest = requestIn(sent, 'INFO');
    }
    t.is(nonce, tries);
  }
});

test("who merely calls us is told no answer to another server's question, and our proxy is", (t) => {
  for (const [flow, isTold] of [
    [PHONE, false],
    [PROXY, true],
  ] as const) {
    const agent = new Rehearsal({ credentials: CREDENTIALS, trusts: ({ host }) => host === PROXY.host });
    agent.receive(requestText('INVITE', { body: SDP_OFFER }), flow);
    const [call] = agent.calls;
    call?.accept(ANSWER, 0);
    const to = headerOf(agent.sent.at(-1) ?? (t.fail() as never), 'to') ?? '';
    agent.receive(requestText('ACK', { to, branch: 'z9hG4bKack' }), flow);
    call?.hangUp('enough', 0);
    const sent = agent.receive(answerText(requestIn(agent.sent, 'BYE'), 407, { headers: [asks('n1')] }), flow);
    t.is(methods(sent).includes('BYE'), isTold);
    t.deepEqual(statuses(sent), []);
  }
});
