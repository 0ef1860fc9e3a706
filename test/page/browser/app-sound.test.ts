/** Sound: a browser that holds it back until a click, who speaks, and speaking while muted. */
import { inBrowser } from './browser-test.ts';
import { openMediaEnd } from './media-end.ts';
import { person } from './scripted-peer.ts';

const test = inBrowser();

/**
 * As the autoplay policy has it, which a browser without a window does not keep. What counts is a click: whoever looks into a page by
 * the browser's protocol, as these tests do, passes for a person who has used it (`navigator.userActivation`).
 */
const HOLD_BACK = `
  const play = HTMLMediaElement.prototype.play;
  let hasClicked = false;
  addEventListener('pointerdown', () => { hasClicked = true; }, true);
  HTMLMediaElement.prototype.play = function () {
    return this.muted || hasClicked
      ? play.call(this)
      : Promise.reject(new DOMException('not yet', 'NotAllowedError'));
  };`;

test('sound that the browser holds back starts with a click', async (t, open, browser) => {
  const media = await openMediaEnd(browser, { pictures: 0, voices: 1 });
  // A reload in the call: nobody has clicked here.
  const { page } = await open({ members: [person('bo', 'Bo')], state: 'call', media, script: HOLD_BACK });
  await page.getByRole('button', { name: 'Let me hear' }).click();
  await page.getByText('holds the sound back').waitFor({ state: 'detached' });
  await page.locator('[data-tile="bo/"] .is-speaking').waitFor();
  t.is(await page.getByRole('button', { name: 'Let me hear' }).count(), 0);
  await media.close();
});

test('who speaks while muted is told', async (t, open) => {
  // The fake microphone beeps once a second: a tone is put in its place.
  const tone = `
    const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await get(wanted);
      const context = new AudioContext();
      const out = context.createMediaStreamDestination();
      const source = new OscillatorNode(context);
      source.connect(out);
      source.start();
      return new MediaStream([...stream.getVideoTracks(), ...out.stream.getAudioTracks()]);
    };`;
  const { page, join } = await open({ members: [person('bo', 'Bo')], script: tone });
  await join();
  await page.locator('.is-own.is-speaking').waitFor();
  await page.keyboard.press('m');
  await page.getByText('You are muted.').waitFor();
  await page.keyboard.press('m');
  await page.getByText('You are muted.').waitFor({ state: 'detached' });
  t.pass();
});
