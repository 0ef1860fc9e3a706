import test from 'ava';
import { DigestGuard } from '../../infra/sip/digest.ts';
import { headerOf, headersOf } from '../../infra/sip/message.ts';
import {
  answerDigest,
  answerText,
  methods,
  PHONE,
  Rehearsal,
  requestText,
  SDP_OFFER,
  sdp,
  statuses,
} from './rehearsal.ts';

test('a request with an older number is refused, and a call that nobody knows is none', (t) => {
  const agent = new Rehearsal();
  const to = agent.connect();
  t.deepEqual(statuses(agent.receive(requestText('INFO', { to, cseq: 9, branch: 'z9hG4bKa' }))), [200]);
  t.deepEqual(statuses(agent.receive(requestText('INFO', { to, cseq: 8, branch: 'z9hG4bKb' }))), [500]);
  t.deepEqual(
    statuses(agent.receive(requestText('BYE', { to: '<sip:x@y>;tag=none', cseq: 9, branch: 'z9hG4bKc' }))),
    [481],
  );
  t.deepEqual(agent.receive(requestText('ACK', { to: '<sip:x@y>;tag=none', branch: 'z9hG4bKd' })), []);
});

test('a BYE ends the call', (t) => {
  const agent = new Rehearsal();
  const to = agent.connect();
  t.deepEqual(statuses(agent.receive(requestText('BYE', { to, cseq: 2, branch: 'z9hG4bKbye' }))), [200]);
  t.deepEqual(agent.events, ['connected baresip v1.0.0 (x86_64/linux)', 'ended hung up']);
});

test('an INFO may ask for a key frame', (t) => {
  const agent = new Rehearsal();
  const to = agent.connect();
  const body =
    '<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>';
  agent.receive(
    requestText('INFO', { to, cseq: 2, branch: 'z9hG4bKinfo', body }).replace(
      'application/sdp',
      'application/media_control+xml',
    ),
  );
  t.true(agent.events.includes('key frame'));
});

test('a phone is asked for a key frame by an INFO, and not again before it has answered', (t) => {
  const agent = new Rehearsal();
  agent.connect();
  agent.sent.length = 0;
  const ask = () => agent.calls[0]?.requestKeyFrame(agent.nowMs);
  ask();
  ask();
  const [info, ...more] = agent.sent;
  if (info?.kind !== 'request') return t.fail();
  t.is(more.length, 0);
  t.is(info.method, 'INFO');
  t.is(headerOf(info, 'content-type'), 'application/media_control+xml');
  t.regex(Buffer.from(info.body).toString(), /<picture_fast_update\/>/);
  agent.receive(answerText(info, 415));
  ask();
  t.deepEqual(methods(agent.sent), ['INFO', 'INFO']);
});

test('a call is held and taken up by offers within it, and one without a codec of ours changes nothing', (t) => {
  const agent = new Rehearsal();
  const to = agent.connect();
  const held = SDP_OFFER.replace('m=audio', 'a=sendonly\r\nm=audio');
  const [hold] = agent.receive(requestText('INVITE', { to, cseq: 2, branch: 'z9hG4bKhold', body: held }));
  t.regex(Buffer.from(hold?.body ?? []).toString(), /a=recvonly/);
  const none = sdp(['m=audio 4000 RTP/AVP 18']);
  t.deepEqual(
    statuses(agent.receive(requestText('UPDATE', { to, cseq: 3, branch: 'z9hG4bKnone', body: none }))),
    [488],
  );
  t.deepEqual(
    statuses(agent.receive(requestText('UPDATE', { to, cseq: 4, branch: 'z9hG4bKagain', body: SDP_OFFER }))),
    [200],
  );
});

test('an INVITE without an offer gets ours, and its answer comes with the ACK', (t) => {
  const agent = new Rehearsal();
  agent.receive(requestText('INVITE'));
  agent.calls[0]?.accept(agent.calls[0].listener.makeOffer(), 0);
  const ok = agent.sent.at(-1);
  t.regex(Buffer.from(ok?.body ?? []).toString(), /m=video 6002 RTP\/AVP 96 97/);
  agent.receive(
    requestText('ACK', { to: headerOf(ok ?? (t.fail() as never), 'to') ?? '', branch: 'z9hG4bKack', body: SDP_OFFER }),
  );
  t.is(agent.agent.counts.calls, 1);
});

