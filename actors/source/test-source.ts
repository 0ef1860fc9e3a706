/** The source `--source test`: RTP of its own making, at exactly the rate it is told. */
import { RTP_HEADER_BYTES } from '../../infra/rtp/header.ts';
import { nextSequence } from '../../infra/rtp/sequence.ts';
import { writePayloadType, writePlainHeader, writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { StreamFormat } from '../options/contract.ts';
import { NOTHING_REJECTED, type SendPacket, type Source, type SourceAnswer, type SourceCounters } from './contract.ts';
import { MAX_PACKET_BYTES, PacketSchedule } from './packet-schedule.ts';
import { RateWindow } from './rate-window.ts';
import { TEST_PICTURE } from './test-picture.ts';
import { writeSilence } from './test-sound.ts';

const VIDEO_FRAMES_PER_SECOND = 30;
/** Opus and most speech codecs send every 20 ms. */
const AUDIO_FRAMES_PER_SECOND = 50;
/** Encoders drop frames at low rates too: each packet costs its relays and receivers the same, however little is in it. */
const MIN_VIDEO_FRAME_BYTES = MAX_PACKET_BYTES;
const MIN_AUDIO_FRAME_BYTES = 20;

/** The mandatory byte of a VP8 payload descriptor (RFC 7741 section 4.2), with and without the S bit. */
const VP8_DESCRIPTOR_BYTES = 1;
const VP8_START = 0x10;
const VP8_CONTINUED = 0x00;

export interface TestSourceOptions {
  readonly ssrc: number;
  readonly format: StreamFormat;
  /** bit/s of UDP payload; 0: silent until told otherwise. */
  readonly rateBps: number;
  /** Where the numbering begins; RFC 3550 section 5.1 wants both random. */
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  readonly send: SendPacket;
  readonly clock?: Clock;
}

/**
 * Starts to send. VP8 shows colour bars in every frame, which a packet holds, padded to the rate; Opus is silence; any other codec
 * carries filler.
 */
export function startTestSource(options: TestSourceOptions): Source {
  return new TestSource(options);
}

class TestSource implements Source {
  readonly #options: TestSourceOptions;
  readonly #clock: Clock;
  readonly #schedule: PacketSchedule;
  readonly #rate = new RateWindow();
  readonly #startMs: number;
  readonly #codec: string;
  readonly #memory = new ArrayBuffer(MAX_PACKET_BYTES);
  /** Views of the one packet buffer by length, so that no packet is allocated. */
  readonly #views = new Map<number, Uint8Array>();
  #sequence: number;
  #frameOffset = 0;
  #packets = 0;
  #bytes = 0;
  #cancel: () => void = () => undefined;

  constructor(options: TestSourceOptions) {
    const { format, rateBps, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#codec = format.codec.name.toLowerCase();
    this.#schedule = new PacketSchedule({
      rateBps,
      framesPerSecond: format.media === 'video' ? VIDEO_FRAMES_PER_SECOND : AUDIO_FRAMES_PER_SECOND,
      minFrameBytes: format.media === 'video' ? MIN_VIDEO_FRAME_BYTES : MIN_AUDIO_FRAME_BYTES,
      nowMs: this.#startMs,
    });
    this.#sequence = options.firstSequence;
    this.#wait();
  }

  get rateBps(): number {
    return this.#schedule.rateBps;
  }

  setRate(rateBps: number): void {
    this.#schedule.setRate(rateBps, this.#clock.now());
    this.#wait();
  }

  /** All of the picture is in every frame; what is filler cannot be shown anyway. */
  requestKeyFrame(): SourceAnswer {
    return 'needless';
  }

  counters(): SourceCounters {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      reports: 0,
      rejected: NOTHING_REJECTED,
      otherPayloads: new Map(),
    };
  }

  measuredBps(): number {
    return this.#rate.bps(this.#clock.now());
  }

  close(): Promise<void> {
    this.#schedule.setRate(0, this.#clock.now());
    this.#cancel();
    return Promise.resolve();
  }

  readonly #sendDue = (): void => {
    const nowMs = this.#clock.now();
    this.#schedule.skipStall(nowMs);
    while (this.#schedule.dueMs <= nowMs) this.#sendNext();
    this.#wait();
  };

  #wait(): void {
    this.#cancel();
    const { dueMs } = this.#schedule;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    // Timers count in whole milliseconds: one that fires early would be set again for nothing.
    this.#cancel = this.#clock.after(Math.max(0, Math.ceil(dueMs - this.#clock.now())), this.#sendDue);
  }

  #sendNext(): void {
    const schedule = this.#schedule;
    const packet = this.#view(schedule.packetBytes);
    const { ssrc, format, firstTimestamp } = this.#options;
    const ticks = Math.round(((schedule.frameMs - this.#startMs) * format.codec.clockRate) / 1000);
    writePlainHeader(packet);
    writePayloadType(packet, format.payloadType, schedule.endsFrame);
    writeSequence(packet, this.#sequence);
    writeTimestamp(packet, firstTimestamp + ticks);
    writeSsrc(packet, ssrc);
    this.#fill(packet, schedule.startsFrame);
    this.#sequence = nextSequence(this.#sequence);
    this.#packets++;
    this.#bytes += packet.length;
    this.#rate.add(packet.length, this.#clock.now());
    schedule.advance();
    this.#options.send(packet);
  }

  #fill(packet: Uint8Array, startsFrame: boolean): void {
    packet.fill(0, RTP_HEADER_BYTES);
    if (this.#codec === 'vp8') this.#fillPicture(packet, startsFrame);
    else if (this.#codec === 'opus') writeSilence(packet.subarray(RTP_HEADER_BYTES));
  }

  /** The next piece of the picture, then zeros. */
  #fillPicture(packet: Uint8Array, startsFrame: boolean): void {
    if (startsFrame) this.#frameOffset = 0;
    packet[RTP_HEADER_BYTES] = startsFrame ? VP8_START : VP8_CONTINUED;
    const at = RTP_HEADER_BYTES + VP8_DESCRIPTOR_BYTES;
    const room = packet.length - at;
    if (this.#frameOffset >= TEST_PICTURE.length) return;
    packet.set(TEST_PICTURE.subarray(this.#frameOffset, this.#frameOffset + room), at);
    this.#frameOffset += room;
  }

  #view(bytes: number): Uint8Array {
    const known = this.#views.get(bytes);
    if (known !== undefined) return known;
    const view = new Uint8Array(this.#memory, 0, bytes);
    this.#views.set(bytes, view);
    return view;
  }
}
