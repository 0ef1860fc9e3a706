/** Before the call: joining with and without devices, and what keeps a device from working. */
import { inBrowser } from './browser-test.ts';
import { until } from './call-test.ts';
import { openMediaEnd } from './media-end.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const test = inBrowser();

test('joins with camera and microphone, and offers what it sends and receives', async (t, open) => {
  const { page, peer, join } = await open();
  await page.locator('.preview video.is-there').waitFor();
  await join();
  t.deepEqual(await peer.said('hello'), { type: 'hello', takeOver: false });
  t.deepEqual(await peer.said('join'), { type: 'join', name: 'Ada', room: 'garden' });
  const { sdp, tracks } = await peer.said('offer');
  t.deepEqual(tracks, [
    {
      mid: '0',
      stream: 'camera',
      layers: [
        { rid: 's', maxHeight: 180 },
        { rid: 'l', maxHeight: 720 },
      ],
    },
    { mid: '1', stream: 'voice', layers: [] },
  ]);
  const lines = sdp.split('m=').slice(1);
  t.deepEqual(
    lines.map((line) => [line.slice(0, 5), /a=(sendonly|recvonly|inactive)/.exec(line)?.[1]]),
    [
      ['video', 'sendonly'],
      ['audio', 'sendonly'],
      ...Array.from({ length: 3 }, () => [
        ['video', 'recvonly'],
        ['audio', 'recvonly'],
      ]).flat(),
    ],
  );
  t.regex(lines[0] ?? '', /a=simulcast:send s;l/);
  t.false(/a=rtpmap:\d+ (?:rtx|red|ulpfec|VP9|AV1|CN|G722)/.test(sdp), 'only codecs that the peer carries');
});

test('a name that is missing and a room that cannot be are said beside their fields', async (t, open) => {
  const { page, peer } = await open();
  await page.getByLabel('Room').fill('two words');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('Say who you are').waitFor();
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('1 to 32 letters').waitFor();
  t.is(await page.getByLabel('Room').getAttribute('aria-invalid'), 'true');
  t.false(peer.heard.some(({ type }) => type === 'join'));
});

test('what the peer finds wrong is said beside its field, and the form stays as it was', async (t, open) => {
  const { page, peer } = await open({
    refuses: { type: 'error', code: 'join.name', text: 'Somebody has that name.', field: 'name' },
  });
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join' }).click();
  await peer.said('join');
  await page.getByRole('alert').getByText('Somebody has that name.').waitFor();
  t.is(await page.getByLabel('Your name').inputValue(), 'Ada');
});

test('a device that was turned off before the call is not held, and not sent', async (t, open, browser) => {
  const media = await openMediaEnd(browser, { pictures: 0 });
  const { page, peer, join } = await open({ media });
  await page.locator('.preview video.is-there').waitFor();
  await page.getByRole('button', { name: 'Camera off' }).click();
  await page.getByText('Camera is off').waitFor();
  await page.getByText('You join without camera').waitFor();
  await join();
  t.deepEqual(
    (await peer.said('offer')).tracks.map(({ stream }) => stream),
    ['voice'],
  );
  await page.getByRole('button', { name: 'Camera on' }).click();
  const { tracks } = await peer.said('send');
  t.deepEqual(
    tracks.map(({ stream }) => stream),
    ['camera', 'voice'],
  );
  t.is(peer.heard.filter(({ type }) => type === 'offer').length, 1, 'a track that comes needs no offer');
  await media.close();
});

test('the devices, the name and the language that were chosen are there again', async (t, open) => {
  const { page, peer } = await open();
  await page.locator('.preview video.is-there').waitFor();
  await page.getByLabel('Camera', { exact: true }).selectOption({ index: 1 });
  await page.getByLabel('Language').selectOption('de');
  await page.getByLabel('Dein Name').fill('Ada');
  await page.getByRole('button', { name: 'Beitreten' }).click();
  await peer.said('join');
  await page.reload();
  await page.getByRole('region', { name: 'Steuerung des Gesprächs' }).waitFor();
  await page.getByRole('button', { name: 'Verlassen' }).click();
  t.is(await page.getByLabel('Kamera', { exact: true }).locator('option:checked').textContent(), 'fake_device_1');
  t.is(await page.getByLabel('Dein Name').inputValue(), 'Ada');
});

