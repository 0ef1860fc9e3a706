/** Tests in a browser: one browser a file, one page a test, and no error in the page's console that a test does not expect. */
import test, { type ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type BrowserOptions, CHROMIUM, LEFT_OUT, openChromium } from './chromium.ts';
import type { MediaEnd } from './media-end.ts';
import { ScriptedPeer, type ScriptedPeerOptions } from './scripted-peer.ts';

export interface OpenPage {
  readonly page: Page;
  readonly peer: ScriptedPeer;
  /** Types a name and joins. */
  join(): Promise<void>;
}

export interface PageOptions extends ScriptedPeerOptions {
  readonly context?: BrowserContextOptions;
  /** Somebody who has not allowed any device. */
  readonly refuseDevices?: boolean;
  readonly media?: MediaEnd;
  /** Runs in the page before it. */
  readonly script?: string;
}

type Body = (
  t: ExecutionContext,
  open: (options?: PageOptions) => Promise<OpenPage>,
  browser: Browser,
) => Promise<void>;

/**
 * A file's tests share a browser, and run one after the other. Where there is no Chromium they are left out.
 *
 * @returns declares a test
 */
export function inBrowser(options: BrowserOptions = {}): (title: string, body: Body) => void {
  if (CHROMIUM === undefined) {
    test.before((t) => t.log(LEFT_OUT));
    return (title) => test.skip(title, () => undefined);
  }
  let browser: Browser | undefined;
  test.before(async () => {
    browser = await openChromium(options);
  });
  test.after.always(() => browser?.close());
  return (title, body) =>
    test.serial(title, async (t) => {
      if (browser === undefined) throw new Error('the browser did not start');
      const opened: AsyncDisposable[] = [];
      const open = async (each: PageOptions = {}) => {
        const page = await openPage(t, browser as Browser, each);
        opened.push(page);
        return page;
      };
      try {
        await body(t, open, browser);
      } finally {
        for (const each of opened) await each[Symbol.asyncDispose]();
      }
    });
}

async function openPage(
  t: ExecutionContext,
  browser: Browser,
  { context: look, refuseDevices, media, script, ...rest }: PageOptions,
) {
  const answer = media === undefined ? undefined : (sdp: string) => media.answer(sdp);
  const peer = await ScriptedPeer.open({ ...(answer === undefined ? {} : { answer }), ...rest });
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1_280, height: 800 }, ...look });
  if (refuseDevices) await context.grantPermissions([]);
  // What compiles these tests marks functions with their names by a helper that pages lack.
  await context.addInitScript('globalThis.__name = (each) => each');
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  page.on('pageerror', (error) => t.fail(`the page failed: ${error.stack ?? error.message}`));
  await page.goto(peer.url);
  return {
    page,
    peer,
    join: async () => {
      await page.getByLabel('Your name').fill('Ada');
      await page.getByRole('button', { name: 'Join' }).click();
      await peer.said('join');
      await page.getByRole('region', { name: 'Controls of the call' }).waitFor();
    },
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}
