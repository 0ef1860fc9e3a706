/** The call: who is there, what one can do, and what happens when the peer or another tab comes in between. */
import { inBrowser, type OpenPage, type PageOptions } from './browser-test.ts';
import { openMediaEnd } from './media-end.ts';
import { person } from './scripted-peer.ts';

const test = inBrowser();

const BO = { ...person('bo', 'Bo'), heardBy: ['chen'] };
const CHEN = { ...person('chen', 'Chen', { via: ['bo'], loss: 0.06 }), forgedBy: ['bo'] };

test('others appear with their ways in words, and their pictures move', async (t, open, browser) => {
  const media = await openMediaEnd(browser);
  const { page, peer, join } = await open({ members: [BO, CHEN], media });
  await join();
  await page.locator('.stage-item:not(:has(.is-own)) video.is-there').nth(1).waitFor();
  const badge = (tile: string) => page.locator(`[data-tile="${tile}"] .badge span`).allTextContents();
  t.deepEqual(await badge('bo/'), ['direct', 'in the clear for Chen', '640 kbit/s']);
  t.deepEqual(await badge('chen/'), ['via Bo', 'encrypted', '640 kbit/s', 'forged packets via Bo, 6% lost']);
  const { slots } = await peer.said('show', (message) => message.slots.length === 4);
  t.deepEqual(
    slots.map(({ peer: id, stream }) => `${id} ${stream}`),
    ['bo voice', 'bo camera', 'chen voice', 'chen camera'],
  );
  await media.close();
});

test('the encoder follows the rate that the peer gives, layer by layer', async (t, open, browser) => {
  const media = await openMediaEnd(browser, { pictures: 0 });
  const { page, peer, join } = await open({ members: [BO], media });
  await page.evaluate(() => {
    const set = RTCRtpSender.prototype.setParameters;
    const seen: unknown[] = [];
    Object.assign(globalThis, { seen });
    RTCRtpSender.prototype.setParameters = function (parameters) {
      seen.push(parameters.encodings.map(({ rid, active, maxBitrate }) => [rid, active, maxBitrate]));
      return set.call(this, parameters);
    };
  });
  await join();
  await peer.said('offer');
  peer.send({ type: 'rate', mid: '0', rid: 'l', maxBps: 450_000 });
  peer.send({ type: 'rate', mid: '0', rid: 's', maxBps: 0 });
  await page.waitForFunction(() => (globalThis as unknown as { seen: unknown[] }).seen.length === 2);
  t.deepEqual(await page.evaluate(() => (globalThis as unknown as { seen: unknown[] }).seen[1]), [
    ['s', false, 100_000],
    ['l', true, 450_000],
  ]);
  await media.close();
});

test('too much said of the uplink is told once for each figure, and the settings tell what it carries', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  const line = (overratedBps: number | null) => {
    peer.self = { ...peer.self, line: { bps: 4.9e6, limit: 'line', overratedBps } };
    peer.tell();
  };
  const notice = page.getByText('Your uplink carries 4.9 Mbit/s, not 20 Mbit/s.');
  line(20e6);
  await notice.waitFor();
  await page.locator('.notice', { has: notice }).getByRole('button', { name: 'Close' }).click();
  line(20e6);
  await page.getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('complementary', { name: 'Settings' });
  await settings.getByText('It carries 4.9 Mbit/s.').waitFor();
  await settings.getByText('You send 3.1 Mbit/s; 1.2 Mbit/s is promised to others.').waitFor();
  await settings.getByText('All that it carries can be used.').waitFor();
  t.is(await notice.count(), 0);
});

