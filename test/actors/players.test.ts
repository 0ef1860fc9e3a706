/** The whole way with real programs: ffmpeg encodes, our source takes it, our sink plays it, ffmpeg decodes. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { StreamFormat } from '../../actors/options/contract.ts';
import { ownStreams } from '../../actors/options/own-streams.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { openSink } from '../../actors/sink/open.ts';
import type { Source } from '../../actors/source/contract.ts';
import { openRtpSource } from '../../actors/source/rtp-source.ts';
import { startTestSource } from '../../actors/source/test-source.ts';
import { spawnTethered } from '../../infra/process/tethered.ts';
import { findExecutable } from '../../infra/setup/executable.ts';

const SSRC = 0x0102_0304;
const VOICE_SSRC = 0x0102_0305;
/** Two seconds of the low layer. */
const LOW_PACKETS = 110;
const VP8: StreamFormat = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' };
const OPUS: StreamFormat = {
  codec: { name: 'opus', clockRate: 48_000, channels: 2 },
  media: 'audio',
  payloadType: 111,
  fmtp: '',
};
const START = { ssrc: SSRC, format: VP8, firstSequence: 65_500, firstTimestamp: 0xffff_0000 };

const ffmpeg = await findExecutable('ffmpeg', process.env);
const withFfmpeg = ffmpeg === undefined ? test.skip : test;