test('both offer at once: the other one waits, and so do we', (t) => {
  const agent = new Rehearsal();
  agent.receive(requestText('INVITE', { body: SDP_OFFER, headers: ['Session-Expires: 90;refresher=uas'] }));
  agent.calls[0]?.accept(SDP_OFFER, 0);
  const to = headerOf(agent.sent.at(-1) ?? (t.fail() as never), 'to') ?? '';
  agent.receive(requestText('ACK', { to, branch: 'z9hG4bKack' }));
  const ours = agent.pass(45_000).find((message) => message.kind === 'request');
  t.is(ours?.kind === 'request' ? ours.method : '', 'INVITE');
  if (ours?.kind !== 'request') return;
  t.deepEqual(
    statuses(agent.receive(requestText('INVITE', { to, cseq: 2, branch: 'z9hG4bKglare', body: SDP_OFFER }))),
    [491],
  );
  t.deepEqual(methods(agent.receive(answerText(ours, 491))), ['ACK']);
  t.deepEqual(methods(agent.pass(400)), ['INVITE']);
});

test('a call that is not refreshed in time is over, and too short an interval is refused', (t) => {
  const agent = new Rehearsal();
  const short = ['Supported: timer', 'Session-Expires: 60'];
  t.deepEqual(
    statuses(agent.receive(requestText('INVITE', { body: SDP_OFFER, headers: short, branch: 'z9hG4bKs' }))),
    [422],
  );
  agent.receive(
    requestText('INVITE', { cseq: 2, body: SDP_OFFER, headers: ['Supported: timer', 'Session-Expires: 90'] }),
  );
  agent.calls[0]?.accept(SDP_OFFER, 0);
  const ok = agent.sent.at(-1) ?? (t.fail() as never);
  t.is(headerOf(ok, 'session-expires'), '90;refresher=uac');
  agent.receive(requestText('ACK', { to: headerOf(ok, 'to') ?? '', cseq: 2, branch: 'z9hG4bKack' }));
  t.true(methods(agent.pass(61_000)).includes('BYE'));
});

test('callers are asked for the password, and strangers are not let in', (t) => {
  const guard = new DigestGuard('rpr', 'secret', Buffer.from('key'));
  const agent = new Rehearsal({ guard });
  const [refused] = agent.receive(requestText('INVITE', { body: SDP_OFFER }));
  const challenges = headersOf(refused ?? (t.fail() as never), 'www-authenticate');
  t.is(challenges.length, 2);
  const proof = (password: string) =>
    `Authorization: ${answerDigest(challenges, { user: 'phone', password }, { method: 'INVITE', uri: 'sip:room@192.0.2.1' }, 'client')}`;
  t.deepEqual(
    statuses(
      agent.receive(requestText('INVITE', { cseq: 2, branch: 'z9hG4bKw', body: SDP_OFFER, headers: [proof('guess')] })),
    ),
    [401],
  );
  agent.receive(requestText('INVITE', { cseq: 3, branch: 'z9hG4bKr', body: SDP_OFFER, headers: [proof('secret')] }));
  t.is(agent.calls.length, 1);
  agent.nowMs = 400_000;
  const [stale] = agent.receive(
    requestText('INVITE', { cseq: 4, branch: 'z9hG4bKo', body: SDP_OFFER, headers: [proof('secret')] }),
  );
  t.regex(headerOf(stale ?? (t.fail() as never), 'www-authenticate') ?? '', /stale=true/);
});

test('a caller who comes over our registrar has proved to it who they are', (t) => {
  const guard = new DigestGuard('rpr', 'secret', Buffer.from('key'));
  const agent = new Rehearsal({ guard, trusts: ({ host }) => host === '192.0.2.99' });
  const call = (branch: string, host: string) =>
    statuses(agent.receive(requestText('INVITE', { branch, body: SDP_OFFER }), { ...PHONE, host }));
  t.deepEqual(call('z9hG4bKone', '192.0.2.7'), [401]);
  t.deepEqual(call('z9hG4bKtwo', '192.0.2.99'), [100]);
});

test('we prove who we are where we are asked to, once', (t) => {
  const agent = new Rehearsal({ credentials: { user: 'D', password: 'secret' } });
  agent.agent.dial('sip:phone@192.0.2.7', PHONE, agent.listener(), 0);
  const [invite] = agent.sent;
  if (invite?.kind !== 'request') return t.fail();
  const asks = ['Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=MD5'];
  const [, again] = agent.receive(answerText(invite, 407, { headers: asks }));
  if (again?.kind !== 'request') return t.fail();
  t.regex(headerOf(again, 'proxy-authorization') ?? '', /^Digest username="D", realm="r", nonce="n"/);
  t.is(headerOf(again, 'cseq'), '2 INVITE');
  agent.receive(answerText(again, 407, { headers: asks }));
  t.deepEqual(agent.events, ['ended 407 Some Reason']);
});

test('the digest is that of RFC 2617 section 3.5', (t) => {
  const challenge =
    'Digest realm="testrealm@host.com", qop="auth", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const answer = answerDigest(
    [challenge],
    { user: 'Mufasa', password: 'Circle Of Life' },
    { method: 'GET', uri: '/dir/index.html' },
    '0a4f113b',
  );
  t.regex(answer ?? '', /response="6629fae49393a05397450978507c4ef1"/);
});