test('keys: M mutes, V is the camera, space is heard while it is held, C opens the chat', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  const tools = page.getByRole('region', { name: 'Controls of the call' });
  await tools.getByRole('button', { name: 'Mute' }).waitFor();
  peer.forget();
  await page.keyboard.press('m');
  await peer.said('mute', ({ stream, muted }) => stream === 'voice' && muted);
  await page.keyboard.down(' ');
  await page.getByText('You are heard while you hold space').waitFor();
  await peer.said('mute', ({ stream, muted }) => stream === 'voice' && !muted);
  peer.forget();
  await page.keyboard.up(' ');
  await peer.said('mute', ({ stream, muted }) => stream === 'voice' && muted);
  await page.keyboard.press('v');
  await peer.said('mute', ({ stream, muted }) => stream === 'camera' && muted);
  await page.keyboard.press('c');
  peer.forget();
  await page.keyboard.type('m v s and space');
  await page.keyboard.press('Enter');
  t.deepEqual(await peer.said('chat'), { type: 'chat', text: 'm v s and space' });
  t.false(peer.heard.some(({ type }) => type === 'mute'));
  await page.keyboard.press('Escape');
  t.is(await page.getByRole('complementary').count(), 0);
});

test('a new line of the chat shows itself to who reads the end, and leaves who reads older ones alone', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  await page.keyboard.press('c');
  const said = (text: string, mine = false) =>
    peer.send({ type: 'chat', from: 'bo', name: 'Bo', text, at: Date.now(), mine });
  for (let line = 1; line <= 40; line++) said(`line ${line}`);
  await page.getByText('line 40').waitFor();
  const list = page.getByRole('list', { name: 'Chat' });
  const fromEnd = () => list.evaluate((each) => each.scrollHeight - each.scrollTop - each.clientHeight);
  t.true((await fromEnd()) < 5, 'the newest line is in sight');
  await list.evaluate((each) => each.scrollTo({ top: 100 }));
  await page.evaluate(() => new Promise(requestAnimationFrame));
  said('one more');
  await page.getByText('one more').waitFor();
  t.is(await list.evaluate((each) => each.scrollTop), 100);
  said('of my own', true);
  await page.getByText('of my own').waitFor();
  t.true((await fromEnd()) < 5, 'what one has said oneself is seen');
});

test('space after a click on a button is for talking, not for the button', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  await page.getByRole('region', { name: 'Controls of the call' }).getByRole('button', { name: 'Mute' }).click();
  await page.getByRole('region', { name: 'Controls of the call' }).getByRole('button', { name: 'Unmute' }).waitFor();
  await page.keyboard.down(' ');
  await page.getByText('You are heard while you hold space').waitFor();
  await page.evaluate(() => dispatchEvent(new Event('blur')));
  await page.getByText('You are heard while you hold space').waitFor({ state: 'detached' });
  t.true(await peer.said('mute', ({ muted }) => muted).then(() => true));
});

test('a reload comes back into the call, as muted and without camera as before', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  const tools = page.getByRole('region', { name: 'Controls of the call' });
  await tools.getByRole('button', { name: 'Mute' }).click();
  await tools.getByRole('button', { name: 'Camera off' }).click();
  await tools.getByRole('button', { name: 'Camera on' }).waitFor();
  peer.forget();
  await page.reload();
  await tools.getByRole('button', { name: 'Unmute' }).waitFor();
  const { tracks } = await peer.said('offer');
  t.false(tracks.some(({ stream }) => stream === 'camera'));
  await page.locator('[data-tile="bo/"]').waitFor();
});

/** Loaded anew, the page is given no device until `allow()`; then what this gives. */
const SLOW_DEVICES = (answer: string) => `
  const devices = navigator.mediaDevices;
  const get = devices.getUserMedia.bind(devices);
  window.allow = () => undefined;
  const allowed = new Promise((resolve) => { window.allow = resolve; });
  if (sessionStorage.getItem('again') !== null) {
    devices.getUserMedia = async (wanted) => {
      await allowed;
      return ${answer};
    };
  }
  sessionStorage.setItem('again', 'yes');`;

/** @returns what the page offers to send before it has its devices, which it is given then */
async function reloadedWithSlowDevices(open: (options: PageOptions) => Promise<OpenPage>, answer: string) {
  const { page, peer, join } = await open({ members: [BO], script: SLOW_DEVICES(answer) });
  await page.locator('.preview video.is-there').waitFor();
  await join();
  await peer.said('offer');
  peer.forget();
  await page.reload();
  const { tracks } = await peer.said('offer');
  await page.evaluate('allow()');
  return { peer, first: tracks.map(({ stream }) => stream) };
}

