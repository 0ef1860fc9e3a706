/** What the page itself costs: its main thread with 25 tiles, and the size of its script. */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { buildPage } from '../../../../infra/setup/page-bundle.mjs';
import { openChromium } from '../../../page/browser/chromium.ts';
import { openMediaEnd } from '../../../page/browser/media-end.ts';
import { person, ScriptedPeer } from '../../../page/browser/scripted-peer.ts';
import { NAMES } from '../calls/watch.ts';
import type { PageCase } from '../contract.ts';
import { rounded } from '../figures.ts';

/** With one's own 25 tiles. */
const OTHERS = 24;
/** As a peer tells its page the room's state, in ms: each time some rate has changed. */
const TELL_MS = 250;
const BPS = 200_000;
const SMALL = { width: 160, height: 90 };
/** Until all is drawn and connected, in ms. */
const CALM_MS = 5000;

export const SCRIPT: PageCase = {
  name: 'script-gzip',
  goal: '<= 60 kB',
  async measure() {
    const { files } = await buildPage();
    const scripts = [...files.values()].filter(({ type }) => type === 'text/javascript');
    const bytes = scripts.reduce((sum, { body }) => sum + gzipSync(body).length, 0);
    return { value: rounded(bytes / 1000, 1), unit: 'kB' };
  },
};

export const PAGE_25: PageCase = {
  name: 'page-25-tiles',
  goal: '<= 25 ms/s',
  async measure({ seconds }) {
    const browser = await openChromium();
    try {
      const media = await openMediaEnd(browser, SMALL);
      const members = (tick: number) =>
        Array.from({ length: OTHERS }, (_, place) =>
          person(`p${place}`, `Person ${place}`, { bps: BPS + 1000 * ((tick + place) % 40) }),
        );
      await using peer = await ScriptedPeer.open({ members: members(0), answer: (sdp) => media.answer(sdp) });
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      await context.addInitScript(NAMES);
      const page = await context.newPage();
      await page.goto(peer.url);
      await page.locator('input[name=name]').fill('Ada');
      await page.locator('button[type=submit]').click();
      await page
        .locator('.stage-item video.is-there')
        .nth(OTHERS - 1)
        .waitFor();
      let tick = 0;
      const telling = setInterval(() => {
        peer.members = members(++tick);
        peer.tell();
      }, TELL_MS);
      try {
        await page.waitForTimeout(CALM_MS);
        return { value: rounded(await mainThreadMsPerS(page, seconds), 1), unit: 'ms/s' };
      } finally {
        clearInterval(telling);
      }
    } finally {
      await browser.close();
    }
  },
};

/** Processor time of tasks on the page's main thread: pictures are decoded on others. */
async function mainThreadMsPerS(page: Page, seconds: number): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spentS = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await spentS();
  const begunMs = performance.now();
  await page.waitForTimeout(1000 * seconds);
  const spent = (await spentS()) - before;
  return (1000 * spent) / ((performance.now() - begunMs) / 1000);
}
