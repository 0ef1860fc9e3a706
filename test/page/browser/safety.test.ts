/**
 * Who gets at the page of a peer in a real browser, and what in it can become code: test/web asks the server the same without one.
 * What is found out in the page is asked as text, since the other pages here are none of ours.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { buildPage } from '../../../infra/setup/page-bundle.mjs';
import { PageServer } from '../../../infra/web/page-server.ts';
import { MAX_MESSAGE_BYTES, MAX_MESSAGES_PER_S } from '../../../infra/web/page-socket.ts';
import { inBrowser } from './browser-test.ts';
import { openMediaEnd } from './media-end.ts';
import { person } from './scripted-peer.ts';

/** A name of somebody who makes it lead to this machine. */
const REBOUND = 'rebound.example';
const test = inBrowser({ flags: [`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`] });

/** As long as a name may be. */
const EVIL = '"><b><img src=x onerror="hacked=1"><script>hacked=1</script>';

/** Where strings become markup or code in pages that let them. */
const SINKS = [
  'document.body.innerHTML = "<b>x</b>"',
  'document.body.insertAdjacentHTML("beforeend", "<b>x</b>")',
  'document.write("<b>x</b>")',
  'new DOMParser().parseFromString("<b>x</b>", "text/html")',
  'document.createElement("iframe").srcdoc = "<b>x</b>"',
  'document.createElement("script").text = "globalThis.hacked=1"',
  'document.createElement("script").src = "/page.js"',
  'trustedTypes.createPolicy("own", { createHTML: (text) => text })',
];

/** A page that is none of ours: of another program of this machine, or of a site that somebody visits. */
async function openElsewhere(t: ExecutionContext, browser: Browser): Promise<Page> {
  const server: Server = createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext();
  t.teardown(async () => {
    await context.close();
    server.close();
  });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return page;
}

/** What comes of a WebSocket that the page opens. */
function knock(page: Page, url: string, ...protocols: string[]): Promise<string> {
  return page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket(${JSON.stringify(url)}, ${JSON.stringify(protocols)});
    socket.onopen = () => resolve('open');
    socket.onclose = () => resolve('refused');
  })`);
}

/** Where the page's WebSocket is, and what it says to get in. */
function doorOf(url: string): { readonly socket: string; readonly token: string; readonly port: string } {
  const { host, hash, port } = new URL(url);
  return { socket: `ws://${host}/`, token: hash.slice(1), port };
}

/** Nothing that somebody else has said became an element or ran. */
async function isClean(t: ExecutionContext, page: Page): Promise<void> {
  t.is(await page.evaluate('globalThis.hacked'), undefined);
  t.is(await page.locator('body img, body script, body b, body iframe').count(), 0);
}

