/** The case `burst`: key frames that are forty times as large as what an interval carries, to five receivers over one link. */
import { type MediaCase, UNMEASURED } from '../contract.ts';
import { Lab } from '../lab.ts';
import { deliveryAt, worstOf } from '../players/players.ts';
import { PLAYS_ONLY, SOURCE_PORT, startPeer } from '../programs.ts';
import { CAMERA } from '../sources/formats.ts';
import { type KeyFrames, sendKeyFrames } from '../sources/sources.ts';

const SECONDS = 20;
const RECEIVERS = ['r1', 'r2', 'r3', 'r4', 'r5'];
const FRAMES_PER_SECOND = 30;
/** A key frame each 2 s: 0.9 Mbit/s. */
const VIDEO: KeyFrames = { frameMs: 1000 / FRAMES_PER_SECOND, keyEvery: 60, keyPackets: 60, packets: 2 };

export const BURST: MediaCase = {
  name: 'burst',
  about: `key frames of ${VIDEO.keyPackets} packets over a link of 100 Mbit/s to five receivers directly; the worst of them`,
  async run() {
    await using lab = await Lab.open(['owner', ...RECEIVERS]);
    await lab.limit('owner', '100mbit');
    const frameTicks = CAMERA.clockRate / FRAMES_PER_SECOND;
    const deliveries = RECEIVERS.map((host) => deliveryAt(lab, host, SECONDS, frameTicks));
    for (const host of RECEIVERS) startPeer(lab, host, PLAYS_ONLY);
    startPeer(
      lab,
      'owner',
      `--source rtp:${SOURCE_PORT} --codec ${CAMERA.codec} --bitrate ${CAMERA.bitrate} --upload 90mbit`,
    );
    sendKeyFrames(lab, 'owner', VIDEO);
    return { ...UNMEASURED, ...worstOf(await Promise.all(deliveries)) };
  },
};
