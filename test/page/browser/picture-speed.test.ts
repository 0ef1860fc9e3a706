import test from 'ava';
import { CHROMIUM, LEFT_OUT, openChromium } from './chromium.ts';
import { mesh, told } from './made-up-room.ts';
import { RoomTab } from './room-tab.ts';

if (CHROMIUM === undefined) console.log(LEFT_OUT);
const browserTest = CHROMIUM === undefined ? test.skip : test.serial;

const ARROWS = 600;
const UPDATES = 40;
/** The first ones compile. */
const FIRST = 10;
/** An update may take so many times as long as one that changes as many bare lines, whatever machine this is. */
const MOST_TIMES = 1.5;

browserTest('a room of 25 with 600 arrows is drawn anew in little more time than as many bare lines', async (t) => {
  const browser = await openChromium();
  t.teardown(() => browser.close());
  await using tab = await RoomTab.open(browser);
  await tab.tell(told(mesh(25, () => 5e5)));
  await tab.page.waitForFunction((count) => document.querySelectorAll('.arrows .arrow').length === count, ARROWS);
  const devtools = await tab.page.context().newCDPSession(tab.page);
  // Its own time, whatever else the machine does: script, style, layout and paint.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busyMs = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
  };
  const painted = () =>
    tab.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  const meanMs = async (update: (number: number) => Promise<unknown>) => {
    let spentMs = 0;
    for (let number = 0; number < FIRST + UPDATES; number += 1) {
      const beforeMs = await busyMs();
      await update(number);
      await painted();
      if (number >= FIRST) spentMs += (await busyMs()) - beforeMs;
    }
    return spentMs / UPDATES;
  };
  const drawnMs = await meanMs(async (number) => {
    await tab.tell(told(mesh(25, (arrow) => 1000 * (100 + number + (arrow % 7) * 100))));
    await tab.page.waitForFunction(
      (wanted) => document.querySelector('.arrows .line title')?.textContent?.includes(wanted),
      `${100 + number} kbit/s`,
    );
  });
  await tab.page.evaluate(drawBare, ARROWS);
  const bareMs = await meanMs((number) => tab.page.evaluate(changeBare, number));
  t.log(`${drawnMs.toFixed(1)} ms an update, ${bareMs.toFixed(1)} bare`);
  t.true(drawnMs <= MOST_TIMES * bareMs, `${drawnMs.toFixed(1)} ms, bare ${bareMs.toFixed(1)} ms`);
});

/** In the page, in the place of all that it shows: as many lines with a title each. */
function drawBare(count: number): void {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 600 600');
  for (let each = 0; each < count; each += 1) {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    for (const [name, value] of Object.entries({ x1: each, y1: 0, x2: 600 - each, y2: 600, stroke: 'currentColor' }))
      line.setAttribute(name, `${value}`);
    line.append(document.createElementNS('http://www.w3.org/2000/svg', 'title'));
    svg.append(line);
  }
  document.body.replaceChildren(svg);
}

/** In the page: each line gets another width and another title. */
function changeBare(number: number): void {
  for (const [each, line] of [...document.querySelectorAll('line')].entries()) {
    const kbps = 100 + number + (each % 7) * 100;
    line.setAttribute('stroke-width', `${kbps / 100}`);
    const title = line.querySelector('title');
    if (title !== null) title.textContent = `${kbps} kbit/s`;
  }
}