test('an address without its token, or with another, opens a page that gets no word from the peer', async (t, open) => {
  const { page, peer } = await open();
  await peer.said('hello');
  await page.goto('about:blank');
  peer.forget();
  for (const fragment of ['', '#AAAAAAAAAAAAAAAAAAAAAA', '#not a token']) {
    await page.goto(peer.url.replace(/#.*/, fragment));
    await page.getByText('Your peer does not answer').first().waitFor();
    await page.goto('about:blank');
  }
  t.deepEqual(peer.heard, []);
  await page.goto(peer.url);
  await peer.said('hello');
});

test('a name that was made to lead here gets neither the page nor a word', async (t, open, browser) => {
  const { peer } = await open();
  await peer.said('hello');
  peer.forget();
  const { port, token } = doorOf(peer.url);
  const elsewhere = await openElsewhere(t, browser);
  const response = await elsewhere.goto(peer.url.replace('127.0.0.1', REBOUND));
  t.is(response?.status(), 421);
  t.is(await elsewhere.locator('script').count(), 0);
  t.is(await knock(elsewhere, `ws://${REBOUND}:${port}/`, token), 'refused');
  t.deepEqual(peer.heard, []);
});

test('another page of this machine that even knows the token reads nothing and says nothing', async (t, open, browser) => {
  const { peer } = await open();
  await peer.said('hello');
  peer.forget();
  const { socket, token } = doorOf(peer.url);
  const elsewhere = await openElsewhere(t, browser);
  t.is(await knock(elsewhere, socket, token), 'refused');
  t.is(await knock(elsewhere, socket), 'refused');
  const read = await elsewhere.evaluate(`fetch(${JSON.stringify(peer.url)}).then(() => 'read', () => 'refused')`);
  t.is(read, 'refused');
  const script = await elsewhere.evaluate(`new Promise((resolve) => {
    const script = document.createElement('script');
    script.onload = () => resolve('run');
    script.onerror = () => resolve('refused');
    script.src = ${JSON.stringify(new URL('/page.js', peer.url).href)};
    document.head.append(script);
  })`);
  t.is(script, 'refused');
  await elsewhere.goto('about:blank');
  t.is(await knock(elsewhere, socket, token), 'refused', 'a page without an origin');
  t.deepEqual(peer.heard, []);
});

test('no other page can hold it in a frame, or keep a hand on its window', async (t, open, browser) => {
  const { peer } = await open();
  await peer.said('hello');
  peer.forget();
  const elsewhere = await openElsewhere(t, browser);
  const url = JSON.stringify(peer.url);
  await elsewhere.evaluate(`new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.onload = resolve;
    frame.src = ${url};
    document.body.append(frame);
  })`);
  t.is(await elsewhere.frames()[1]?.locator('script').count(), 0);
  t.deepEqual(peer.heard, [], 'in a frame');
  // A link that is followed opens the page, in a window that its opener has lost.
  const [opened] = await Promise.all([
    elsewhere.waitForEvent('popup'),
    elsewhere.evaluate(`void (globalThis.held = window.open(${url}))`),
  ]);
  await peer.said('hello');
  t.is(await opened.evaluate('window.opener'), null);
  await elsewhere.waitForFunction('globalThis.held.closed', undefined, { polling: 50 });
});

test('what is smuggled into the page does not run, and no string becomes markup or code', async (t, open) => {
  const { page } = await open();
  const { files } = await buildPage();
  const smuggled = `<!doctype html><script type="module" src="/page.js"></script><body onload="hacked=1">${EVIL}</body>`;
  let greeted: () => void = () => undefined;
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  const server = await PageServer.open({
    ...{ port: 0, title: 'RPR', assets: new Map(files).set('/', { type: 'text/html', body: Buffer.from(smuggled) }) },
    onSocket: (socket) => socket.onMessage(() => greeted()),
  });
  t.teardown(() => server.close());
  await page.goto(server.url);
  // The script that is ours does run.
  await greeting;
  t.is(await page.evaluate('globalThis.hacked'), undefined, 'inline scripts and handlers');
  for (const code of SINKS) {
    const result = await page.evaluate(`(() => {
      try {
        ${code};
        return 'done';
      } catch (error) {
        return error.name;
      }
    })()`);
    t.is(result, 'TypeError', code);
  }
  t.is(await page.evaluate('globalThis.hacked'), undefined);
});

test('the page loads nothing from elsewhere, and sends nothing there', async (t, open, browser) => {
  const { page } = await open();
  const elsewhere = (await openElsewhere(t, browser)).url();
  const blocked = await page.evaluate(`(async () => {
    const url = ${JSON.stringify(elsewhere)};
    const image = new Image();
    const shown = new Promise((resolve) => (image.onload = image.onerror = ({ type }) => resolve(type)));
    image.src = url;
    const socket = new WebSocket(url.replace('http', 'ws'));
    const closed = new Promise((resolve) => (socket.onopen = socket.onerror = ({ type }) => resolve(type)));
    const fetched = fetch(url, { mode: 'no-cors' }).then(() => 'load', () => 'error');
    return Promise.all([shown, closed, fetched]);
  })()`);
  t.deepEqual(blocked, ['error', 'error', 'error']);
});

test('a tab that says too much, or too much at once, is closed, and the page goes on', async (t, open) => {
  const { page, peer, join } = await open({ members: [person('bo', 'Bo')] });
  const { socket, token } = doorOf(peer.url);
  const closes = (say: string) =>
    page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket(${JSON.stringify(socket)}, ${JSON.stringify(token)});
      socket.onopen = () => { ${say} };
      socket.onclose = ({ code }) => resolve(code);
    })`);
  t.is(await closes(`socket.send(JSON.stringify('x'.repeat(${MAX_MESSAGE_BYTES})));`), 1009);
  t.is(await closes(`for (let said = 0; said <= ${MAX_MESSAGES_PER_S}; said++) socket.send('{}');`), 1008);
  t.is(await closes(`socket.send('{"type":');`), 1007);
  await join();
  await page.locator('[data-tile="bo/"]').waitFor();
});

test('names, ids, labels, chat and reasons with markup in them are text everywhere on the page', async (t, open) => {
  const stream = { stream: EVIL, group: EVIL, media: 'video' as const, codec: EVIL, via: [EVIL], bps: 1e5 };
  const odd = { ...person('odd', EVIL, { pair: 'none', relays: [EVIL], reason: EVIL }), streams: [stream, stream] };
  const { page, peer, join } = await open({ members: [odd, { ...odd, id: EVIL, pair: 'via' }] });
  peer.self = { ...peer.self, name: EVIL, room: EVIL, id: EVIL };
  await join();
  peer.tell();
  for (const to of [undefined, EVIL]) {
    peer.send({ type: 'chat', from: EVIL, name: EVIL, text: EVIL, at: 1, mine: false, ...(to && { to }) });
  }
  peer.send({ type: 'error', code: EVIL, text: EVIL, field: EVIL });
  await page.keyboard.press('c');
  await page.locator('.chat-text').nth(1).waitFor();
  t.is(await page.locator('.chat-text').first().textContent(), EVIL);
  t.is(await page.locator('.tile-name-text').first().textContent(), EVIL);
  await page.getByRole('banner').getByRole('button', { name: 'Invite' }).click();
  await isClean(t, page);
  peer.send({ type: 'ended', code: 'failed', text: EVIL });
  await page.getByText('<script>').first().waitFor();
  await isClean(t, page);
});

test('markup in an SDP is none, and an SDP that is none leaves the page as it was', async (t, open, browser) => {
  const media = await openMediaEnd(browser, { pictures: 1 });
  const answer = async (offer: string) =>
    (await media.answer(offer))
      .replace(/^s=.*$/m, `s=${EVIL}`)
      .replace(/^(t=0 0)$/m, `$1\r\na=${EVIL}`)
      .replaceAll(/^a=msid:.*$/gm, `a=msid:${EVIL.replaceAll(' ', '')} track`);
  const { page, peer, join } = await open({ members: [person('bo', 'Bo')], answer });
  await join();
  peer.send({ type: 'answer', sdp: EVIL });
  await page.locator('[data-tile="bo/"]').waitFor();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  await isClean(t, page);
  await media.close();
});
