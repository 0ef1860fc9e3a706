import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'ava';
import { parseNatsAddress } from '../../infra/nats/address.ts';
import { connectNats } from '../../infra/nats/connection.ts';
import { probeNats } from '../../infra/nats/probe.ts';
import { startNatsServer } from '../../infra/nats/server.ts';

/** Resolves when nothing listens at `url` any more; the test's own timeout is the limit. */
async function silence(url: string): Promise<void> {
  while ((await probeNats(parseNatsAddress(url), 1_000)).found === 'server') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A process that starts a server, prints its URL and then waits for ever. */
async function parentWithServer(): Promise<{ parent: ReturnType<typeof spawn>; url: string }> {
  const module = new URL('../../infra/nats/server.ts', import.meta.url).href;
  const script = `const {startNatsServer} = await import(${JSON.stringify(module)});
    console.log((await startNatsServer()).url); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: parent.stdout });
  const [url] = await once(lines, 'line');
  return { parent, url: String(url) };
}

test('each server has a port of its own on loopback', async (t) => {
  const servers = await Promise.all([startNatsServer(), startNatsServer(), startNatsServer()]);
  t.is(new Set(servers.map((server) => server.port)).size, 3);
  for (const server of servers) {
    t.is(server.url, `nats://127.0.0.1:${server.port}`);
    t.true((await fetch(`${server.monitoringUrl}/healthz`)).ok);
    await server[Symbol.asyncDispose]();
    t.is((await probeNats(parseNatsAddress(server.url), 1_000)).found, 'nobody');
  }
});

test('a server stops, starts and restarts on the same port', async (t) => {
  await using server = await startNatsServer();
  const { port, pid } = server;
  await server.stop();
  await server.stop();
  t.is(server.pid, undefined);
  await server.start();
  await server.restart();
  t.is(server.port, port);
  t.not(server.pid, pid);
  await using bus = await connectNats({ url: server.url, id: 'A' });
  t.true(bus.connected);
});

for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
  test(`a server is gone after its parent got ${signal}`, async (t) => {
    const { parent, url } = await parentWithServer();
    t.is((await probeNats(parseNatsAddress(url), 1_000)).found, 'server');
    parent.kill(signal);
    await silence(url);
    t.pass();
  });
}

test('a server that cannot start says why', async (t) => {
  await using server = await startNatsServer();
  await t.throwsAsync(startNatsServer({ port: server.port }), { code: 'nats.serverFailed', message: /in use/ });
  await t.throwsAsync(startNatsServer({ config: 'nonsense {' }), { code: 'nats.serverFailed' });
});
