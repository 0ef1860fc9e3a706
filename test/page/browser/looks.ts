/** How a page looks and reads: whether it fits its window, what axe finds, and pictures of it. */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';

/** Kept to be looked at; not part of the project. */
const PICTURES = fileURLToPath(new URL('../../../.rpr/page', import.meta.url));
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** A window, or what is in it, is never wider than it may be. */
export async function fits(t: ExecutionContext, page: Page, what: string): Promise<void> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth: wide, clientWidth: room } = document.documentElement;
    return { scrollWidth: wide, clientWidth: room };
  });
  t.true(scrollWidth <= clientWidth, `${what}: nothing stands out on the side (${scrollWidth} in ${clientWidth})`);
}

/** A picture of the page, to be looked at. */
export async function keep(page: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds, one a line; by the debugger's door: the page itself lets no foreign script in. */
export async function axe(page: Page): Promise<string[]> {
  const source = await readFile(AXE, 'utf8');
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: source });
  const run = "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(violations))";
  const { result } = await session.send('Runtime.evaluate', { expression: run, awaitPromise: true });
  await session.detach();
  const found = JSON.parse(String(result.value)) as Violation[];
  return found.flatMap(({ id, impact, nodes }) => nodes.map(({ html }) => `${impact} ${id}: ${html.slice(0, 160)}`));
}
