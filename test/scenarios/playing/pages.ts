/** The pages of a scenario's peers in a browser without a window: each is joined as a person would, and asked what it decodes. */
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import type { PeerId } from '../../../machines/messages.ts';
import { CHROMIUM, openChromium } from '../../page/browser/chromium.ts';
import { openTab, type Tab } from '../../page/browser/tab.ts';
import type { DecodedPicture } from '../judging/pictures.ts';
import { ScenarioError } from './errors.ts';

/** Of the cameras: three that are encoded and six that are decoded without a graphics card leave the peers some of two slow cores. */
const FRAMES_PER_SECOND = 10;

/** What pages say of which slot shows what: see actors/page/messages.ts. */
const shows = z.object({
  type: z.literal('show'),
  slots: z.array(z.object({ mid: z.string(), peer: z.string(), stream: z.string() })),
});

type Shown = z.infer<typeof shows>['slots'];

interface OpenPage {
  readonly tab: Tab;
  /** What its slots show now. */
  shown: Shown;
}

export class Pages implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #pages = new Map<PeerId, OpenPage>();

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** @throws {ScenarioError} `chromium.missing` */
  static async start(): Promise<Pages> {
    if (CHROMIUM === undefined) throw new ScenarioError('chromium.missing', NO_CHROMIUM);
    return new Pages(await openChromium({ framesPerSecond: FRAMES_PER_SECOND }));
  }

  /** Opens the page of a peer and joins there with camera and microphone. */
  async open(id: PeerId, url: string): Promise<void> {
    const tab = await openTab(this.#browser, url, {
      watch: (page) =>
        page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => this.#hear(id, String(payload)))),
    });
    this.#pages.set(id, { tab, shown: [] });
    await tab.join(id);
  }

  /** Pictures that each page has decoded of each stream that it shows now. */
  async decoded(): Promise<DecodedPicture[]> {
    const all = await Promise.all(
      [...this.#pages].map(async ([receiver, { tab, shown }]) =>
        (await tab.received()).flatMap(({ kind, mid, framesDecoded: frames }) =>
          kind === 'video'
            ? shown
                .filter((slot) => slot.mid === mid)
                .map(({ peer, stream }) => ({ source: peer, stream, receiver, frames }))
            : [],
        ),
      ),
    );
    return all.flat();
  }

  /** Keeps what a peer's page shows now as a PNG file. */
  async keepPicture(id: PeerId, file: string): Promise<void> {
    await this.#pages.get(id)?.tab.page.screenshot({ path: file });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }

  #hear(id: PeerId, text: string): void {
    const page = this.#pages.get(id);
    if (page === undefined || !text.includes('"show"')) return;
    const said = shows.safeParse(JSON.parse(text));
    if (said.success) page.shown = said.data.slots;
  }
}

const NO_CHROMIUM =
  'This scenario plays in Chromium, and there is none here (Debian: apt-get install chromium). With --manual it prints the pages for a browser of yours.';
