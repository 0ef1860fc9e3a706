/** One request to a router by HTTP: whatever comes back is bounded, in size, in time, and in where it leads. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { askHttp } from '../../infra/mapping/upnp/http.ts';

/** So short that a test does not wait long for what never comes. */
const SHORT_MS = 200;

/** A server on this machine that answers each request as the test says, byte by byte. */
async function server(t: ExecutionContext, answer: (socket: Socket, request: string) => void) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', (data) => {
      requests.push(data.toString());
      answer(socket, data.toString());
    });
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  const { port } = listening.address() as AddressInfo;
  return { requests, sockets, url: new URL(`http://127.0.0.1:${port}/rootDesc.xml`) };
}

const get = (url: URL) => ({ url, headers: {}, body: null });

test('an answer is its status and body, and a call tells its length', async (t) => {
  const { url, requests } = await server(t, (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  t.deepEqual(await askHttp(get(url)), { status: 200, body: 'ok' });
  t.deepEqual(await askHttp({ url, headers: { SOAPAction: '"a"' }, body: 'four' }), { status: 200, body: 'ok' });
  t.regex(requests[0] ?? '', /^GET \/rootDesc\.xml HTTP\/1\.1\r\n/);
  t.regex(requests[1] ?? '', /^POST .*SOAPAction: "a"\r\n.*Content-Length: 4\r\n.*\r\n\r\nfour$/s);
});

test('a redirection is not followed', async (t) => {
  const other = await server(t, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  const location = `HTTP/1.1 302 Found\r\nLocation: ${other.url}\r\nContent-Length: 0\r\n\r\n`;
  const { url } = await server(t, (socket) => socket.end(location));
  t.deepEqual(await askHttp(get(url)), { status: 302, body: '' });
  t.deepEqual(other.requests, []);
});

test('an answer without an end is cut off after 64 kB', async (t) => {
  let isClosed: Promise<unknown> = Promise.resolve();
  const { url, sockets } = await server(t, (socket) => {
    isClosed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
    const piece = Buffer.alloc(16 * 1024, 'x');
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  });
  t.is(await askHttp(get(url)), null);
  await isClosed;
  const [socket] = sockets;
  // What the system's own buffers took in between, but no gigabyte.
  t.true((socket?.bytesWritten ?? 0) < 64 * 1024 * 1024);
});

test('a megabyte of headers is nothing', async (t) => {
  const { url } = await server(t, (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1024 * 1024)}\r\n\r\n`));
  t.is(await askHttp(get(url)), null);
});

test('silence, and a byte now and then, end in time', async (t) => {
  const silent = await server(t, () => undefined);
  t.is(await askHttp(get(silent.url), SHORT_MS), null);
  const slow = await server(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
    const timer = setInterval(() => socket.write('x'), SHORT_MS / 20);
    socket.on('close', () => clearInterval(timer));
  });
  t.is(await askHttp(get(slow.url), SHORT_MS), null);
});

test('what is torn off, no HTTP, another protocol, or nobody, is nothing', async (t) => {
  for (const answer of [
    'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
    'SSH-2.0-dropbear\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    '',
  ]) {
    const { url } = await server(t, (socket) => socket.end(answer));
    t.is(await askHttp(get(url)), null, answer);
  }
  const nobody = createServer().listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const { port } = nobody.address() as AddressInfo;
  nobody.close();
  await once(nobody, 'close');
  t.is(await askHttp(get(new URL(`http://127.0.0.1:${port}/`))), null);
});
