/** The case `sync`: voice and camera of one program come different ways, and the player puts them together by their reports. */
import { z } from 'zod';
import { type MediaCase, UNMEASURED } from '../contract.ts';
import { Lab } from '../lab.ts';
import { skewAt } from '../players/players.ts';
import { PLAYS_ONLY, SOURCE_PORT, startPeer, toldBy } from '../programs.ts';
import { CAMERA, type Format, VOICE } from '../sources/formats.ts';
import { sendVoiceAndCamera } from '../sources/sources.ts';

const SECONDS = 20;
/** Each stream's port is even, and its RTCP has the next one. */
const CAMERA_PORT = SOURCE_PORT + 2;

export const SYNC: MediaCase = {
  name: 'sync',
  about: 'voice and camera of one program, the camera through a relay, kept together by sender reports',
  async run() {
    await using lab = await Lab.open(['owner', 'relay', 'player']);
    const skew = skewAt(lab, 'player', SECONDS);
    startPeer(lab, 'relay', '--source none --upload 20mbit');
    startPeer(lab, 'player', PLAYS_ONLY);
    // Upload for two voices and one copy of the camera, which is the relay's.
    const sources = `${sourceOf(VOICE, SOURCE_PORT)} ${sourceOf(CAMERA, CAMERA_PORT)}`;
    const log = startPeer(lab, 'owner', `--upload 1.8mbit --lend 0 ${sources}`);
    // What the program reports before is heard by nobody, and it says so again no earlier than in 5 s.
    await Promise.all([SOURCE_PORT, CAMERA_PORT].map((port) => toldBy(log, listeningAt(port))));
    sendVoiceAndCamera(lab, 'owner', SOURCE_PORT, CAMERA_PORT);
    return { ...UNMEASURED, skewMs: await skew };
  },
};

function listeningAt(port: number) {
  return z.object({ event: z.literal('source.listening'), port: z.literal(port) });
}

function sourceOf({ codec, payloadType, bitrate }: Format, port: number): string {
  return `--source rtp:${port},codec=${codec},payload-type=${payloadType},bitrate=${bitrate}`;
}
