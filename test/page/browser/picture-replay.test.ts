/** A recording in Chromium: it is played, stopped, and gone through. */
import test from 'ava';
import type { Heard } from '../../../actors/room-picture/heard.ts';
import { Recording } from '../../../actors/watch/recording.ts';
import { ReplayedRoom } from '../../../actors/watch/replayed.ts';
import { busMessage } from '../../scenarios/telling/messages.ts';
import { CHROMIUM, LEFT_OUT, openChromium } from './chromium.ts';

if (CHROMIUM === undefined) console.log(LEFT_OUT);
const browserTest = CHROMIUM === undefined ? test.skip : test;

const BEGIN = Date.UTC(2030, 0, 1, 12);
const said = (afterMs: number, ...message: Parameters<typeof busMessage>): Heard => {
  const { to, message: body } = busMessage(...message);
  return { type: 'message', atMs: BEGIN + afterMs, to, message: body };
};
const moved = (afterMs: number, from: string[], to: string[]): Heard => ({
  ...{ type: 'transition', atMs: BEGIN + afterMs, from: 'A' },
  transition: { atMs: 1, machine: 'peer', chart: 'peer', event: 'start', from, to },
});
/** B comes after A, and A goes; each says something now and then, so that nobody is lost. */
const HEARD: readonly Heard[] = [
  said(0, 'A', 'all', 'profile'),
  moved(100, [], ['joined']),
  said(2000, 'B', 'all', 'profile'),
  said(3000, 'A', 'all', 'beat'),
  said(4000, 'A', 'all', 'bye'),
  ...[5000, 7000, 9000].map((afterMs) => said(afterMs, 'B', 'all', 'beat')),
  said(10_000, 'C', 'all', 'profile'),
];

browserTest('a recording stands at its begin, is played to its end, and gone through by keys and clicks', async (t) => {
  const browser = await openChromium();
  t.teardown(() => browser.close());
  const head = { recording: 'rpr.v2', room: 'hall', atMs: BEGIN } as const;
  const replayed = await ReplayedRoom.open(new Recording(head, HEARD, 0), { port: 0 });
  t.teardown(() => replayed.close());
  const page = await browser.newPage({ locale: 'en-GB' });
  await page.goto(replayed.url);
  const peers = (names: string) =>
    page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('.peer-table .person .name')].map((name) => name.textContent).join('') === wanted,
      names,
    );
  await peers('A');
  const slider = page.getByRole('slider', { name: 'Moment' });
  await slider.press('End');
  await peers('BC');
  await slider.press('Home');
  await peers('A');

  await page.getByRole('tab', { name: 'Messages' }).click();
  await page.getByRole('button', { name: /B joined/ }).click();
  await peers('AB');
  t.is(await page.locator('.said').count(), 2);
  t.is(await page.locator('.events .later').count(), 2);
  await page.getByRole('tab', { name: 'Charts' }).click();
  await page.locator('.chart .state.lit', { hasText: 'joined' }).waitFor();
  await page.getByRole('button', { name: 'What it remembers' }).click();
  await page.getByText('this is a recording').waitFor();

  await page.getByLabel('Speed').selectOption('32');
  await page.getByRole('button', { name: 'Play' }).click();
  await peers('BC');
  await page.getByRole('button', { name: 'Play' }).waitFor();
  t.is(await slider.inputValue(), `${BEGIN + 10_000}`);
  await page.getByLabel('Speed').selectOption('0.25');
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  t.true(Number(await slider.inputValue()) < BEGIN + 10_000);
});
