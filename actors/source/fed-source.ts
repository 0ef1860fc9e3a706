/**
 * What somebody else's program sends us as one of our streams: a tab of the page on one of its m-lines or as one of its layers, or a
 * phone. It may begin anew, and another may take over: the stream goes on with its SSRC, its numbers and its timestamps.
 */
import type { Media } from '../../infra/codec/codec.ts';
import type { ReceivedSenderReport } from '../../infra/rtcp/reception-report.ts';
import type { StreamFormat } from '../options/contract.ts';
import { NOTHING_REJECTED, type RejectReason, type Source, type SourceAnswer } from './contract.ts';
import type { OpenSourceOptions } from './open.ts';
import { ProgramStream, type ProgramStreamOptions } from './program-stream.ts';
import { RateWindow } from './rate-window.ts';

/** Who feeds a stream now. */
export interface Feeder {
  /** Asks for a key frame of what is sent to us under this SSRC. */
  readonly requestKeyFrame: (ssrc: number) => void;
}

export interface FedSourceOptions
  extends Pick<OpenSourceOptions, 'ssrc' | 'send' | 'onTime'>,
    Pick<ProgramStreamOptions, 'firstSequence' | 'firstTimestamp'> {
  readonly format: StreamFormat;
  /** What the encoder should send from now on, bit/s; 0: nobody receives it. */
  readonly onRate: (rateBps: number) => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** What the feeder has said last of its clock. */
interface Told {
  readonly report: ReceivedSenderReport;
  readonly cname: string;
  readonly atMs: number;
}

export class FedSource implements Source {
  readonly #options: FedSourceOptions;
  readonly #stream: ProgramStream;
  readonly #rate = new RateWindow();
  readonly #rejected: Record<RejectReason, number> = { ...NOTHING_REJECTED };
  #feeder: Feeder | null = null;
  #told: Told | null = null;
  #plannedBps: number | null = null;
  #packets = 0;
  #bytes = 0;
  #reports = 0;
  #closed = false;
  /** A muted stream sends nothing, whatever comes. */
  muted = false;

  constructor(options: FedSourceOptions) {
    this.#options = options;
    // Browsers choose payload types by themselves.
    this.#stream = new ProgramStream({ ...options, payloadTypes: 'any', send: (packet) => this.#send(packet) });
  }

  get media(): Media {
    return this.#options.format.media;
  }

  /** Ticks of its timestamp in a second. */
  get clockRate(): number {
    return this.#options.format.codec.clockRate;
  }

  /** What the room's plan gives it, in bit/s; null: it has not said so yet. */
  get plannedBps(): number | null {
    return this.#plannedBps;
  }

  get rateBps(): number {
    return this.#plannedBps ?? 0;
  }

  setRate(rateBps: number): void {
    this.#plannedBps = rateBps;
    this.#options.onRate(rateBps);
  }

  /** From now on this one feeds the stream; null: nobody does. */
  fedBy(feeder: Feeder | null): void {
    if (feeder === this.#feeder) return;
    this.#feeder = feeder;
    this.#stream.ended();
    this.#told = null;
  }

  /** An RTP packet of the feeder, without header extensions. It is changed in place, and not kept. */
  take(packet: Uint8Array): void {
    if (this.#closed || this.muted) return;
    const taken = this.#stream.take(packet, this.#options.now());
    if (taken === 'began' || taken === 'setBack') {
      this.#options.onTime(null);
      this.#tell();
    } else if (taken !== 'continued') this.#rejected[taken]++;
  }

  /** A sender report of the feeder on what it sends here: by it sound and picture are kept together. */
  takeReport(report: ReceivedSenderReport, cname: string): void {
    if (this.#closed) return;
    this.#reports++;
    this.#told = { report, cname, atMs: this.#options.now() };
    this.#tell();
  }

  requestKeyFrame(): SourceAnswer {
    const ssrc = this.#stream.offset?.ssrc;
    if (ssrc === undefined || this.#feeder === null || this.muted) return 'needless';
    this.#feeder.requestKeyFrame(ssrc);
    return 'asked';
  }

  counters() {
    return {
      ...{ packets: this.#packets, bytes: this.#bytes, reports: this.#reports },
      ...{ rejected: { ...this.#rejected }, otherPayloads: new Map<number, number>() },
    };
  }

  measuredBps(): number {
    return this.#rate.bps(this.#options.now());
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#feeder = null;
    return Promise.resolve();
  }

  #send(packet: Uint8Array): void {
    this.#packets++;
    this.#bytes += packet.length;
    this.#rate.add(packet.length, this.#options.now());
    this.#options.send(packet);
  }

  /** Reports may come before the first packet of what they are about. */
  #tell(): void {
    const { offset } = this.#stream;
    if (this.#told === null || offset === undefined || this.#told.report.ssrc !== offset.ssrc) return;
    const { report, cname, atMs } = this.#told;
    const rtpTimestamp = (report.rtpTimestamp + offset.timestamp) >>> 0;
    this.#options.onTime({ cname, unixMs: report.unixMs, rtpTimestamp, toldMs: atMs });
  }
}
