/** Devices that the person does not allow. */
import { inBrowser } from './browser-test.ts';

const test = inBrowser({ allowDevices: false });

test('devices that are not allowed say what to do, and one joins all the same', async (t, open) => {
  const { page, peer, join } = await open({ refuseDevices: true });
  await page.getByText('Microphone: not allowed').waitFor();
  await page.getByText('Camera: not allowed').waitFor();
  await page.getByText('You join without microphone and camera').waitFor();
  await join();
  t.deepEqual((await peer.said('offer')).tracks, []);
  t.is(
    await page
      .getByRole('region', { name: 'Controls of the call' })
      .getByRole('button', { name: /Unmute/ })
      .count(),
    1,
  );
});

test('a device that is allowed later goes on by itself', async (t, open) => {
  const { page } = await open({ refuseDevices: true });
  await page.getByText('Camera: not allowed').waitFor();
  await page.context().grantPermissions(['camera', 'microphone']);
  await page.locator('.preview video.is-there').waitFor();
  t.is(await page.getByText('not allowed').count(), 0);
});
