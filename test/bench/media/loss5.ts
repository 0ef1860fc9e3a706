/** The case `loss5`: 5 % of all packets lost on every leg, and a player that waits 300 ms for them. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type MediaCase, UNMEASURED } from './contract.ts';
import { Lab } from './lab.ts';
import { encoderArguments, FRAME_TICKS, type VideoCodec } from './video.ts';

const LOSS = 0.05;
const LATENCY_MS = 300;
const SECONDS = 20;
const SOURCE_PORT = 5004;
const SINK_PORT = 6000;

const [PEER, RECORDER] = ['../../../actors/peer.ts', './recorder.ts'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const delivery = z.object({ delivered: z.number(), framesWhole: z.number() });

export const LOSS5: MediaCase = {
  name: 'loss5',
  about: `VP8 and H.264 through one relay, ${100 * LOSS} % lost at random on every leg, played at --latency ${LATENCY_MS}; the worse of the two`,
  async run() {
    const vp8 = await play('VP8');
    const h264 = await play('H264');
    return {
      ...UNMEASURED,
      delivered: Math.min(vp8.delivered, h264.delivered),
      framesWhole: Math.min(vp8.framesWhole, h264.framesWhole),
    };
  },
};

/** The owner has upload for one copy: the player gets the stream through the relay, which watches it as well. */
async function play(codec: VideoCodec): Promise<z.infer<typeof delivery>> {
  await using lab = await Lab.open(['owner', 'relay', 'player']);
  await lab.startNats();
  await lab.lose(LOSS);
  const node = [process.execPath, '--import', 'tsx'];
  const peer = (host: string, ...options: readonly string[]) =>
    lab.spawn(host, [...node, PEER ?? '', '--id', host, '--nats', lab.natsUrl(host), '--json', ...options]);
  const recorder = lab.spawn(
    'player',
    [...node, RECORDER ?? '', String(SINK_PORT), String(SECONDS), String(FRAME_TICKS)],
    'pipe',
  );
  peer('relay', '--source', 'none', '--upload', '20mbit');
  peer(
    'player',
    '--source',
    'none',
    '--upload',
    '1mbit',
    '--lend',
    '0',
    '--latency',
    String(LATENCY_MS),
    '--sink',
    `rtp:127.0.0.1:${SINK_PORT}`,
  );
  peer(
    'owner',
    '--source',
    `rtp:${SOURCE_PORT}`,
    '--codec',
    `${codec}/90000`,
    '--bitrate',
    '1mbit',
    '--upload',
    '1.8mbit',
  );
  lab.spawn('owner', ['ffmpeg', ...encoderArguments(codec, SOURCE_PORT)]);
  if (recorder.child.stdout === null) throw new Error('the recorder is started with pipes');
  const [line] = await once(createInterface({ input: recorder.child.stdout }), 'line');
  return delivery.parse(JSON.parse(String(line)));
}
