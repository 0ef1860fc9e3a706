/** The case `join`: who comes late to a stream that has key frames on request alone asks for one, and has a picture. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type MediaCase, UNMEASURED } from '../contract.ts';
import { Lab } from '../lab.ts';
import { pictureAt } from '../players/players.ts';
import { PLAYS, SOURCE_PORT, startPeer, toldBy } from '../programs.ts';
import { CAMERA } from '../sources/formats.ts';
import { sendOnRequest } from '../sources/sources.ts';

/** After the first picture of all: nobody asks for key frames any more, and ways are at rest. */
const LATE_MS = 4000;

/** The owner knows of the joiner. */
const joined = z.object({ event: z.literal('member.joined'), other: z.literal('joiner'), time: z.iso.datetime() });

export const JOIN: MediaCase = {
  name: 'join',
  about:
    'a late joiner, and a source that sends a key frame when it is asked for one: until the first picture is whole',
  async run() {
    await using lab = await Lab.open(['owner', 'watcher', 'joiner']);
    const watched = pictureAt(lab, 'watcher');
    const shown = pictureAt(lab, 'joiner');
    startPeer(lab, 'watcher', PLAYS);
    const source = `--source rtp:${SOURCE_PORT} --codec ${CAMERA.codec} --bitrate ${CAMERA.bitrate}`;
    const log = startPeer(lab, 'owner', `${source} --upload 10mbit`);
    const known = toldBy(log, joined);
    sendOnRequest(lab, 'owner');
    await watched;
    await sleep(LATE_MS);
    startPeer(lab, 'joiner', PLAYS);
    const { time } = await known;
    return { ...UNMEASURED, joinToPictureMs: (await shown) - Date.parse(time) };
  },
};
