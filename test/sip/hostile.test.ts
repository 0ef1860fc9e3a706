/** Callers that mean harm, or whose programs are broken: what they cost is bounded, and calls of others go on. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import { Connections } from '../../infra/sip/connections.ts';
import { DigestGuard } from '../../infra/sip/digest.ts';
import { StreamFraming } from '../../infra/sip/framing.ts';
import { headerOf } from '../../infra/sip/message.ts';
import { TimerQueue } from '../../infra/sip/timers.ts';
import { answerDigest, methods, PHONE, Rehearsal, requestText, SDP_OFFER, statuses } from './rehearsal.ts';

const HOST = '127.0.0.1';
const MBYTE = 2 ** 20;

test('INVITEs within a call that nobody acknowledges are refused but for a few, and the call ends', (t) => {
  const it = new Rehearsal();
  const to = it.connect();
  const answers = Array.from({ length: 200 }, (_, at) =>
    statuses(it.receive(requestText('INVITE', { cseq: 2 + at, branch: `z9hG4bKstorm${at}`, to, body: SDP_OFFER }))),
  ).flat();
  t.is(answers.filter((status) => status === 200).length, 4);
  t.is(answers.filter((status) => status === 500).length, 196);
  it.pass(32_000);
  t.true(it.events.includes('ended no ACK'));
  it.pass(200_000);
  t.deepEqual(it.agent.counts, { calls: 0, transactions: 0, noise: 0 });
});

test('a caller that changes its mind again and again is put off, for the whole room would hear of it', (t) => {
  const agent = new Rehearsal();
  const to = agent.connect();
  let cseq = 1;
  const update = (body: string) => {
    cseq++;
    return statuses(agent.receive(requestText('UPDATE', { cseq, branch: `z9hG4bKu${cseq}`, to, body })));
  };
  const answers = Array.from({ length: 100 }, () => update(SDP_OFFER)).flat();
  t.is(answers.filter((status) => status === 200).length, 8);
  t.is(answers.filter((status) => status === 500).length, 92);
  t.deepEqual(update(''), [200], 'a refresh changes nothing');
  agent.pass(1000);
  t.deepEqual([update(SDP_OFFER), update(SDP_OFFER)], [[200], [500]]);
});

test('a call is not sent elsewhere by REFER, and what it does not know it is told', (t) => {
  const it = new Rehearsal();
  const to = it.connect();
  const refer = { cseq: 2, branch: 'z9hG4bKrefer', to, headers: ['Refer-To: <sip:expensive@192.0.2.66>'] };
  const sent = it.receive(requestText('REFER', refer));
  t.deepEqual(statuses(sent), [405]);
  t.deepEqual(methods(it.pass(60_000)), []);
  t.is(it.agent.counts.calls, 1);
});

test('an answer to the digest that was heard on its way opens no second call', (t) => {
  const guard = new DigestGuard('rpr', 'secret', new Uint8Array(32));
  const asked = { method: 'INVITE', uri: 'sip:room@192.0.2.1' };
  const credentials = { user: 'anna', password: 'secret' };
  const proof = answerDigest(guard.challenges(0, false), credentials, asked, 'fresh') ?? '';
  t.is(guard.check([proof], 'INVITE', 10), 'right');
  t.is(guard.check([proof], 'INVITE', 20), 'stale', 'whoever has the password is asked again');
  const again = answerDigest(guard.challenges(30, true), credentials, asked, 'fresher') ?? '';
  t.is(guard.check([again], 'INVITE', 30), 'right');
  t.is(guard.check([proof], 'INVITE', 400_000), 'stale');
});

test('what is remembered of large requests is bounded in bytes, and what is small is still answered', (t) => {
  const it = new Rehearsal();
  const headers = ['Subject: '.padEnd(15_000, 'x'), 'Organization: '.padEnd(15_000, 'y')];
  let refused = 0;
  for (let at = 0; at < 4000; at++) {
    const text = requestText('OPTIONS', { branch: `z9hG4bKlarge${at}`, headers });
    if (statuses(it.receive(text))[0] === 503) refused++;
    it.sent.length = 0;
  }
  t.true(it.agent.counts.transactions * 60_000 <= 65 * MBYTE, `${it.agent.counts.transactions} are remembered`);
  t.true(refused > 2000);
  it.pass(32_000);
  t.deepEqual(statuses(it.receive(requestText('OPTIONS', { branch: 'z9hG4bKsmall' }))), [200]);
});

test('timers that are called off are let go long before their time', (t) => {
  const timers = new TimerQueue();
  timers.at(50, () => undefined);
  for (let at = 0; at < 100_000; at++) timers.callOff(timers.at(32_000 + at, () => t.fail()));
  t.true(timers.size < 1000, `${timers.size} are left`);
  t.is(timers.nextMs, 50);
  const order: number[] = [];
  for (const at of [5, 3, 9, 1, 7]) timers.at(at, () => order.push(at));
  timers.wake(60);
  t.deepEqual(order, [1, 3, 5, 7, 9]);
});

test('a message that drips in byte by byte is looked at once, not once for each byte', (t) => {
  const text = requestText('INVITE', { headers: ['Subject: '.padEnd(60_000, 'x')], body: SDP_OFFER });
  const framing = new StreamFraming();
  const bytes = Buffer.from(text);
  const startMs = process.cpuUsage().user;
  const messages = [...bytes].flatMap((byte) => framing.take(Uint8Array.of(byte)) ?? []);
  t.is(Buffer.from(messages[0] ?? []).toString(), text);
  // Sixty thousand bytes looked at anew for each of them would be two thousand million: seconds.
  t.true(process.cpuUsage().user - startMs < 1_500_000);
});

/** A server, and who comes to it. */
async function listen(messageMs: number) {
  const failed: number[] = [];
  let messages = 0;
  const server = await Connections.listen(HOST, 0, {
    onMessage: (_, flow) => {
      messages++;
      server.send(flow, Buffer.alloc(16_384, 'x'));
    },
    onFailed: ({ port }) => failed.push(port),
    messageMs,
  });
  return { server, failed, heard: () => messages };
}

