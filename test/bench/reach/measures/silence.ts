/** What is lost of the first seconds after a minute in which A and B sent nothing: their routers know of no stream by then. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../../network/parts/host.ts';
import type { Probe } from '../../../network/parts/probe.ts';
import { rtpPacket } from '../../../rtp/packets.ts';
import { type Outcome, type Play, timed, untilMedia } from '../play.ts';
import { lostSince } from './lost.ts';

/** Where the peer takes the stream of a program of its machine. */
export const SPEECH_PORT = 6_000;

const SILENT_MS = 60_000;
const SPEAKS_MS = 3_000;
const PACKET_EACH_MS = 20;
const PACKET_BYTES = 160;

export async function lossAfterSilence(play: Play): Promise<Outcome> {
  const { room, seats, signal } = play;
  const speakers = await Promise.all([seats.a, seats.b].map((host, index) => Speaker.start(host, index + 1)));
  const speak = (forMs: number) => Promise.all(speakers.map((speaker) => speaker.speak(forMs, signal)));
  const speaking = speak(SPEAKS_MS);
  const met = await untilMedia(play);
  await speaking;
  if (met === undefined) return timed(undefined);
  await delay(SILENT_MS, undefined, { signal });
  const before = await room.ask(['A', 'B']);
  await speak(SPEAKS_MS);
  const lost = await lostSince(room, ['A', 'B'], before, signal);
  return lost === undefined ? timed(undefined) : { came: true, ms: undefined, counts: { 'packets lost': lost } };
}

/** A program on a host whose packets are a stream, and which says nothing now and then. */
class Speaker {
  readonly #probe: Probe;
  readonly #ssrc: number;
  #sequence = 0;

  private constructor(probe: Probe, ssrc: number) {
    this.#probe = probe;
    this.#ssrc = ssrc;
  }

  static async start(host: Host, ssrc: number): Promise<Speaker> {
    return new Speaker(await host.probe(), ssrc);
  }

  async speak(forMs: number, signal: AbortSignal): Promise<void> {
    const to = { host: '127.0.0.1', port: SPEECH_PORT };
    for (let atMs = 0; atMs < forMs; atMs += PACKET_EACH_MS) {
      const sequence = this.#sequence++ & 0xffff;
      const payload = new Uint8Array(PACKET_BYTES);
      await this.#probe.send(rtpPacket({ ssrc: this.#ssrc, sequence, payloadType: 96, payload }), to);
      await delay(PACKET_EACH_MS, undefined, { signal });
    }
  }
}