test('while a page is loaded anew its camera stays in the room, though the browser gives it late', async (t, open) => {
  const { peer, first } = await reloadedWithSlowDevices(open, 'get(wanted)');
  t.deepEqual(first, ['camera', 'voice']);
  await peer.said('mute', ({ stream, muted }) => stream === 'camera' && !muted);
  const words = peer.heard.flatMap((message) => (message.type === 'mute' && message.muted ? [message.stream] : []));
  t.deepEqual(words, [], 'nobody is told that it has gone');
  t.is(peer.heard.filter(({ type }) => type === 'offer' || type === 'send').length, 1);
});

test('a page that is loaded anew and gets no devices any more says so', async (t, open) => {
  const refused = `Promise.reject(new DOMException('', 'NotReadableError'))`;
  const { peer, first } = await reloadedWithSlowDevices(open, refused);
  t.deepEqual(first, ['camera', 'voice']);
  await peer.said('mute', ({ stream, muted }) => stream === 'camera' && muted);
  await peer.said('mute', ({ stream, muted }) => stream === 'voice' && muted);
});

test('a page that is loaded anew asks for pictures with its first word: without, who sends them would stop', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  await peer.said('show', ({ slots }) => slots.some(({ stream }) => stream === 'camera'));
  peer.forget();
  await page.reload();
  await peer.said('show');
  const [first] = peer.heard.flatMap((message) => (message.type === 'show' ? [message] : []));
  t.deepEqual(
    first?.slots.map(({ stream }) => stream),
    ['voice', 'camera'],
  );
});

test('a peer that is gone is said, called again, and joined again where it knows nothing of the call', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  await page.locator('[data-tile="bo/"]').waitFor();
  peer.state = 'lobby';
  peer.forget();
  peer.isDeaf = true;
  peer.drop();
  await page.getByText('Your peer does not answer').waitFor();
  t.is(await page.locator('[data-tile="bo/"]').count(), 1, 'the call stays in sight');
  peer.isDeaf = false;
  t.like(await peer.said('join'), { name: 'Ada', room: 'garden' });
  await page.getByText('Your peer does not answer').waitFor({ state: 'detached' });
  t.like(await peer.said('hello'), { takeOver: true });
  await peer.said('offer');
});

test('another tab has the call: this one asks, takes it over, and lets go when it is taken back', async (t, open) => {
  const { page, peer } = await open({ members: [BO], state: 'call', occupied: true });
  await page.getByRole('button', { name: 'Use it here' }).click();
  await peer.said('hello', ({ takeOver }) => takeOver);
  await page.locator('[data-tile="bo/"]').waitFor();
  peer.send({ type: 'ended', code: 'taken-over', text: '' });
  await page.getByText('went on in another tab').waitFor();
  peer.forget();
  await page.getByRole('button', { name: 'Take it back here' }).click();
  t.like(await peer.said('hello'), { takeOver: true });
});

test('leaving leads back to the join screen; an end that was not asked for says why', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  await page.getByRole('button', { name: 'Leave' }).click();
  await peer.said('leave');
  await page.getByRole('button', { name: 'Join' }).waitFor();
  t.is(await page.getByRole('alert').count(), 0);
  await join();
  peer.state = 'lobby';
  peer.send({ type: 'ended', code: 'refused', text: 'The room is full.' });
  await page.getByRole('alert').getByText('The room did not let you in').waitFor();
  await page.getByText('The room is full.').waitFor();
});

test('what is paused, saved, out of sight or in a hidden tab is not received', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO, CHEN] });
  await join();
  const videos = (count: number) =>
    peer.said('show', ({ slots }) => slots.filter(({ stream }) => stream === 'camera').length === count);
  await videos(2);
  peer.forget();
  await page.getByRole('button', { name: 'Pause video of Bo' }).click();
  const { slots } = await videos(1);
  t.deepEqual(
    slots.flatMap(({ peer: id, stream }) => (stream === 'voice' ? [id] : [])),
    ['bo', 'chen'],
  );
  peer.forget();
  await page.getByRole('button', { name: 'Voices only' }).click();
  await peer.said('saver', ({ on }) => on);
  await videos(0);
  peer.forget();
  await page.getByRole('button', { name: 'Show video', exact: true }).click();
  await videos(1);
  peer.forget();
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await videos(0);
  t.pass();
});

