/** The command as its user meets it: what it says, and how it ends. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'ava';
import { Call } from '../../actors/call/call.ts';
import { Journal } from '../../actors/journal/journal.ts';
import { parsePeerOptions } from '../../actors/options/options.ts';
import { connectNats } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { PeerProcess } from './peer-process.ts';

const joined = (peer: string) => (event: { event: string; other?: unknown }) =>
  event.event === 'member.joined' && event.other === peer;

test('two peers meet; Ctrl-C lets one go in good order, within two seconds, and the other hears of it', async (t) => {
  await using server = await startNatsServer();
  await using a = PeerProcess.startSource('--id', 'A', '--nats', server.url);
  await using b = PeerProcess.start('--id', 'B', '--nats', server.url);
  await Promise.all([a.event(joined('B')), b.event(joined('A'))]);
  const before = performance.now();
  a.signal('SIGINT');
  const { code, stderr } = await a.ended;
  t.true(performance.now() - before < 2000);
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  t.like(await b.event(({ event }) => event === 'member.left'), { other: 'A', reason: 'bye' });
});

test('the second comer with an id is refused with a clear error, and the first goes on undisturbed', async (t) => {
  await using server = await startNatsServer();
  await using first = PeerProcess.start('--id', 'A', '--nats', server.url);
  await using other = PeerProcess.start('--id', 'B', '--nats', server.url);
  await Promise.all([first.event(joined('B')), other.event(joined('A'))]);
  await using second = PeerProcess.start('--id', 'A', '--nats', server.url);
  const { code, stderr } = await second.ended;
  t.is(code, 1);
  t.regex(stderr, /^id\.taken: .*A in room main already.*--id.*\n$/);
  t.false(other.events.some(({ event }) => event === 'member.left'));
  t.is(other.events.filter(joined('A')).length, 1);
});

test('of two processes with one id the older one leaves when the newer one was not refused, and says why', async (t) => {
  await using server = await startNatsServer();
  await using older = PeerProcess.start('--id', 'A', '--nats', server.url);
  await using other = PeerProcess.start('--id', 'B', '--nats', server.url);
  await Promise.all([older.event(joined('B')), other.event(joined('A'))]);
  // A laptop that sleeps does not defend its id.
  older.signal('SIGSTOP');
  await using newer = PeerProcess.start('--id', 'A', '--nats', server.url);
  await newer.event(joined('B'));
  older.signal('SIGCONT');
  const { code, stderr } = await older.ended;
  t.is(code, 0);
  t.regex(stderr, /^Another process has joined room main as A .*\n$/);
  t.like(older.events.at(-1), { event: 'peer.ended', how: 'replaced' });
  t.is(other.events.filter(joined('A')).length, 2);
  newer.signal('SIGINT');
  t.is((await newer.ended).code, 0);
});

test('each stream that programs feed has a port of its own, which is told with its name', async (t) => {
  await using server = await startNatsServer();
  await using a = PeerProcess.start(
    ...['--id', 'A', '--nats', server.url],
    ...['--source', 'rtp:0,name=slides', '--source', 'rtp:0,codec=opus/48000/2'],
  );
  const slides = await a.event(({ event, stream }) => event === 'source.listening' && stream === 'slides');
  const voice = await a.event(({ event, stream }) => event === 'source.listening' && stream === 'voice');
  t.not(slides.port, voice.port);
});

test('bad options are one clear error each, with exit code 2', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['--id', 'A', '--bandwith', '5mbit'], /--bandwith/],
    [['--id', 'A', '--upload', 'fast'], /--upload.*fast/s],
    [['--id', 'not an id'], /--id.*not an id/s],
    [[], /--id/],
    [['--id', 'A', '--source', 'test,colour=red'], /--source.*"colour".*payload-type/s],
    [['--id', 'A', '--source', 'test,name=x', '--source', 'test,name=x'], /two streams are called x/],
    [['--id', 'A', '--want', 'A/B/C'], /--want.*A\/B\/C/s],
  ];
  for (const [args, says] of wrong) {
    await using peer = PeerProcess.start(...args);
    const { code, stderr } = await peer.ended;
    t.is(code, 2, stderr);
    t.regex(stderr, says);
    t.notRegex(stderr, /\n\s+at /);
  }
});

test('a port in use is an error that says so', async (t) => {
  await using server = await startNatsServer();
  const taken = createSocket('udp4');
  taken.bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address();
  await using media = PeerProcess.start('--id', 'A', '--nats', server.url, '--listen', `127.0.0.1:${port}`);
  await using source = PeerProcess.start('--id', 'B', '--nats', server.url, '--source', `rtp:${port}`);
  for (const { code, stderr } of await Promise.all([media.ended, source.ended])) {
    t.is(code, 1);
    t.regex(stderr, new RegExp(`^port\\.in-use: .*${port}`));
  }
  taken.close();
});

test('a NATS server that was given and is not there is an error within five seconds that says what to start', async (t) => {
  await using server = await startNatsServer();
  await server.stop();
  await using peer = PeerProcess.start('--id', 'A', '--nats', server.url);
  const { code, stderr } = await peer.ended;
  t.is(code, 1);
  t.regex(stderr, /^nats\.unreachable: .*nats-server/);
});

test('credentials that are revoked in mid-call end it with one clear error', async (t) => {
  const config = (password: string) => `authorization { user: "anna", password: "${password}" }`;
  await using server = await startNatsServer({ config: config('100%') });
  await using peer = PeerProcess.start('--id', 'A', '--nats', server.url.replace('//', '//anna:100%@'));
  await peer.event(({ event }) => event === 'peer.started');
  await server.stop();
  await using changed = await startNatsServer({ config: config('other'), port: server.port });
  const { code, stderr } = await peer.ended;
  t.is(code, 1);
  t.regex(stderr, /^nats\.authorization: The NATS server at \S+ no longer takes our credentials.*\n$/);
  t.notRegex(stderr, /100%/);
  t.true(peer.events.some(({ event, server: url }) => event === 'bus.refused' && url === changed.url));
});

test('a second Ctrl-C ends at once a peer that is still handing over', async (t) => {
  await using server = await startNatsServer();
  await using a = PeerProcess.start('--id', 'A', '--nats', server.url, '--upload', '10mbit');
  await using b = PeerProcess.start('--id', 'B', '--nats', server.url, '--upload', '0.9mbit', '--source', 'none');
  await using c = PeerProcess.start('--id', 'C', '--nats', server.url, '--upload', '1.2mbit');
  await a.event(({ event, role, state }) => event === 'agreement.changed' && role === 'relay' && state === 'active');
  t.truthy(b);
  // A client that stands still lets go of nothing: its relay waits for it as long as it may.
  c.signal('SIGSTOP');
  a.signal('SIGINT');
  await a.event(({ event }) => event === 'peer.leaving');
  // Longer than what counts as one key press.
  await new Promise((resolve) => setTimeout(resolve, 250));
  a.signal('SIGINT');
  t.is((await a.ended).code, 130);
  c.signal('SIGCONT');
});

test('who is asked to leave before there is a call leaves it at once, in one line and with the exit code that shells expect', async (t) => {
  // It takes connections and never greets, so a peer waits for it.
  const mute = createServer().listen(0, '127.0.0.1');
  t.teardown(() => mute.close());
  await once(mute, 'listening');
  const address = mute.address();
  const url = `nats://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const met = once(mute, 'connection');
    await using peer = PeerProcess.start('--id', 'A', '--nats', url);
    const [socket] = await met;
    socket.on('error', () => undefined);
    peer.signal(signal);
    const { code, stderr } = await peer.ended;
    t.is(code, exit);
    t.is(stderr, 'A left before it had joined room main.\n');
    t.like(peer.events.at(-1), { event: 'peer.ended', how: 'left' });
  }
});

test('who is asked to leave while its ports are being bound never joins', async (t) => {
  await using server = await startNatsServer();
  await using nats = await connectNats({ url: server.url, id: 'listener' });
  const heard: string[] = [];
  nats.subscribe('rpr.>', (subject) => void heard.push(subject));
  await nats.flush();
  const parsed = parsePeerOptions(['--id', 'A', '--nats', server.url], process.env);
  if (!('options' in parsed)) throw new Error('these are options of a call');
  const journal = new Journal({ peer: 'A', lines: null, now: () => performance.now() });
  const call = await Call.open(parsed.options, journal, undefined, AbortSignal.abort());
  call.leave();
  t.is(await call.ended, 'left');
  await call.close();
  await nats.flush();
  t.deepEqual(heard, []);
});
