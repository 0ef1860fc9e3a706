/** A browser's page and the gateway's end of its connection, in one test. */
import type { Browser, Page } from 'playwright-core';
import type { LinkCodec, LinkState } from '../../../infra/webrtc/contract.ts';
import { WebRtcLink } from '../../../infra/webrtc/link.ts';

const CODECS: readonly LinkCodec[] = [
  { codec: 'VP8/90000', fmtp: '' },
  { codec: 'H264/90000', fmtp: 'packetization-mode=1;profile-level-id=42e01f' },
  { codec: 'opus/48000/2', fmtp: '' },
];

/** A name that browsers trust like https; nothing is ever asked of it. */
const URL = 'http://localhost/';

/** What the page has: its connection, and how it asks for an answer. */
declare global {
  interface Window {
    connection: RTCPeerConnection;
    /** Text of the answer. */
    answer(offer: string): Promise<string>;
    /** Offers what there is now, and takes the answer. */
    negotiate(): Promise<void>;
  }
}

export interface Received {
  readonly packet: Buffer;
  readonly mid: string;
  readonly rid: string | null;
}

export class LinkedPage implements AsyncDisposable {
  readonly page: Page;
  readonly link: WebRtcLink;
  readonly states: LinkState[] = [];
  readonly answers: string[] = [];
  readonly offers: string[] = [];
  /** What is done with the page's packets. */
  onRtp: (received: Received) => void = () => undefined;
  /** The same without a copy, for who counts what it costs. */
  takeRtp = (packet: Uint8Array, mid: string, rid: string | null): void =>
    this.onRtp({ packet: Buffer.from(packet), mid, rid });
  onRtcp: (packet: Buffer) => void = () => undefined;

  private constructor(page: Page, link: WebRtcLink) {
    this.page = page;
    this.link = link;
  }

  static async open(browser: Browser, between: (answer: string) => string = (answer) => answer): Promise<LinkedPage> {
    let linked: LinkedPage | undefined;
    const link = await WebRtcLink.open({
      now: () => performance.now(),
      codecs: CODECS,
      cname: 'gateway',
      onRtp: (packet, mid, rid) => linked?.takeRtp(packet, mid, rid),
      onRtcp: (packet) => linked?.onRtcp(Buffer.from(packet)),
      onState: (state) => linked?.states.push(state),
    });
    const page = await browser.newPage();
    await page.route(`${URL}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
    linked = new LinkedPage(page, link);
    const { offers, answers } = linked;
    await page.exposeFunction('answer', async (offer: string) => {
      offers.push(offer);
      const answer = between(await link.answer(offer));
      answers.push(answer);
      return answer;
    });
    // tsx wraps functions that have names in a call of this, which only its own modules have.
    await page.addInitScript('globalThis.__name = (each) => each');
    await page.goto(URL);
    await page.evaluate(() => {
      window.connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      window.negotiate = async () => {
        await window.connection.setLocalDescription();
        const sdp = await window.answer(window.connection.localDescription?.sdp ?? '');
        await window.connection.setRemoteDescription({ type: 'answer', sdp });
      };
    });
    return linked;
  }

  /** Resolves when the page says that the connection is there, or that it will not be. */
  connected(): Promise<RTCPeerConnectionState> {
    return this.page.evaluate(
      () =>
        new Promise<RTCPeerConnectionState>((resolve) => {
          const { connection } = window;
          const look = () => {
            if (['connected', 'failed', 'closed'].includes(connection.connectionState))
              resolve(connection.connectionState);
          };
          connection.addEventListener('connectionstatechange', look);
          look();
        }),
    );
  }

  /** Waits until the page has decoded so many more frames on an m-line. */
  decoded(mid: string, more: number): Promise<number> {
    return this.page.evaluate(
      async ([wanted, frames]) => {
        const count = async () => {
          const stats = [...(await window.connection.getStats()).values()];
          return stats.find((each) => each.type === 'inbound-rtp' && each.mid === wanted)?.framesDecoded ?? 0;
        };
        const before = await count();
        while ((await count()) < before + frames) await new Promise((resolve) => setTimeout(resolve, 20));
        return count();
      },
      [mid, more] as const,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
    await this.link.close();
  }
}