test('a screen is large and the speaker beside it; pinning comes before it', async (t, open) => {
  const sharing = { ...BO, streams: [...BO.streams, { stream: 'screen', media: 'video' as const, bps: 900_000 }] };
  const { page, peer, join } = await open({ members: [BO, CHEN] });
  await join();
  await page.locator('[data-tile="chen/"]').waitFor();
  t.is(await page.locator('.is-large').count(), 0);
  peer.members = [sharing, CHEN];
  peer.tell();
  await page.locator('.is-large[data-tile="bo/screen"]').waitFor();
  await page.getByRole('button', { name: 'Pin Chen' }).click();
  await page.locator('.is-large[data-tile="chen/"]').waitFor();
  await page.getByRole('button', { name: 'Unpin Chen' }).click();
  await page.locator('.is-large[data-tile="bo/screen"]').waitFor();
  peer.members = [BO, CHEN];
  peer.tell();
  await page.locator('.is-large').waitFor({ state: 'detached' });
});

test('names, chats and reasons of others are text, whatever is in them', async (t, open) => {
  const evil = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>{name}';
  const { page, peer, join } = await open({ members: [{ ...BO, name: evil, pair: 'none', reason: evil }] });
  await join();
  peer.send({ type: 'chat', from: 'bo', name: evil, text: evil, at: 1, mine: false });
  peer.send({ type: 'error', code: 'constructor', text: evil });
  await page.keyboard.press('c');
  await page.locator('.chat-text').waitFor();
  t.is(await page.locator('.chat-text').textContent(), evil);
  t.is(await page.evaluate(() => (globalThis as { hacked?: number }).hacked), undefined);
  t.is(await page.locator('.call img, .call script').count(), 0);
});

test('nonsense from the peer changes nothing', async (t, open) => {
  const { page, peer, join } = await open({ members: [BO] });
  await join();
  await page.locator('[data-tile="bo/"]').waitFor();
  for (const message of [
    null,
    7,
    [],
    {},
    { type: 'x' },
    { type: 'answer', sdp: 'v=0' },
    { type: 'rate', mid: '99', maxBps: 1 },
  ]) {
    peer.send(message);
  }
  peer.members = [BO, CHEN];
  peer.tell();
  await page.locator('[data-tile="chen/"]').waitFor();
  t.pass();
});

test('the invitation is there to be copied', async (t, open) => {
  const { page, join } = await open({ members: [BO] });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write', 'camera', 'microphone']);
  await join();
  await page.getByRole('banner').getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  t.regex(await page.evaluate(() => navigator.clipboard.readText()), /^rpr call --join garden/);
});

test('a screen is told to the room while it is shared, on its own m-line', async (t, open, browser) => {
  const media = await openMediaEnd(browser, { pictures: 0 });
  const { page, peer, join } = await open({ members: [BO], media });
  await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    canvas.getContext('2d')?.fillRect(0, 0, 640, 360);
    navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(5);
  });
  await join();
  const isShared = ({ tracks }: { readonly tracks: readonly { readonly stream: string }[] }) =>
    tracks.some(({ stream }) => stream === 'screen');
  t.false(isShared(await peer.said('offer')));
  await page.keyboard.press('s');
  const { tracks } = await peer.said('offer', isShared);
  t.like(tracks.at(-1), { stream: 'screen', layers: [] });
  t.false(['0', '1'].includes(tracks.at(-1)?.mid ?? '0'));
  peer.forget();
  await page
    .getByRole('region', { name: 'Controls of the call' })
    .getByRole('button', { name: 'Stop sharing' })
    .click();
  t.false(isShared(await peer.said('send')));
  peer.forget();
  await page.keyboard.press('s');
  t.true(isShared(await peer.said('send', isShared)), 'the m-line is there by now');
  await media.close();
});