test('a camera that is unplugged says so, and another can be used', async (t, open) => {
  const { page } = await open();
  const video = page.locator('.preview video.is-there');
  await video.waitFor();
  await video.evaluate((element) => {
    const [track] = ((element as HTMLVideoElement).srcObject as MediaStream).getVideoTracks();
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
  });
  await page.getByText(/was unplugged/).waitFor();
  await page.getByRole('button', { name: 'Use another' }).click();
  await video.waitFor();
  t.is(await page.getByText(/was unplugged/).count(), 0);
});

/** Runs in the page before it: microphones of these names, of which some can be taken away, and what was asked for last. */
const MICROPHONES = `
  window.plugged = ['headset', 'desk'];
  window.microphone = null;
  const devices = navigator.mediaDevices;
  const get = devices.getUserMedia.bind(devices);
  devices.enumerateDevices = async () => window.plugged.map((deviceId) => ({ kind: 'audioinput', deviceId, label: deviceId }));
  devices.getUserMedia = async ({ audio, video }) => {
    const wanted = audio?.deviceId?.exact ?? window.plugged[0];
    if (audio && !window.plugged.includes(wanted)) throw new DOMException('', 'OverconstrainedError');
    const stream = await get({ audio: Boolean(audio), video: Boolean(video) });
    const [track] = stream.getAudioTracks();
    if (track === undefined) return stream;
    Object.defineProperty(track, 'label', { value: wanted });
    Object.defineProperty(track, 'muted', { get: () => window.isSilenced ?? false });
    track.getSettings = () => ({ deviceId: wanted });
    window.microphone = track;
    return stream;
  };
  window.plug = (...ids) => {
    const before = window.plugged;
    window.plugged = ids;
    if (window.microphone !== null && before.includes(window.microphone.label) && !ids.includes(window.microphone.label)) {
      window.microphone.stop();
      window.microphone.dispatchEvent(new Event('ended'));
    }
    devices.dispatchEvent(new Event('devicechange'));
  };
  window.silence = (on) => {
    window.isSilenced = on;
    window.microphone.dispatchEvent(new Event(on ? 'mute' : 'unmute'));
  };`;

test('for a microphone that is unplugged another stands in, until it is back', async (t, open) => {
  const { page } = await open({ script: MICROPHONES });
  const used = page.getByLabel('Microphone', { exact: true }).locator('option:checked');
  await page.locator('.preview video.is-there').waitFor();
  await page.evaluate('plug("desk")');
  await page.getByText('headset was unplugged').waitFor();
  await page.getByText('desk is in use').waitFor();
  t.is(await used.textContent(), 'desk');
  await page.evaluate('plug("desk", "headset")');
  await page.getByText('headset was unplugged').waitFor({ state: 'detached' });
  t.is(await used.textContent(), 'headset');
  await page.evaluate('plug()');
  await page.getByText('headset was unplugged').waitFor();
  t.is(await page.getByText('is in use').count(), 0, 'there is no other');
  await page.evaluate('plug("headset")');
  await page.getByText('was unplugged').waitFor({ state: 'detached' });
});

test('a microphone of which the system gives nothing says so, and goes on when it does', async (t, open) => {
  const { page, peer, join } = await open({ script: MICROPHONES });
  await join();
  await peer.said('mute', ({ stream, muted }) => stream === 'voice' && !muted);
  await page.evaluate('silence(true)');
  await page.getByText('headset gives nothing').waitFor();
  await peer.said('mute', ({ stream, muted }) => stream === 'voice' && muted);
  await page.evaluate('silence(false)');
  await page.getByText('headset gives nothing').waitFor({ state: 'detached' });
  await peer.said('mute', ({ stream, muted }) => stream === 'voice' && !muted);
  t.pass();
});

test('the peer is called while the script is still being read, and once', async (t, _, browser) => {
  await using peer = await ScriptedPeer.open();
  const page = await browser.newPage();
  t.teardown(() => page.close());
  await page.route('**/page.js*', async (route) => {
    await until(() => peer.visits > 0);
    await route.continue();
  });
  await page.goto(peer.url);
  await page.getByLabel('Your name').waitFor();
  t.is(peer.visits, 1);
  await page.reload();
  await page.getByLabel('Your name').waitFor();
  t.is(peer.visits, 2);
});
