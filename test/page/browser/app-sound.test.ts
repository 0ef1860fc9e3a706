/** Sound: a browser that holds it back until a click, who speaks, and speaking while muted. */
import { inBrowser } from './browser-test.ts';
import { openMediaEnd } from './media-end.ts';
import { person } from './scripted-peer.ts';

const test = inBrowser({ fakeDevices: false, allowSound: false });

test('sound that the browser holds back starts with a click', async (t, open, browser) => {
  const media = await openMediaEnd(browser, { pictures: 0, voices: 1 });
  // A reload in the call: nobody has clicked here.
  const { page } = await open({ members: [person('bo', 'Bo')], state: 'call', media });
  await page.getByRole('button', { name: 'Let me hear' }).click();
  await page.getByText('holds the sound back').waitFor({ state: 'detached' });
  await page.locator('.tile.is-speaking').waitFor();
  t.is(await page.locator('[data-tile="bo/"] .is-speaking').count(), 1);
  await media.close();
});