/** A connection to it, of which only the end is of interest, however that comes. */
function dial(port: number): { readonly socket: Socket; readonly closed: Promise<void> } {
  const socket = connect({ host: HOST, port });
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.on('close', () => resolve())) };
}

test('who asks on and on and never reads an answer is let go', async (t) => {
  const { server, heard } = await listen(60_000);
  const { socket, closed } = dial(server.port);
  socket.pause();
  // What nobody reads fills the system's buffers, and then ours: from there on more is said and less is kept.
  const ask = setInterval(() => {
    for (let at = 0; at < 200; at++) socket.write(requestText('OPTIONS'));
  }, 5);
  await closed;
  clearInterval(ask);
  t.true(heard() * 16_384 < 64 * MBYTE, `${heard()} answers`);
  await server.close();
});

test('who drips bytes of a message is let go in its time, however often one comes', async (t) => {
  const { server, heard } = await listen(300);
  const { socket, closed } = dial(server.port);
  socket.resume();
  const drip = setInterval(() => socket.write('I'), 20);
  await closed;
  clearInterval(drip);
  t.is(heard(), 0);
  await server.close();
});

test('one host has some connections and no more', async (t) => {
  const { server } = await listen(60_000);
  const dialled = Array.from({ length: 24 }, () => dial(server.port));
  for (const { socket } of dialled) socket.resume();
  await Promise.all(dialled.slice(16).map(({ closed }) => closed));
  const [first] = dialled;
  const answer = first && once(first.socket, 'data');
  first?.socket.write(requestText('OPTIONS'));
  t.truthy(await answer);
  t.is(dialled.filter(({ socket }) => socket.destroyed).length, 8);
  await server.close();
});

test('the source of a datagram is in the answer, and nothing that it claims of itself', (t) => {
  const it = new Rehearsal();
  const text = requestText('OPTIONS', { branch: 'z9hG4bKvia' }).replace('192.0.2.7:5060;', '203.0.113.5:9;');
  const [answer] = it.receive(text, PHONE);
  t.regex(answer === undefined ? '' : (headerOf(answer, 'via') ?? ''), /received=192\.0\.2\.7/);
});

for (const [what, change] of [
  ['its first line', (text: string) => text.replace(' SIP/2.0', `${' '.repeat(60_000)}x`)],
  [
    'a header',
    (text: string) =>
      text.replace('Max-Forwards:', `X: a${' \t'.repeat(8000)}b\r\nY: a${' '.repeat(16_000)}b\r\nMax-Forwards:`),
  ],
  ['its Via', (text: string) => text.replace(';rport', `;rport=${' '.repeat(16_000)}x`)],
] as const) {
  test(`thousands of blanks in ${what} cost no more than any other bytes`, (t) => {
    const agent = new Rehearsal();
    agent.receive(requestText('OPTIONS'));
    const before = process.cpuUsage();
    agent.receive(change(requestText('OPTIONS', { branch: 'z9hG4bKblank' })));
    const { user } = process.cpuUsage(before);
    t.true(user < 50_000, `${user} us`);
  });
}
