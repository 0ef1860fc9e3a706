/** The whole way with real programs: ffmpeg encodes, our source takes it, our sink plays it, ffmpeg decodes. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { SourceFormat } from '../../actors/options/contract.ts';
import { openSink } from '../../actors/sink/open.ts';
import { openRtpSource } from '../../actors/source/rtp-source.ts';
import { startTestSource } from '../../actors/source/test-source.ts';
import { spawnTethered } from '../../infra/process/tethered.ts';
import { findExecutable } from '../../infra/setup/executable.ts';

const SSRC = 0x0102_0304;
const VP8: SourceFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96 };
const START = { ssrc: SSRC, format: VP8, firstSequence: 65_500, firstTimestamp: 0xffff_0000 };

const ffmpeg = await findExecutable('ffmpeg', process.env);
const withFfmpeg = ffmpeg === undefined ? test.skip : test;

/** The checksums of all frames that ffmpeg decodes from `input`. */
async function frames(input: readonly string[]): Promise<string[]> {
  const output = ['-f', 'framemd5', '-flush_packets', '1', '-'];
  await using program = spawnTethered(ffmpeg ?? '', ['-loglevel', 'error', ...input, ...output], { output: 'pipe' });
  let text = '';
  program.child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(program.child, 'close');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '');
}

const fromSdp = (sdp: string, count: number) => [
  ...['-protocol_whitelist', 'file,udp,rtp', '-i', sdp],
  ...['-frames:v', `${count}`],
];

/** A sink that plays our one source, with the file that opens it. */
async function openPlayback(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-players-'));
  const sink = await openSink({ kind: 'sdp', sdpFolder: folder }, () => undefined);
  t.teardown(async () => {
    await sink.close();
    await rm(folder, { recursive: true });
  });
  sink.setSources([{ peer: 'A', ssrc: SSRC, ...VP8 }]);
  await sink.settled();
  return { sink, folder, sdp: join(folder, 'A.sdp') };
}

withFfmpeg('video of a program reaches a player frame by frame as it was encoded', async (t) => {
  const { sink, folder, sdp } = await openPlayback(t);
  const file = join(folder, 'encoded.ivf');
  const encode = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', '10', '-b:v', '500k'];
  const pattern = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', '-frames:v', '60'];
  await using encoder = spawnTethered(ffmpeg ?? '', ['-loglevel', 'error', ...pattern, ...encode, file]);
  await once(encoder.child, 'close');
  const encoded = await frames(['-i', file]);
  t.is(encoded.length, 60);

  const port = { number: 0 };
  const source = await openRtpSource({
    ...{ ...START, port: 0 },
    send: (packet) => sink.deliver(packet),
    onNews: (news) => {
      if (news.type === 'source.listening') port.number = news.port;
    },
    now: () => performance.now(),
  });
  const to = `rtp://127.0.0.1:${port.number}?pkt_size=1200`;
  const send = ['-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c:v', 'copy', '-f', 'rtp', to];
  await using _sender = spawnTethered(ffmpeg ?? '', send);
  const played = await frames(fromSdp(sdp, 40));
  await source.close();

  // The player starts with some key frame and goes on to the end of the file, which is then sent again.
  const at = encoded.indexOf(played[0] ?? '');
  t.not(at, -1);
  t.deepEqual(
    played,
    played.map((_, index) => encoded[(at + index) % encoded.length]),
  );
});

withFfmpeg('the test source is a picture that players show', async (t) => {
  const { sink, sdp } = await openPlayback(t);
  const source = startTestSource({ ...START, rateBps: 1_000_000, send: (packet) => sink.deliver(packet) });
  const played = await frames(fromSdp(sdp, 20));
  await source.close();
  t.is(played.length, 20);
  t.is(new Set(played).size, 1);
});
