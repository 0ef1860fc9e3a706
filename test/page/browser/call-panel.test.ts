/** The room as a picture in the panel of a real call: it is as the room is, and told of only while somebody looks. */
import type { Page } from 'playwright-core';
import { inChromium, until } from './call-test.ts';
import { Calls } from './calls.ts';

/** What the page hears of the picture, by kind. */
function toldOf(page: Page): string[] {
  const told: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload));
      if (message.type === 'picture') told.push(message.told.type);
    }),
  );
  return told;
}

/** For what is told twice a second, and more. */
const QUIET_MS = 1500;

inChromium('the panel shows the room of the call, and the machines of its own peer', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await Promise.all([calls.start(), calls.start()]);
  const { page } = ada.tab;
  const told = toldOf(page);
  await page.reload();
  await Promise.all([ada.tab.join('Ada'), bob.tab.join('Bob')]);
  await Promise.all([ada.tab.hears('video', 1), bob.tab.hears('video', 1)]);
  await page.waitForTimeout(QUIET_MS);
  t.deepEqual(told, [], 'of a closed panel');

  await page.getByRole('button', { name: /^picture of the room/i }).click();
  for (const name of ['Ada', 'Bob'])
    await page.getByRole('button', { name: new RegExp(`^${name}, .* own, `) }).waitFor();
  await until(async () => (await page.locator('.arrows .arrow.direct:not(.gone)').count()) >= 2);
  await page.getByRole('tab', { name: 'What happened' }).click();
  await page.locator('.events li', { hasText: 'Bob joined' }).waitFor();
  // Asked for by what it has not heard, and so it is heard.
  await page.getByRole('tab', { name: 'Messages' }).click();
  await page.locator('.said.profile').first().waitFor();

  await page.getByRole('tab', { name: 'Charts' }).click();
  t.deepEqual(await page.locator('.machines select option').allTextContents(), ['Ada'], 'Bob does not tell');
  await page.getByRole('button', { name: /^session.Bob/ }).click();
  await page.locator('.chart .state.lit').first().waitFor();
  await page.getByRole('button', { name: 'What it remembers' }).click();
  await page.locator('.machines pre', { hasText: '"peer": "Bob"' }).waitFor();

  await page.keyboard.press('Escape');
  await page.getByRole('complementary').waitFor({ state: 'detached' });
  await page.waitForTimeout(QUIET_MS);
  told.length = 0;
  await page.waitForTimeout(QUIET_MS);
  t.deepEqual(told, []);
});

inChromium('a page that is loaded anew, or another tab, shows it again', async (t) => {
  const calls = await Calls.open(t);
  const [ada] = await calls.join('Ada', 'Bob');
  if (ada === undefined) return t.fail();
  const { page } = ada.tab;
  const bob = page.getByRole('button', { name: /^Bob, .* own, / });
  for (let time = 0; time < 2; time++) {
    await page.getByRole('button', { name: /^picture of the room/i }).click();
    await bob.waitFor();
    await page.reload();
  }
  await page.getByRole('button', { name: /^picture of the room/i }).waitFor();
  t.is(await bob.count(), 0);
});
