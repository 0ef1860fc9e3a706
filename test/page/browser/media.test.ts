/** What media of pages comes to in a real browser, and in real programs. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { spawnTethered } from '../../../infra/process/tethered.ts';
import { findExecutable } from '../../../infra/setup/executable.ts';
import { inChromium, until } from './call-test.ts';
import { Calls } from './calls.ts';
import { decodedBy, freePort, outputOf, Player } from './programs.ts';
import type { Tab } from './tab.ts';

/** Reports come about once a second, spread by a fifth; and this machine may be busy. In ms. */
const MOST_REPORT_MS = 3000;

const GSTREAMER = 'gst-launch-1.0';
const hasGstreamer = (await findExecutable(GSTREAMER, process.env)) !== undefined;
if (!hasGstreamer)
  console.log('left out: there is no GStreamer (Debian: gstreamer1.0-tools, gstreamer1.0-plugins-good and -base)');
const withGstreamer = hasGstreamer ? inChromium : test.skip;

/** What a slot has been told of its sender's clock. */
interface Told {
  readonly kind: string;
  readonly reports: number;
  /** The newest moment that it was told, against this machine's clock, in ms. */
  readonly agoMs: number;
}

async function clocksOf(tab: Tab): Promise<Told[]> {
  return tab.page.evaluate(async () => {
    const { keptConnections } = window as unknown as { keptConnections: RTCPeerConnection[] };
    const stats = await keptConnections.at(-1)?.getStats();
    const told = [...(stats?.values() ?? [])].filter(({ type }) => type === 'remote-outbound-rtp');
    return told.map(({ kind, reportsSent: reports, remoteTimestamp: atMs }) => {
      return { kind, reports, agoMs: Date.now() - atMs };
    });
  });
}

/** The codec of each m-line of this direction that has sent or received pictures. */
async function codecs(tab: Tab, type: 'inbound-rtp' | 'outbound-rtp'): Promise<string[]> {
  return tab.page.evaluate(async (wanted) => {
    const { keptConnections } = window as unknown as { keptConnections: RTCPeerConnection[] };
    const stats = await keptConnections.at(-1)?.getStats();
    const all = [...(stats?.values() ?? [])].filter((each) => each.type === wanted && each.kind === 'video');
    return all.flatMap(({ codecId }) => stats?.get(codecId)?.mimeType ?? []);
  }, type);
}

inChromium(
  'a page is told the clock of sound and picture each second, also of a page that is loaded anew',
  async (t) => {
    const calls = await Calls.open(t);
    const [ada, bob] = await calls.join('Ada', 'Bob');
    if (ada === undefined || bob === undefined) return t.fail();
    await Promise.all([ada, bob].map(({ tab }) => tab.hears('video', 1)));
    const toldFiveTimes = async () => {
      const before = new Map((await clocksOf(ada.tab)).map(({ kind, reports }) => [kind, reports]));
      const beganMs = performance.now();
      await until(async () => {
        const told = await clocksOf(ada.tab);
        return ['video', 'audio'].every((kind) =>
          told.some((each) => each.kind === kind && each.reports >= (before.get(kind) ?? 0) + 5),
        );
      });
      t.true(performance.now() - beganMs < 5 * MOST_REPORT_MS);
      // Sound and pictures by one clock, which is this machine's.
      for (const { agoMs } of await clocksOf(ada.tab)) t.true(Math.abs(agoMs) < MOST_REPORT_MS, `${agoMs} ms`);
    };
    await toldFiveTimes();
    await bob.tab.page.reload();
    await bob.tab.hears('video', 1);
    await toldFiveTimes();
  },
);

