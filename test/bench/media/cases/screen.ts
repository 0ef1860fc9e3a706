/** The case `screen`: a shared screen, which is a large key frame now and then and next to nothing in between, through a relay. */
import { type MediaCase, UNMEASURED } from '../contract.ts';
import { Lab } from '../lab.ts';
import { deliveryAt } from '../players/players.ts';
import { PLAYS_ONLY, SOURCE_PORT, startPeer } from '../programs.ts';
import { CAMERA } from '../sources/formats.ts';
import { type KeyFrames, sendKeyFrames } from '../sources/sources.ts';

const SECONDS = 30;
const FRAMES_PER_SECOND = 5;
/** A key frame each 5 s, of 96 kB: 0.25 Mbit/s, and 1.5 s of what is declared. */
const VIDEO: KeyFrames = { frameMs: 1000 / FRAMES_PER_SECOND, keyEvery: 25, keyPackets: 80, packets: 2 };

export const SCREEN: MediaCase = {
  name: 'screen',
  about: 'key frames of 96 kB every 5 s through one relay, declared as 0.5 Mbit/s',
  async run() {
    await using lab = await Lab.open(['owner', 'relay', 'player']);
    const delivery = deliveryAt(lab, 'player', SECONDS, CAMERA.clockRate / FRAMES_PER_SECOND);
    startPeer(lab, 'relay', '--source none --upload 20mbit');
    startPeer(lab, 'player', PLAYS_ONLY);
    // Upload for one copy, which is the relay's: the player gets the stream from there.
    startPeer(
      lab,
      'owner',
      `--source rtp:${SOURCE_PORT} --codec ${CAMERA.codec} --bitrate 500k --upload 600k --lend 0`,
    );
    sendKeyFrames(lab, 'owner', VIDEO);
    return { ...UNMEASURED, ...(await delivery) };
  },
};
