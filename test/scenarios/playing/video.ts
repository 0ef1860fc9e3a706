/** Real video in a scenario: ffmpeg encodes what a peer shows, and decodes what two others play. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { colouredSource } from '../../phone/programs/coloured-picture.ts';
import { compareFrames, type FrameComparison, frameHashes } from '../judging/frames.ts';
import { within } from './deadline.ts';
import { ScenarioError } from './errors.ts';
import type { PeerProcess } from './peer-process.ts';

const FRAMES_PER_SECOND = 30;
/** What each receiver decodes: three seconds, of which the first may pass until a keyframe comes. */
const RECORDED_FRAMES = 3 * FRAMES_PER_SECOND;
/** How long a recording may take from its start, in ms: ten times as long as the video. */
const RECORDING_MS = 30_000;
/** How long a peer may take to write the file that tells a player how to open a source, in ms. */
const SDP_MS = 5_000;
/** How often to look whether something is there or over, in ms. */
const LOOK_MS = 50;

/** How long a peer may take to say on which port its source listens, in ms. */
const PORT_MS = 10_000;

/** What peers with a `video` source are fed with. */
export class VideoFeed implements AsyncDisposable {
  readonly #processes: Tethered[] = [];

  /**
   * @param colour of the picture; undefined: it is ffmpeg's test picture
   * @throws {ScenarioError} `peer.mute` where the peer does not say on which port it takes RTP
   */
  async start(ffmpeg: string, peer: PeerProcess, colour: string | undefined, signal: AbortSignal): Promise<void> {
    const late = () => new ScenarioError('peer.mute', `${peer.id} did not say where its source takes RTP.`);
    const port = await within(signal, PORT_MS, peer.mediaPort(), late);
    this.#processes.push(sendVideo(ffmpeg, port, colour));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }
}

/**
 * VP8 as RTP to `port` of this machine: every frame differs from all others (a clock and a moving pattern), a keyframe
 * each second because receivers send no request for one, and about half of the 1 Mbit/s that scenarios allow a source,
 * so that a keyframe does not carry it over.
 */
function sendVideo(ffmpeg: string, port: number, colour: string | undefined): Tethered {
  const picture =
    colour === undefined
      ? `testsrc2=size=640x360:rate=${FRAMES_PER_SECOND}`
      : colouredSource(colour, FRAMES_PER_SECOND);
  return spawnTethered(ffmpeg, [
    ...['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', picture],
    ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-threads', '1', '-error-resilient', '1'],
    ...['-g', String(FRAMES_PER_SECOND), '-b:v', '500k', '-maxrate', '600k', '-bufsize', '300k'],
    ...['-f', 'rtp', '-payload_type', '96', `rtp://127.0.0.1:${port}?rtcpport=${port}&pkt_size=1200`],
  ]);
}

interface Recording {
  readonly process: Tethered;
  readonly file: string;
}

/** Frames of one source as several receivers decode them at the same time. */
export class Recordings implements AsyncDisposable {
  readonly #recordings: readonly Recording[];

  constructor(recordings: readonly Recording[]) {
    this.#recordings = recordings;
  }

  /** Opens what the receivers play of `source`; a receiver's SDP file is `<folder>/<receiver>/<source>.sdp`. */
  static async start(
    ffmpeg: string,
    folder: string,
    source: PeerId,
    receivers: readonly PeerId[],
  ): Promise<Recordings> {
    const open = async (receiver: PeerId) => {
      const sdp = join(folder, receiver, `${source}.sdp`);
      await appears(sdp);
      return record(ffmpeg, sdp, join(folder, `${receiver}-${source}.framemd5`));
    };
    return new Recordings(await Promise.all(receivers.map(open)));
  }

  /** Compares what the first two decoded, once all frames are there or the time is up; `null` where there are no two. */
  async compare(signal: AbortSignal): Promise<FrameComparison | null> {
    const [first, second] = await Promise.all(this.#recordings.map((recording) => hashesOf(recording, signal)));
    return first === undefined || second === undefined ? null : compareFrames(first, second);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#recordings.map(({ process }) => process.stop()));
  }
}

function record(ffmpeg: string, sdp: string, file: string): Recording {
  const process = spawnTethered(ffmpeg, [
    ...['-loglevel', 'error', '-protocol_whitelist', 'file,udp,rtp', '-reorder_queue_size', '500'],
    ...['-max_delay', '500000', '-i', sdp, '-frames:v', String(RECORDED_FRAMES)],
    ...['-flush_packets', '1', '-f', 'framemd5', file],
  ]);
  return { process, file };
}

async function hashesOf({ process, file }: Recording, signal: AbortSignal): Promise<string[]> {
  const deadline = performance.now() + RECORDING_MS;
  while (process.child.exitCode === null && performance.now() < deadline) {
    await delay(LOOK_MS, undefined, { signal });
  }
  await process.stop();
  return frameHashes(await readFile(file, 'utf8').catch(() => ''));
}

/** Gives up quietly: a player that cannot open the file then decodes nothing, and the verdict says so. */
async function appears(file: string): Promise<void> {
  for (const deadline = performance.now() + SDP_MS; performance.now() < deadline; await delay(LOOK_MS)) {
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return;
  }
}
