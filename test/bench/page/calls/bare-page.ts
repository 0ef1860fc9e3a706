/**
 * What the browser needs by itself on this machine at this moment: a page that does nothing but connect to another page and show two
 * pictures of it. No call can be there sooner.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { VIEWPORT } from './room.ts';
import { TIME_CODE, timeCodeCamera } from './time-code.ts';
import { beginReload, NAMES } from './watch.ts';

declare global {
  interface Window {
    /** Of the page that sends: answers an offer, and lets the connection before it go. */
    answerBare: (offer: string) => Promise<string>;
    /** It sends nothing any more. */
    rest: () => void;
    /** Of the page that shows: connects, as it does when it is loaded. */
    connect: () => void;
    /** When both pictures have shown a frame, in ms since the Unix epoch. */
    shownMs: Promise<number>;
  }
}

const PICTURES = 2;

/** The whole of the page that shows. */
const SHOWING = `<!doctype html><script type="module">
  window.connect = () => {
    const pc = new RTCPeerConnection();
    const shown = Array.from({ length: ${PICTURES} }, () => {
      const { receiver } = pc.addTransceiver('video', { direction: 'recvonly' });
      const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true, width: 380 });
      video.srcObject = new MediaStream([receiver.track]);
      document.body.append(video);
      return new Promise((resolve) => video.requestVideoFrameCallback((_, { expectedDisplayTime }) => resolve(expectedDisplayTime)));
    });
    const connect = async () => {
      await pc.setLocalDescription();
      const answer = await fetch('answer', { method: 'POST', body: pc.localDescription.sdp });
      await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    };
    void connect();
    window.shownMs = Promise.all(shown).then((times) => performance.timeOrigin + Math.max(...times));
  };
  if (location.hash !== '#waits') window.connect();
</script>`;

export class BarePage implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #server: Server;
  readonly #page: Page;
  readonly #sender: Page;
  readonly #url: string;

  private constructor(context: BrowserContext, server: Server, page: Page, sender: Page) {
    this.#context = context;
    this.#server = server;
    this.#page = page;
    this.#sender = sender;
    this.#url = addressOf(server);
  }

  static async open(browser: Browser): Promise<BarePage> {
    const context = await browser.newContext({ permissions: ['camera'], viewport: VIEWPORT });
    await context.addInitScript(NAMES);
    await context.addInitScript(timeCodeCamera, TIME_CODE);
    const sender = await context.newPage();
    const server = createServer(async (request, response) => {
      if (request.method !== 'POST') {
        response.setHeader('content-type', 'text/html').end(request.url === '/' ? SHOWING : '<!doctype html>');
        return;
      }
      const offer = await text(request);
      response.end(await sender.evaluate((sdp) => window.answerBare(sdp), offer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await sender.goto(`${addressOf(server)}sender`);
    await sender.evaluate(startSender);
    return new BarePage(context, server, await context.newPage(), sender);
  }

  /** Nothing is sent before and after. @returns from loading the page anew until both pictures show a frame, in ms */
  async reload(): Promise<number> {
    const page = this.#page;
    await page.goto(this.#url);
    await page.evaluate(() => window.shownMs);
    const begunMs = await beginReload(page);
    const isNew = (since: number) => performance.timeOrigin > since - 5 && window.shownMs !== undefined;
    await page.waitForFunction(isNew, begunMs, { polling: 20 });
    return (await this.#shownMs()) - begunMs;
  }

  /** @returns from connecting, in a page that is there already, until both pictures show a frame, in ms */
  async connect(): Promise<number> {
    const page = this.#page;
    await page.goto(`${this.#url}#waits`);
    const begunMs = await page.evaluate(() => {
      const now = performance.timeOrigin + performance.now();
      window.connect();
      return now;
    });
    return (await this.#shownMs()) - begunMs;
  }

  async #shownMs(): Promise<number> {
    const shownMs = await this.#page.evaluate(() => window.shownMs);
    await this.#page.goto('about:blank');
    await this.#sender.evaluate(() => window.rest());
    return shownMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Runs in the page. */
async function startSender(): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  let current: RTCPeerConnection | null = null;
  window.rest = () => current?.close();
  window.answerBare = async (offer) => {
    window.rest();
    const pc = new RTCPeerConnection();
    current = pc;
    await pc.setRemoteDescription({ type: 'offer', sdp: offer });
    for (const transceiver of pc.getTransceivers()) {
      transceiver.direction = 'sendonly';
      await transceiver.sender.replaceTrack(stream.getVideoTracks()[0] ?? null);
    }
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete')
      await new Promise((done) => pc.addEventListener('icegatheringstatechange', done));
    return pc.localDescription?.sdp ?? '';
  };
}
