/** Who gets into the page of a peer, and who does not. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import { PageServerError } from '../../infra/web/errors.ts';
import { PageServer } from '../../infra/web/page-server.ts';
import { MAX_MESSAGE_BYTES, MAX_MESSAGES_PER_S, type PageSocket } from '../../infra/web/page-socket.ts';

interface Served {
  readonly server: PageServer;
  readonly port: number;
  readonly token: string;
  readonly origin: string;
  /** Resolves with the next tab. */
  readonly tab: Promise<PageSocket>;
  readonly tabs: PageSocket[];
}

async function serve(t: ExecutionContext, onSocket: (socket: PageSocket) => void = () => undefined): Promise<Served> {
  const tabs: PageSocket[] = [];
  let came: (socket: PageSocket) => void = () => undefined;
  const tab = new Promise<PageSocket>((resolve) => {
    came = resolve;
  });
  const server = await PageServer.open({
    ...{ port: 0, title: 'A <b>call</b>', assets: new Map([['/page.js', { type: 'text/javascript', body: '1;' }]]) },
    onSocket: (socket) => {
      tabs.push(socket);
      onSocket(socket);
      came(socket);
    },
  });
  t.teardown(() => server.close());
  const { host, port, hash } = new URL(server.url);
  return { server, port: Number(port), token: hash.slice(1), origin: `http://${host}`, tab, tabs };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

async function ask(
  port: number,
  {
    path = '/',
    method = 'GET',
    headers = {},
  }: { path?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const asked = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = await once(asked, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

/** What came of opening a WebSocket: the status of a refusal, or `open`. */
function knock(port: number, token: string | undefined, headers: Record<string, string>): Promise<string | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, token === undefined ? [] : [token], { headers });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('error', () => undefined);
  });
}

async function join({ port, token, origin }: Served): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, token, { origin });
  await once(socket, 'open');
  return socket;
}

test('serves the page and its files, under a policy that lets nothing else in', async (t) => {
  const { port, server } = await serve(t);
  const page = await ask(port);
  t.is(page.status, 200);
  t.true(page.body.includes('<title>A &lt;b&gt;call&lt;/b&gt;</title>'));
  t.regex(page.body, /<script type="module" src="\/page\.js\?v=[\w%]+" integrity="sha256-[\w+/]{43}="><\/script>/);
  const policy = String(page.headers['content-security-policy']);
  for (const rule of ["default-src 'none'", "script-src 'self'", "trusted-types 'none'", "frame-ancestors 'none'"]) {
    t.true(policy.includes(rule), rule);
  }
  t.true(policy.includes("require-trusted-types-for 'script'"));
  t.is(page.headers['referrer-policy'], 'no-referrer');
  const script = await ask(port, { path: '/page.js?v=1' });
  t.is(script.body, '1;');
  t.is(script.headers['content-type'], 'text/javascript; charset=utf-8');
  t.is(script.headers['x-content-type-options'], 'nosniff');
  t.is((await ask(port, { path: '/other.js' })).status, 404);
  t.is((await ask(port, { path: '/../package.json' })).status, 404);
  t.is((await ask(port, { method: 'POST' })).status, 405);
  t.is((await ask(port, { method: 'HEAD' })).body, '');
  t.regex(server.url, /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{22}$/);
});

test('a file under the name of its content is kept, one under its path asked for each time, and not sent again', async (t) => {
  const { port } = await serve(t);
  const [, named = ''] = /src="([^"]+)"/.exec((await ask(port)).body) ?? [];
  const { headers: kept, body } = await ask(port, { path: named });
  t.is(body, '1;');
  t.is(kept['cache-control'], 'private, max-age=31536000, immutable');
  t.is(
    (await ask(port, { path: `${named.slice(0, -4)}AAA%3D` })).headers['cache-control'],
    'no-cache',
    'another content',
  );
  const path = '/page.js';
  const { headers } = await ask(port, { path });
  t.is(headers['cache-control'], 'no-cache');
  const tag = String(headers.etag);
  const again = await ask(port, { path, headers: { 'if-none-match': tag } });
  t.deepEqual([again.status, again.body, again.headers.etag], [304, '', tag]);
  t.is(again.headers['content-security-policy'], headers['content-security-policy']);
  t.is((await ask(port, { path, headers: { 'if-none-match': '"another"' } })).status, 200);
  const page = await ask(port);
  t.not(page.headers.etag, tag);
  t.is(page.headers['cache-control'], 'no-cache');
});

