/** What sender reports say of the own streams: how much has been sent of each, and its time. */
import type { Codec } from '../../../infra/codec/codec.ts';
import { payloadOffset, readSsrc, readTimestamp } from '../../../infra/rtp/header.ts';
import type { StreamName } from '../../../machines/messages.ts';
import { ProgramClocks } from './program-clocks.ts';
import type { SentSoFar } from './reports.ts';
import { StreamClock } from './stream-clock.ts';

/** One moment of a program that feeds a stream, as it said itself. */
export interface ProgramTime {
  /** Whose clock it is; empty where the program does not say. */
  readonly cname: string;
  /** By that clock, in ms since the Unix epoch. */
  readonly unixMs: number;
  /** The same as a timestamp of our stream. */
  readonly rtpTimestamp: number;
  /** When we were told, in ms on the monotonic clock. */
  readonly toldMs: number;
}

interface OwnStream {
  readonly clockRate: number;
  ssrc: number;
  packets: number;
  bytes: number;
  readonly clock: StreamClock;
}

export class OwnReports {
  #codecs: ReadonlyMap<StreamName, Codec> = new Map();
  readonly #streams = new Map<StreamName, OwnStream>();
  readonly #programs = new ProgramClocks();

  /** These are the own streams from now on; forgets all others, and what counts another time. */
  follow(codecs: ReadonlyMap<StreamName, Codec>): void {
    this.#codecs = codecs;
    for (const [stream, { clockRate }] of this.#streams) {
      if (this.clockRateOf(stream) !== clockRate) this.#streams.delete(stream);
    }
  }

  /** Ticks of its timestamp in a second. */
  clockRateOf(stream: StreamName): number | undefined {
    return this.#codecs.get(stream)?.clockRate;
  }

  /** A packet of an own stream has been sent. Cheap enough to be called for every packet. */
  sent(stream: StreamName, packet: Uint8Array, nowMs: number): void {
    const sent = this.#streams.get(stream) ?? this.#begin(stream);
    if (sent === undefined) return;
    const ssrc = readSsrc(packet);
    if (sent.ssrc !== ssrc) {
      // Under another SSRC it is another stream to its receivers (RFC 3550 section 6.4.1).
      sent.ssrc = ssrc;
      sent.packets = 0;
      sent.bytes = 0;
    }
    sent.packets++;
    sent.bytes += packet.length - payloadOffset(packet);
    sent.clock.sent(readTimestamp(packet), nowMs);
  }

  /** The program that feeds the stream tells the time; null: it is another program, or has begun anew. */
  programTime(stream: StreamName, time: ProgramTime | null): void {
    const clock = this.#streams.get(stream)?.clock;
    if (time === null) clock?.forgetProgram();
    else clock?.told(time.rtpTimestamp, this.#programs.momentOf(time.cname, time.unixMs, time.toldMs));
  }

  /** How many packets of it have been sent under its present SSRC. */
  packetsOf(stream: StreamName): number {
    return this.#streams.get(stream)?.packets ?? 0;
  }

  /** What a report of this moment says; undefined before the first packet under this SSRC. */
  reportOf(stream: StreamName, ssrc: number, nowMs: number): SentSoFar | undefined {
    const sent = this.#streams.get(stream);
    const rtpTimestamp = sent?.clock.at(nowMs);
    if (sent === undefined || sent.ssrc !== ssrc || rtpTimestamp === undefined) return undefined;
    return { ssrc, packets: sent.packets, bytes: sent.bytes, rtpTimestamp };
  }

  #begin(stream: StreamName): OwnStream | undefined {
    const clockRate = this.clockRateOf(stream);
    if (clockRate === undefined) return undefined;
    const begun = { clockRate, ssrc: 0, packets: 0, bytes: 0, clock: new StreamClock(clockRate) };
    this.#streams.set(stream, begun);
    return begun;
  }
}
