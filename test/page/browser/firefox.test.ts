/** A call between a page in Firefox and one in Chromium. */
import test from 'ava';
import { until } from './call-test.ts';
import { Calls } from './calls.ts';
import { CHROMIUM, LEFT_OUT } from './chromium.ts';
import { FIREFOX, Firefox, NO_FIREFOX } from './firefox.ts';
import { KEEP_CONNECTIONS, STATISTICS } from './tab.ts';

if (FIREFOX === undefined) console.log(NO_FIREFOX);
if (CHROMIUM === undefined) console.log(LEFT_OUT);
const inBoth = FIREFOX === undefined || CHROMIUM === undefined ? test.skip : test.serial;

/** Runs in the page: says who is there. The page takes it in before it can be asked to join. */
const TYPE = `(async () => {
  const field = document.querySelector('input[name=name]');
  field.value = 'Fox';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise(requestAnimationFrame);
})()`;
const JOIN = `document.querySelector('form').requestSubmit()`;

interface Report {
  readonly type: string;
  readonly kind: string;
  readonly framesDecoded?: number;
  readonly totalAudioEnergy?: number;
}

/** So that a picture moves, and is no single key frame. */
const FRAMES = 20;

inBoth('a page in Firefox and one in Chromium see and hear each other', async (t) => {
  const calls = await Calls.open(t);
  const [call, ada] = await Promise.all([calls.call(), calls.start()]);
  const firefox = await Firefox.open(FIREFOX ?? '');
  t.teardown(() => firefox[Symbol.asyncDispose]());
  await firefox.prepare(KEEP_CONNECTIONS);
  await firefox.go(call.url);
  await until(() => firefox.evaluate<boolean>("document.querySelector('input[name=name]') !== null"));
  const beganMs = performance.now();
  await firefox.evaluate(TYPE);
  await firefox.evaluate(JOIN);
  await ada.tab.join('Ada');
  const received = async (fits: (report: Report) => boolean) =>
    (await firefox.evaluate<Report[]>(STATISTICS)).some((report) => report.type === 'inbound-rtp' && fits(report));
  await until(() => received(({ kind, framesDecoded = 0 }) => kind === 'video' && framesDecoded > FRAMES));
  await until(() => received(({ kind, totalAudioEnergy = 0 }) => kind === 'audio' && totalAudioEnergy > 0));
  await until(async () => (await ada.tab.hears('video', 1)).some(({ framesDecoded }) => framesDecoded > FRAMES));
  await ada.tab.hears('audio', 1);
  t.log(`${FRAMES} frames and sound both ways ${Math.round(performance.now() - beganMs)} ms after joining`);
  t.pass();
});