test('a script that is to run early stands in the page, before all else, and the policy lets in that one alone', async (t) => {
  const early = 'globalThis.begun = 1;';
  const assets = new Map([
    ['/page.js', { type: 'text/javascript', body: '2;' }],
    ['/early.js', { type: 'text/javascript', body: early, early: true }],
  ]);
  const server = await PageServer.open({ port: 0, title: 'Early', assets, onSocket: () => undefined });
  t.teardown(() => server.close());
  const port = Number(new URL(server.url).port);
  const { body, headers } = await ask(port);
  const scripts = body.split('\n').filter((line) => line.startsWith('<script'));
  t.is(scripts[0], `<script>${early}</script>`);
  t.true(body.indexOf(early) < body.indexOf('<title>'));
  t.regex(scripts[1] ?? '', /^<script type="module" src="\/page\.js/);
  const hash = createHash('sha256').update(early).digest('base64');
  t.true(String(headers['content-security-policy']).includes(`script-src 'self' 'sha256-${hash}';`));
  t.is((await ask(port, { path: '/early.js' })).status, 404);
  const script = await ask(port, { path: '/page.js' });
  t.true(String(script.headers['content-security-policy']).includes("script-src 'self';"));
});

test('the token is another one at each start', async (t) => {
  const [one, other] = await Promise.all([serve(t), serve(t)]);
  t.not(one.token, other.token);
});

test('a name that was made to lead here gets nothing', async (t) => {
  const { port, token } = await serve(t);
  const rebound = { host: `evil.example:${port}` };
  t.is((await ask(port, { headers: rebound })).status, 421);
  t.is((await ask(port, { headers: { host: `localhost:${port}` } })).status, 421);
  t.is((await ask(port, { headers: { host: `127.0.0.1:${port + 1}` } })).status, 421);
  t.is(await knock(port, token, { ...rebound, origin: `http://evil.example:${port}` }), 421);
});

test('what another page asks for is refused', async (t) => {
  const { port, token, origin } = await serve(t);
  for (const site of ['cross-site', 'same-site']) {
    t.is((await ask(port, { headers: { 'sec-fetch-site': site } })).status, 403, site);
    t.is(await knock(port, token, { origin, 'sec-fetch-site': site }), 403, site);
  }
  const framed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
  t.is((await ask(port, { headers: framed })).status, 403, 'in a frame');
  const visit = { ...framed, 'sec-fetch-dest': 'document' };
  t.is((await ask(port, { headers: visit })).status, 200, 'a link that is followed');
  t.is(await knock(port, token, { ...visit, origin }), 403);
  for (const site of ['none', 'same-origin']) {
    t.is((await ask(port, { headers: { 'sec-fetch-site': site } })).status, 200, site);
  }
});

test('a WebSocket opens for our own page with the token of this start, and for nobody else', async (t) => {
  const { port, token, origin, tabs } = await serve(t);
  t.is(await knock(port, undefined, { origin }), 403, 'no token');
  t.is(await knock(port, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, { origin }), 403, 'wrong token');
  t.is(await knock(port, `${token}A`, { origin }), 403, 'too long a token');
  t.is(await knock(port, token, {}), 403, 'no Origin');
  t.is(await knock(port, token, { origin: 'null' }), 403, 'Origin of a file');
  t.is(await knock(port, token, { origin: `http://127.0.0.1:${port + 1}` }), 403, 'another port');
  t.is(await knock(port, token, { origin: `http://localhost:${port}` }), 403, 'another name');
  t.is(await knock(port, token, { origin: `https://127.0.0.1:${port}` }), 403, 'another scheme');
  t.deepEqual(tabs, []);
  t.is(await knock(port, token, { origin }), 'open');
});

test('messages go both ways as JSON', async (t) => {
  const served = await serve(t, (tab) => tab.onMessage((message) => tab.send({ heard: message })));
  const socket = await join(served);
  t.is(socket.protocol, served.token);
  socket.send('{"type":"hello","name":"</script>"}');
  const [answer] = await once(socket, 'message');
  t.deepEqual(JSON.parse(String(answer)), { heard: { type: 'hello', name: '</script>' } });
});

test('a tab that sends junk, too much or too often is closed, and the next one gets in', async (t) => {
  const served = await serve(t);
  const closes = async (...said: (string | Buffer)[]) => {
    const socket = await join(served);
    const closed = once(socket, 'close');
    for (const text of said) socket.send(text);
    const [code] = await closed;
    return code;
  };
  t.is(await closes('{"type":'), 1007);
  t.is(await closes(Buffer.from('{}')), 1007, 'binary');
  t.is(await closes(`"${'x'.repeat(MAX_MESSAGE_BYTES)}"`), 1009);
  t.is(await closes(...Array.from({ length: MAX_MESSAGES_PER_S + 1 }, () => '{}')), 1008);
  t.is((await join(served)).readyState, WebSocket.OPEN);
});

test('more tabs than anybody has are refused', async (t) => {
  const served = await serve(t);
  for (let tab = 0; tab < 8; tab++) await join(served);
  t.is(await knock(served.port, served.token, { origin: served.origin }), 403);
});

test('takes the next free port where its own is taken', async (t) => {
  const { port } = await serve(t);
  const next = await PageServer.open({ port, title: '', assets: new Map(), onSocket: () => undefined });
  t.teardown(() => next.close());
  t.true(Number(new URL(next.url).port) > port);
});

test('says so where no port is free', async (t) => {
  const last = createServer().listen(65_535, '127.0.0.1');
  // Where another program has it already, the case is the same.
  await Promise.race([once(last, 'listening'), once(last, 'error')]).catch(() => undefined);
  t.teardown(() => last.close());
  const opening = PageServer.open({ port: 65_535, title: '', assets: new Map(), onSocket: () => undefined });
  const error = await t.throwsAsync(opening, { instanceOf: PageServerError });
  t.is(error?.code, 'page.port');
});

test('closing lets go of the tabs and of the port', async (t) => {
  const served = await serve(t);
  const socket = await join(served);
  const tab = await served.tab;
  const gone = new Promise<void>((resolve) => tab.onClose(resolve));
  const closed = once(socket, 'close');
  await Promise.all([served.server.close(), served.server.close()]);
  const [code] = await closed;
  t.is(code, 1001);
  await gone;
  tab.send({ type: 'late' });
  const error = await t.throwsAsync(ask(served.port));
  t.is((error as NodeJS.ErrnoException | undefined)?.code, 'ECONNREFUSED');
});
