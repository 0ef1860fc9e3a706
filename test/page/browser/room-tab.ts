/** A tab that shows a room, and the end that tells it: without a room behind it. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { pageAssets } from '../../../actors/page/page-assets.ts';
import type { FromPage, ToPage } from '../../../actors/watch/page-messages.ts';
import { PageServer } from '../../../infra/web/page-server.ts';
import type { PageSocket } from '../../../infra/web/page-socket.ts';

export class RoomTab implements AsyncDisposable {
  readonly page: Page;
  /** What the page has asked. */
  readonly asked: FromPage[] = [];
  /** Errors of the page, and what its policy has kept out. */
  readonly complaints: string[] = [];
  #hears: () => void = () => undefined;
  readonly #server: PageServer;
  readonly #socket: Promise<PageSocket>;

  private constructor(page: Page, server: PageServer, socket: Promise<PageSocket>) {
    this.page = page;
    this.#server = server;
    this.#socket = socket;
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<RoomTab> {
    let tell: (socket: PageSocket) => void = () => undefined;
    const socket = new Promise<PageSocket>((resolve) => {
      tell = resolve;
    });
    const server = await PageServer.open({
      ...{ port: 0, title: 'hall', assets: await pageAssets('room') },
      onSocket: (opened) => {
        opened.onMessage((message) => {
          tab.asked.push(message as FromPage);
          tab.#hears();
        });
        opened.send({ type: 'room', room: 'hall', recorded: null } satisfies ToPage);
        tell(opened);
      },
    });
    const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
    const tab: RoomTab = new RoomTab(page, server, socket);
    page.on('pageerror', (error) => tab.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') tab.complaints.push(message.text());
    });
    await page.goto(server.url);
    await socket;
    return tab;
  }

  /** Waits until the page looks at the machines of this peer: it takes no others. */
  async looksAt(peer: string): Promise<void> {
    const latest = () => this.asked.findLast(({ type }) => type === 'look');
    const isThere = (asked: FromPage | undefined) => asked?.type === 'look' && asked.peer === peer;
    while (!isThere(latest())) {
      await new Promise<void>((resolve) => {
        this.#hears = resolve;
      });
    }
  }

  async tell(...messages: readonly ToPage[]): Promise<void> {
    const socket = await this.#socket;
    for (const message of messages) socket.send(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
    await this.#server.close();
  }
}
