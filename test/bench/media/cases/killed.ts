/** The case `killed`: the relay of a camera is killed, and a decoder shows what comes then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type MediaCase, UNMEASURED } from '../contract.ts';
import { Lab } from '../lab.ts';
import { framesAt } from '../players/decoder.ts';
import { latenessOf } from '../players/late-frames.ts';
import { PLAYS_ONLY, SOURCE_PORT, spawnPeer, startPeer, toldBy } from '../programs.ts';
import { encoderArguments, FRAMES_PER_SECOND } from '../sources/encoder.ts';

const FRAME_MS = 1000 / FRAMES_PER_SECOND;
/** Until the room is at rest, and for how long what is usual is watched then. In ms. */
const SETTLING_MS = 6000;
const USUAL_MS = 3000;
/** All is as before by then. In ms. */
const AFTER_MS = 3000;

/** A relay serves the owner, whichever of the two it is. */
const relayed = z.object({
  ...{ event: z.literal('agreement.changed'), role: z.literal('client'), state: z.literal('active') },
  other: z.enum(['first', 'second']),
});
type Relay = z.infer<typeof relayed>['other'];

export const KILLED: MediaCase = {
  name: 'killed',
  about: 'VP8 through one relay, which is killed while another is there: by how much the latest decoded frame is late',
  async run() {
    await using lab = await Lab.open(['owner', 'first', 'second', 'player']);
    const relays = {
      first: spawnPeer(lab, 'first', '--source none --upload 20mbit'),
      second: spawnPeer(lab, 'second', '--source none --upload 15mbit'),
    };
    const frames = framesAt(lab, 'player', 'VP8');
    startPeer(lab, 'player', `${PLAYS_ONLY} --latency auto`);
    const camera = `--source rtp:${SOURCE_PORT} --codec VP8/90000 --bitrate 1mbit`;
    const log = startPeer(lab, 'owner', `${camera} --upload 1.8mbit --lend 0`);
    let relay: Relay | undefined;
    log.on('line', (line) => {
      relay = relayed.safeParse(JSON.parse(line)).data?.other ?? relay;
    });
    const serves = toldBy(log, relayed);
    lab.spawn('owner', ['ffmpeg', ...encoderArguments('VP8', SOURCE_PORT)]);
    relay = (await serves).other;
    await sleep(SETTLING_MS + USUAL_MS);
    const killedMs = performance.now();
    relays[relay].child.kill('SIGKILL');
    await sleep(AFTER_MS);
    const usual = frames.filter(({ shownMs }) => shownMs > killedMs - USUAL_MS && shownMs < killedMs);
    const after = frames.filter(({ shownMs }) => shownMs >= killedMs);
    const { latestMs, shown } = latenessOf(usual, after, FRAME_MS);
    return { ...UNMEASURED, lateFrameMs: latestMs, framesWhole: shown };
  },
};