inChromium('a camera that nobody shows rests, and comes back at the rate of the plan', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await calls.join('Ada', 'Bob');
  if (ada === undefined || bob === undefined) return t.fail();
  await ada.tab.hears('video', 1);
  const layers = async () => (await bob.tab.sent()).filter(({ rid }) => rid !== '');
  const encoded = async () => (await layers()).reduce((sum, { frames }) => sum + frames, 0);
  const saver = ada.tab.page.getByRole('button', { name: 'Voices only' });
  await saver.first().click();
  await until(async () => {
    const before = await encoded();
    await delay(500);
    return (await encoded()) === before;
  });
  const before = await encoded();
  const beganMs = performance.now();
  await saver.first().click();
  await until(async () => (await encoded()) > before);
  t.log(`encodes again after ${Math.round(performance.now() - beganMs)} ms`);
  // Of 1.5 Mbit/s what RTP headers leave.
  await until(async () => (await layers()).some(({ targetBps, frames }) => frames > 0 && targetBps > 1_200_000));
  t.true((await ada.tab.hears('video', 1)).length > 0);
  t.log(`at its rate after ${Math.round(performance.now() - beganMs)} ms`);
});

inChromium('a camera of H.264: from page to page, and to programs that open an SDP file', async (t) => {
  const calls = await Calls.open(t);
  const player = await Player.joins(calls);
  const [ada, bob] = await Promise.all([calls.start('--pictures', 'H264'), calls.start()]);
  await ada.tab.join('Ada');
  await bob.tab.join('Bob');
  await Promise.all([ada.tab.hears('video', 1), bob.tab.hears('video', 1)]);
  t.true((await codecs(bob.tab, 'inbound-rtp')).includes('video/H264'));
  t.true((await codecs(ada.tab, 'outbound-rtp')).every((codec) => codec === 'video/H264'));
  t.true((await codecs(ada.tab, 'inbound-rtp')).includes('video/VP8'));
  const decoded = await decodedBy(await player.fileOf('Ada', 'H264'));
  t.regex(decoded, /frame=20\n/);
});

inChromium('H.264 of ffmpeg is seen in a page', async (t) => {
  const calls = await Calls.open(t);
  const port = await freePort();
  await calls.peer('cam', '--source', `rtp:${port},codec=H264/90000,bitrate=500k`);
  const ffmpeg = spawnTethered('ffmpeg', [
    ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=15', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-b:v', '400k'],
    ...['-g', '30', '-f', 'rtp', `rtp://127.0.0.1:${port}`],
  ]);
  t.teardown(() => ffmpeg.stop());
  const [ada] = await calls.join('Ada');
  if (ada === undefined) return t.fail();
  const [slot] = await ada.tab.hears('video', 1);
  t.is(slot?.width, 320);
  t.deepEqual(await codecs(ada.tab, 'inbound-rtp'), ['video/H264']);
});

withGstreamer("a page's camera and voice are played by GStreamer", async (t) => {
  const calls = await Calls.open(t);
  const player = await Player.joins(calls);
  const [ada] = await calls.join('Ada');
  if (ada === undefined) return t.fail();
  const sdp = await readFile(await player.fileOf('Ada', 'opus'), 'utf8');
  const portOf = (media: string) => new RegExp(`^m=${media} (\\d+)`, 'm').exec(sdp)?.[1];
  const played = (media: string, caps: string, depay: string, decode: string) =>
    outputOf(GSTREAMER, [
      ...['-v', 'udpsrc', `port=${portOf(media)}`, `caps=application/x-rtp,media=${media},${caps}`, '!'],
      ...['rtpjitterbuffer', '!', depay, '!', decode, '!', 'identity', 'eos-after=20', '!', 'fakesink'],
    ]);
  const payloadType = (name: string) => new RegExp(`^a=rtpmap:(\\d+) ${name}`, 'm').exec(sdp)?.[1];
  const [video, audio] = await Promise.all([
    played('video', `clock-rate=90000,encoding-name=VP8,payload=${payloadType('VP8')}`, 'rtpvp8depay', 'vp8dec'),
    played('audio', `clock-rate=48000,encoding-name=OPUS,payload=${payloadType('opus')}`, 'rtpopusdepay', 'opusdec'),
  ]);
  t.regex(video, /video\/x-raw.*width/);
  t.regex(audio, /audio\/x-raw/);
  for (const told of [video, audio]) t.regex(told, /Got EOS/);
});
