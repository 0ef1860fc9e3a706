import { createServer } from 'node:net';
import test from 'ava';
import { connectNats, type NatsBus } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

/** Resolves at the next status change to `state`. */
const status = (bus: NatsBus, state: string) =>
  new Promise<void>((resolve) => {
    bus.onStatus((now) => now.state === state && resolve());
  });

test('messages reach the others and not their sender', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const heardByA: string[] = [];
  a.subscribe('room.>', (_, data) => heardByA.push(text(data)));
  const atB = new Promise<string>((resolve) => b.subscribe('room.>', (subject, data) => resolve(subject + text(data))));
  await b.flush();
  t.true(a.publish('room.x', bytes('hello')));
  t.is(await atB, 'room.xhello');
  await a.flush();
  t.deepEqual(heardByA, []);
});

test('a request is answered, unheard, or times out', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  t.deepEqual(await a.request('claim', bytes('?'), 2_000), { outcome: 'noResponders' });
  b.subscribe('claim', (_, data, reply) => reply !== undefined && b.publish(reply, data));
  b.subscribe('silence', () => undefined);
  await b.flush();
  const answer = await a.request('claim', bytes('mine'), 2_000);
  t.is(answer.outcome === 'reply' ? text(answer.bytes) : answer.outcome, 'mine');
  t.deepEqual(await a.request('silence', bytes('?'), 20), { outcome: 'timeout' });
});

test('a reply subject outside the inboxes is not passed on', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  const { connect } = await import('nats');
  const raw = await connect({ servers: server.url });
  const heard = new Promise<string | undefined>((resolve) => a.subscribe('claim', (_, __, reply) => resolve(reply)));
  await a.flush();
  raw.publish('claim', 'x', { reply: 'room.A.bye' });
  t.is(await heard, undefined);
  await raw.close();
});

test('subscriptions survive a restart of the server, and messages sent while it is away are dropped', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  await using b = await connectNats({ url: server.url, id: 'B' });
  const heard: string[] = [];
  const first = new Promise<void>((resolve) =>
    b.subscribe('room', (_, data) => {
      heard.push(text(data));
      resolve();
    }),
  );
  const away = Promise.all([status(a, 'disconnected'), status(b, 'disconnected')]);
  await server.stop();
  await away;
  t.false(a.connected);
  t.false(a.publish('room', bytes('lost')));
  const back = Promise.all([status(a, 'connected'), status(b, 'connected')]);
  await server.start();
  await back;
  // B is connected, but its subscription may still be on its way: what the server handles before is not for B.
  await b.flush();
  t.true(a.publish('room', bytes('again')));
  await first;
  t.deepEqual(heard, ['again']);
});

test('a server that stops answering is noticed within four seconds', async (t) => {
  await using server = await startNatsServer();
  await using a = await connectNats({ url: server.url, id: 'A' });
  const { pid } = server;
  if (pid === undefined) return t.fail('the server has no process');
  const gone = status(a, 'disconnected');
  const since = performance.now();
  process.kill(pid, 'SIGSTOP');
  await gone;
  t.true(performance.now() - since < 4_000);
  process.kill(pid, 'SIGCONT');
});

test('a message larger than the server takes is refused before it is sent', async (t) => {
  await using server = await startNatsServer({ config: 'max_payload: 2000' });
  await using a = await connectNats({ url: server.url, id: 'A' });
  t.is(a.maxPayloadBytes, 2_000);
  t.throws(() => a.publish('room', new Uint8Array(2_001)), { code: 'nats.tooLarge' });
  await t.throwsAsync(a.request('room', new Uint8Array(2_001), 100), { code: 'nats.tooLarge' });
  t.true(a.publish('room', new Uint8Array(2_000)));
});

test('credentials in the URL are used, and wrong ones are told apart from no server', async (t) => {
  await using server = await startNatsServer({ config: 'authorization { user: "me", password: "s3cret/x" }' });
  const withUser = (user: string) => server.url.replace('//', `//${user}@`);
  await using a = await connectNats({ url: withUser('me:s3cret%2Fx'), id: 'A' });
  t.true(a.connected);
  t.is(a.url, server.url);
  await t.throwsAsync(connectNats({ url: withUser('me:wrong'), id: 'B' }), { code: 'nats.authorization' });
  await t.throwsAsync(connectNats({ url: server.url, id: 'B' }), { code: 'nats.authorization' });
});

test('no server, a stranger and a mute listener fail within five seconds and say what to start', async (t) => {
  const since = performance.now();
  const stranger = createServer((socket) => socket.end('SSH-2.0-x\r\n'));
  const mute = createServer();
  const gone = createServer();
  const ports: number[] = [];
  for (const listener of [stranger, mute, gone]) {
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    if (address !== null && typeof address === 'object') ports.push(address.port);
  }
  await new Promise((resolve) => gone.close(resolve));
  const [strangerPort, mutePort, gonePort] = ports;
  const to = (port: number | undefined) => connectNats({ url: `nats://127.0.0.1:${port}`, id: 'A' });
  const code = 'nats.unreachable';
  await t.throwsAsync(to(gonePort), { code, message: /nothing listens there.*nats-server -a 127.0.0.1/ });
  await t.throwsAsync(to(strangerPort), { code, message: /not a NATS server/ });
  await t.throwsAsync(to(mutePort), { code, message: /no answer/ });
  t.true(performance.now() - since < 5_000);
  stranger.close();
  mute.close();
});

test('closing takes less than half a second, also while the server is away', async (t) => {
  await using server = await startNatsServer();
  const a = await connectNats({ url: server.url, id: 'A' });
  const b = await connectNats({ url: server.url, id: 'B' });
  const away = status(b, 'disconnected');
  const sinceUp = performance.now();
  await a.close();
  t.true(performance.now() - sinceUp < 500);
  await server.stop();
  await away;
  const sinceAway = performance.now();
  await b.close();
  t.true(performance.now() - sinceAway < 500);
  await t.notThrowsAsync(b.close());
});

test('what is not a NATS address is refused without showing credentials', async (t) => {
  for (const url of ['http://x', 'nats://', 'nats://me:secret@', 'nats://h:99999']) {
    const error = await t.throwsAsync(connectNats({ url, id: 'A' }), { code: 'nats.badUrl' });
    t.notRegex(error?.message ?? '', /secret/);
  }
});
