import test from 'ava';
import { headerOf } from '../../infra/sip/message.ts';
import { answerText, methods, PHONE, Rehearsal, requestText, SDP_OFFER, statuses } from './rehearsal.ts';

const OPTIONS = requestText('OPTIONS', { uri: 'sip:D@192.0.2.1' });

test('a request that comes again is answered again, as before', (t) => {
  const agent = new Rehearsal();
  const [first] = agent.receive(OPTIONS);
  const [again] = agent.receive(OPTIONS);
  t.deepEqual(again, first);
  t.is(agent.agent.counts.transactions, 1);
  agent.pass(33_000);
  t.is(agent.agent.counts.transactions, 0);
});

test('a 2xx is sent until it is acknowledged, and no longer', (t) => {
  const agent = new Rehearsal();
  agent.receive(requestText('INVITE', { body: SDP_OFFER }));
  agent.calls[0]?.accept(SDP_OFFER, 0);
  t.deepEqual(statuses(agent.pass(3600)), [200, 200, 200]);
  const to = headerOf(agent.sent.at(-1) ?? (t.fail() as never), 'to') ?? '';
  agent.receive(requestText('ACK', { to, branch: 'z9hG4bKother' }));
  t.deepEqual(statuses(agent.pass(40_000)), []);
  t.is(agent.agent.counts.calls, 1);
});

test('a caller that never acknowledges is hung up on', (t) => {
  const agent = new Rehearsal();
  agent.receive(requestText('INVITE', { body: SDP_OFFER }));
  agent.calls[0]?.accept(SDP_OFFER, 0);
  t.true(methods(agent.pass(33_000)).includes('BYE'));
  t.true(agent.events.includes('ended no ACK'));
  agent.pass(40_000);
  t.deepEqual(agent.agent.counts, { calls: 0, transactions: 0, noise: 0 });
});

test('an ACK under the branch of its INVITE counts', (t) => {
  const agent = new Rehearsal();
  agent.receive(requestText('INVITE', { body: SDP_OFFER }));
  agent.calls[0]?.accept(SDP_OFFER, 0);
  agent.receive(requestText('ACK', { to: headerOf(agent.sent.at(-1) ?? (t.fail() as never), 'to') ?? '' }));
  t.deepEqual(statuses(agent.pass(5000)), []);
});

test('a refusal is sent again until its ACK comes', (t) => {
  const agent = new Rehearsal();
  agent.receive(requestText('INVITE', { body: SDP_OFFER }));
  agent.calls[0]?.reject(486, 0);
  t.deepEqual(statuses(agent.pass(1600)), [486, 486]);
  agent.receive(requestText('ACK'));
  t.deepEqual(statuses(agent.pass(40_000)), []);
});

test('a CANCEL ends a call that is not answered, and only that', (t) => {
  const agent = new Rehearsal();
  t.deepEqual(statuses(agent.receive(requestText('CANCEL'))), [481]);
  agent.receive(requestText('INVITE', { body: SDP_OFFER, branch: 'z9hG4bKtwo' }));
  t.deepEqual(statuses(agent.receive(requestText('CANCEL', { branch: 'z9hG4bKtwo' }))), [200, 487]);
  t.deepEqual(agent.events, ['ended cancelled']);
});

test('INVITEs that nobody answers are bounded, and the table is empty afterwards', (t) => {
  const agent = new Rehearsal();
  const answers = Array.from({ length: 2000 }, (_, at) =>
    agent.receive(requestText('INVITE', { body: SDP_OFFER, branch: `z9hG4bKflood${at}` })),
  ).flat();
  t.is(agent.calls.length, 128);
  t.is(statuses(answers).filter((status) => status === 503).length, 2000 - 128);
  for (const call of agent.calls) call.reject(486, agent.nowMs);
  agent.pass(70_000);
  t.deepEqual(agent.agent.counts, { calls: 0, transactions: 0, noise: 0 });
});

test('our request is sent again over UDP until it is answered, over TCP once', (t) => {
  for (const [transport, times] of [
    ['udp', 3],
    ['tcp', 1],
  ] as const) {
    const agent = new Rehearsal();
    agent.agent.dial('sip:phone@192.0.2.7', { ...PHONE, transport }, agent.listener(), 0);
    agent.pass(1600);
    t.is(agent.sent.length, times);
    agent.pass(40_000);
    t.deepEqual(agent.events, ['ended no answer']);
  }
});

test('every 2xx to our INVITE is acknowledged, also one that comes again', (t) => {
  const agent = new Rehearsal();
  agent.agent.dial('sip:phone@192.0.2.7', PHONE, agent.listener(), 0);
  const [invite] = agent.sent;
  if (invite?.kind !== 'request') return t.fail();
  const answer = answerText(invite, 200, { body: SDP_OFFER });
  t.deepEqual(methods(agent.receive(answer)), ['ACK']);
  t.deepEqual(methods(agent.receive(answer)), ['ACK']);
  t.deepEqual(methods(agent.receive(answerText(invite, 200, { body: SDP_OFFER, tag: 'another' }))), ['ACK', 'BYE']);
});

test('a response that nobody waits for is left alone', (t) => {
  const agent = new Rehearsal();
  agent.agent.dial('sip:phone@192.0.2.7', PHONE, agent.listener(), 0);
  const [invite] = agent.sent;
  if (invite?.kind !== 'request') return t.fail();
  t.deepEqual(agent.receive(answerText(invite, 200).replace(/z9hG4bK\w+/, 'z9hG4bKguessed')), []);
});

test('a call that is given up before it rings is cancelled as soon as that is allowed', (t) => {
  const agent = new Rehearsal();
  const call = agent.agent.dial('sip:phone@192.0.2.7', PHONE, agent.listener(), 0);
  const [invite] = agent.sent;
  if (invite?.kind !== 'request') return t.fail();
  call.hangUp('changed our mind', 10);
  t.deepEqual(methods(agent.sent), ['INVITE']);
  t.deepEqual(methods(agent.receive(answerText(invite, 180))), ['CANCEL']);
});