/** What ffmpeg decodes from `input`, a line for each frame. */
async function frameLines(input: readonly string[]): Promise<string[]> {
  const output = ['-f', 'framemd5', '-flush_packets', '1', '-'];
  await using program = spawnTethered(ffmpeg ?? '', ['-loglevel', 'error', ...input, ...output], { output: 'pipe' });
  let text = '';
  program.child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(program.child, 'close');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The checksums of all frames that ffmpeg decodes from `input`. */
async function frames(input: readonly string[]): Promise<string[]> {
  return (await frameLines(input)).map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** The same of each stream of `input`, by its number: pictures and decoded sound. */
async function framesByStream(input: readonly string[]): Promise<string[][]> {
  const lines = await frameLines([...input, '-map', '0']);
  return [0, 1].map((stream) =>
    lines.filter((line) => Number(line.split(',')[0]) === stream).map((line) => line.split(',').at(-1)?.trim() ?? ''),
  );
}

const fromSdp = (sdp: string, count: number) => [
  ...['-protocol_whitelist', 'file,udp,rtp', '-i', sdp],
  ...['-frames:v', `${count}`],
];

/** A sink that plays the streams of one peer, with the file that opens it. */
function openPlayback(t: ExecutionContext, ...further: RemoteStream[]) {
  return openPlaybackOf(t, { peer: 'A', stream: 'camera', group: null, ssrc: SSRC, ...VP8 }, ...further);
}

async function openPlaybackOf(t: ExecutionContext, ...streams: RemoteStream[]) {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-players-'));
  const sink = await openSink({ kind: 'sdp', sdpFolder: folder }, () => undefined);
  t.teardown(async () => {
    await sink.close();
    await rm(folder, { recursive: true });
  });
  sink.setStreams(streams);
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
    ...{ ...START, port: 0, payloadTypes: 'any', maxBps: 1_000_000 },
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

withFfmpeg(
  'AAC, and H.264 with parameter sets in its SDP only, play as the SDP file of the program tells',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'rpr-players-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const file = join(folder, 'program.sdp');
    /** A program that sends both to these ports for so long. */
    const program = (seconds: number, video: number, audio: number) => [
      ...['-loglevel', 'error', '-re', '-t', `${seconds}`, '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30'],
      ...['-re', '-t', `${seconds}`, '-f', 'lavfi', '-i', 'sine=440:sample_rate=48000', '-sdp_file', file, '-y'],
      ...[
        '-map',
        '0',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-g',
        '15',
        '-flags',
        '+global_header',
        '-b:v',
        '300k',
      ],
      ...['-f', 'rtp', `rtp://127.0.0.1:${video}?pkt_size=1200`],
      ...['-map', '1', '-c:a', 'aac', '-ac', '2', '-b:a', '64k', '-f', 'rtp', `rtp://127.0.0.1:${audio}?pkt_size=1200`],
    ];
    // Nobody listens there: it is run for its file.
    await using first = spawnTethered(ffmpeg ?? '', program(0.1, 9, 11));
    await once(first.child, 'close');
    const defaults = { codec: VP8.codec, bitrate: { minBps: 1_000_000, maxBps: 1_000_000 } };
    const streams = ownStreams([{ kind: 'stream', source: { kind: 'sdp', file } }], defaults);
    t.deepEqual(
      streams.map(({ name, source }) => [name, source]),
      [
        ['camera', { kind: 'rtp', port: 9, payloadTypes: 'declared' }],
        ['voice', { kind: 'rtp', port: 11, payloadTypes: 'declared' }],
      ],
    );

    const ssrcs = [SSRC, VOICE_SSRC];
    const remote = streams.map(({ name, format }, index) => {
      return { peer: 'A', stream: name, group: null, ssrc: ssrcs[index] ?? 0, ...format };
    });
    const { sink, sdp } = await openPlaybackOf(t, ...remote);
    const ports: number[] = [];
    const sources = [];
    for (const [index, { format }] of streams.entries()) {
      const source = await openRtpSource({
        ...{ ...START, format, ssrc: ssrcs[index] ?? 0, port: 0, payloadTypes: 'declared', maxBps: 1_000_000 },
        send: (packet) => sink.deliver(packet),
        onNews: (news) => {
          if (news.type === 'source.listening') ports.push(news.port);
        },
        now: () => performance.now(),
      });
      sources.push(source);
    }
    await using _sender = spawnTethered(ffmpeg ?? '', program(60, ports[0] ?? 0, ports[1] ?? 0));
    const [pictures, sound] = await framesByStream(fromSdp(sdp, 20));
    for (const source of sources) await source.close();
    t.is(pictures?.length, 20);
    t.true(sound !== undefined && sound.length > 10);
  },
);

withFfmpeg('the test source is a picture that players show', async (t) => {
  const { sink, sdp } = await openPlayback(t);
  const source = startTestSource({ ...START, rateBps: 1_000_000, send: (packet) => sink.deliver(packet) });
  const played = await frames(fromSdp(sdp, 20));
  await source.close();
  t.is(played.length, 20);
  t.is(new Set(played).size, 1);
});

withFfmpeg('one player takes picture and sound of a peer together', async (t) => {
  const voice: RemoteStream = { peer: 'A', stream: 'voice', group: null, ssrc: VOICE_SSRC, ...OPUS };
  const { sink, sdp } = await openPlayback(t, voice);
  const send = (packet: Uint8Array) => sink.deliver(packet);
  const sources = [
    startTestSource({ ...START, rateBps: 500_000, send }),
    startTestSource({ ...START, ssrc: VOICE_SSRC, format: OPUS, rateBps: 32_000, send }),
  ];
  const played = await framesByStream(['-protocol_whitelist', 'file,udp,rtp', '-i', sdp, '-t', '2']);
  for (const source of sources) await source.close();
  const [picture = [], sound = []] = played;
  // Of 60 and 100: a busy machine plays fewer.
  t.true(picture.length >= 20, `${picture.length} pictures`);
  t.true(sound.length >= 30, `${sound.length} pieces of sound`);
  // The last piece ends where the player does.
  t.is(new Set(sound.slice(0, -1)).size, 1, 'silence');
});

withFfmpeg('a player goes on through a change of layer', async (t) => {
  const layer = (ssrc: number, stream: string): RemoteStream => ({ peer: 'A', stream, group: 'face', ssrc, ...VP8 });
  const { sink, sdp } = await openPlayback(t);
  sink.setStreams([layer(SSRC, 'low'), layer(VOICE_SSRC, 'high')]);
  await sink.settled();
  const sources: Source[] = [];
  let sent = 0;
  const send = (packet: Uint8Array) => {
    sink.deliver(packet);
    sent++;
    // The player needs a moment to open; a second of pictures later the layer changes.
    if (sent !== LOW_PACKETS) return;
    void sources[0]?.close();
    sources.push(
      startTestSource({ ...START, ssrc: VOICE_SSRC, firstSequence: 7, firstTimestamp: 5, rateBps: 900_000, send }),
    );
  };
  sources.push(startTestSource({ ...START, rateBps: 500_000, send }));
  const { length } = await frames(fromSdp(sdp, 90));
  for (const source of sources) await source.close();
  t.is(length, 90);
  t.true(sent > LOW_PACKETS);
});

withFfmpeg('a player goes on when the member that it plays starts anew', async (t) => {
  const { sink, sdp } = await openPlayback(t);
  const again = { ...START, ssrc: VOICE_SSRC, firstSequence: 7, firstTimestamp: 5, rateBps: 500_000 };
  const sources: Source[] = [];
  let sent = 0;
  const startAnew = async () => {
    await sources[0]?.close();
    sink.setStreams([]);
    await sink.settled();
    sink.setStreams([{ peer: 'A', stream: 'camera', group: null, ssrc: VOICE_SSRC, ...VP8 }]);
    await sink.settled();
    sources.push(startTestSource({ ...again, send }));
  };
  const send = (packet: Uint8Array) => {
    sink.deliver(packet);
    sent++;
    if (sent === LOW_PACKETS) void startAnew();
  };
  sources.push(startTestSource({ ...START, rateBps: 500_000, send }));
  const { length } = await frames(fromSdp(sdp, 90));
  for (const source of sources) await source.close();
  t.is(length, 90);
  t.true(sent > LOW_PACKETS);
});
