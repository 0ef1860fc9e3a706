import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { parseNatsAddress } from '../../infra/nats/address.ts';
import { probeNats } from '../../infra/nats/probe.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { connectOrStart } from '../../infra/nats/shared-server.ts';

/** Short, so that the tests end soon; longer than a guard takes to connect us. */
const IDLE_MS = 1_500;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Resolves when nothing listens at `port` any more; the test's own timeout is the limit. */
async function silence(port: number): Promise<void> {
  while ((await probeNats(parseNatsAddress(`127.0.0.1:${port}`), 1_000)).found !== 'nobody') {
    await delay(50);
  }
}

test('peers that start at once share one server, which outlives its starter and ends when it is idle', async (t) => {
  const port = await freePort();
  const said: string[] = [];
  const join = (id: string) => connectOrStart({ id, env: {}, port, idleMs: IDLE_MS, say: (line) => said.push(line) });
  const [a, b] = await Promise.all([join('A'), join('B')]);
  t.true(said.some((line) => line.includes(`No NATS server at nats://127.0.0.1:${port}: starting one`)));

  const heard = new Promise<string>((resolve) => b.subscribe('room', (subject) => resolve(subject)));
  await b.flush();
  a.publish('room', new Uint8Array());
  t.is(await heard, 'room');

  said.length = 0;
  const c = await join('C');
  t.deepEqual(said, []);
  await Promise.all([a.close(), b.close(), c.close()]);
  await silence(port);
});

test('a server in use is kept, and started again when it dies', async (t) => {
  const port = await freePort();
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  await using a = await connectOrStart({ id: 'A', env: {}, port, idleMs: IDLE_MS, say });
  const changes: string[] = [];
  const back = new Promise<void>((resolve) =>
    a.onStatus(({ state }) => {
      changes.push(state);
      if (state === 'connected') resolve();
    }),
  );
  await delay(2 * IDLE_MS);
  t.deepEqual(changes, []);

  const guard = Number(/`kill (\d+)`/.exec(said[0] ?? '')?.[1]);
  process.kill(guard, 'SIGKILL');
  await back;
  t.deepEqual(changes, ['disconnected', 'connected']);
  await a.close();
  await silence(port);
});

test('a given server is used, and never replaced by one of our own', async (t) => {
  await using server = await startNatsServer();
  const say = (line: string) => t.fail(line);
  await using byUrl = await connectOrStart({ id: 'A', url: server.url, env: { NATS_URL: 'nats://x' }, say });
  await using byEnv = await connectOrStart({ id: 'B', env: { NATS_URL: server.url }, say });
  t.is(byUrl.url, server.url);
  t.is(byEnv.url, server.url);
  const port = await freePort();
  await t.throwsAsync(connectOrStart({ id: 'C', url: `127.0.0.1:${port}`, env: {}, say }), {
    code: 'nats.unreachable',
  });
});
