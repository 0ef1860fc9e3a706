/** A machine without microphone and camera. */
import { inBrowser } from './browser-test.ts';

const test = inBrowser({ fakeDevices: false });

test('devices that are not there say so, and one joins all the same', async (t, open) => {
  const { page, peer, join } = await open();
  await page.getByText('Microphone: none found').waitFor();
  await page.getByText('Camera: none found').waitFor();
  await join();
  t.deepEqual((await peer.said('offer')).tracks, []);
});
