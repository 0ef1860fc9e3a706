/** The case `loss5`: 5 % of all packets lost on every leg, and a player that waits 300 ms for them. */
import { type MediaCase, UNMEASURED } from '../contract.ts';
import { Lab } from '../lab.ts';
import { deliveryAt, worstOf } from '../players/players.ts';
import type { Delivery } from '../players/whole-frames.ts';
import { PLAYS_ONLY, SOURCE_PORT, startPeer } from '../programs.ts';
import { encoderArguments, FRAME_TICKS, type VideoCodec } from '../sources/encoder.ts';

const LOSS = 0.05;
const LATENCY_MS = 300;
const SECONDS = 20;

export const LOSS5: MediaCase = {
  name: 'loss5',
  about: `VP8 and H.264 through one relay, ${100 * LOSS} % lost at random on every leg, played at --latency ${LATENCY_MS}; the worse of the two`,
  async run() {
    return { ...UNMEASURED, ...worstOf([await play('VP8'), await play('H264')]) };
  },
};

/** The owner has upload for one copy: the player gets the stream through the relay, which watches it as well. */
async function play(codec: VideoCodec): Promise<Delivery> {
  await using lab = await Lab.open(['owner', 'relay', 'player'], { loss: LOSS });
  const delivery = deliveryAt(lab, 'player', SECONDS, FRAME_TICKS);
  startPeer(lab, 'relay', '--source none --upload 20mbit');
  startPeer(lab, 'player', `${PLAYS_ONLY} --latency ${LATENCY_MS}`);
  startPeer(lab, 'owner', `--source rtp:${SOURCE_PORT} --codec ${codec}/90000 --bitrate 1mbit --upload 1.8mbit`);
  lab.spawn('owner', ['ffmpeg', ...encoderArguments(codec, SOURCE_PORT)]);
  return await delivery;
}
