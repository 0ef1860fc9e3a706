/**
 * What feeds a simulated stream at a steady rate. Either each packet is as large as the bit rate asks, and its bytes are its RTP header
 * alone; or packets are as on the wire, and as many come at a time as the bit rate asks.
 */
import { readSequence } from '../../../../infra/rtp/header.ts';
import { nextSequence } from '../../../../infra/rtp/sequence.ts';
import type { StreamName } from '../../../../machines/messages.ts';
import { isWithin, SliceCounts, type Window } from './delivery.ts';

const RTP_HEADER_BYTES = 12;
const RTP_VERSION_BITS = 0x80;
/** Packets kept for sending again: more than a second's at any simulated packet rate, and of packets as on the wire at 20 Mbit/s. */
const KEPT = 256;
const KEPT_OF_WIRE = 2048;
/** UDP payload of a packet of video. */
const WIRE_BYTES = 1200;
/** An encoder's key frames come every so many frames, and each is so many times as large as the frames between them. */
const KEY_FRAME_EVERY = 50;
const KEY_FRAME_TIMES = 8;
/** Of the mean. */
const BETWEEN_SHARE = KEY_FRAME_EVERY / (KEY_FRAME_EVERY - 1 + KEY_FRAME_TIMES);

/** A packet on its way. The bytes are those of the fixed RTP header, or as many as it has on the wire. */
export interface MediaPacket {
  readonly source: MediaSource;
  /** Counts the source's packets from 0. */
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly bits: number;
  readonly sentAtMs: number;
}

export interface SourceOptions {
  readonly stream: StreamName;
  readonly media: 'audio' | 'video';
  readonly payloadType: number;
  readonly firstSequence: number;
  /** How often anything comes. */
  readonly packetsPerSecond: number;
  /** Packets are as large as on the wire. */
  readonly isWire: boolean;
  /** Pictures are not all of one size, as an encoder's are not. */
  readonly isBursty?: boolean;
  /** The time whose packets count. */
  readonly window: Window;
}

export class MediaSource {
  readonly stream: StreamName;
  readonly media: 'audio' | 'video';
  readonly packetsPerSecond: number;
  rateBps = 0;
  /** Of what it has sent last. */
  ssrc: number | null = null;
  readonly #payloadType: number;
  #sequence: number;
  #index = 0;
  /** What it sent within the window that counts. */
  readonly inWindow = new SliceCounts();
  readonly #window: Window;
  readonly #isWire: boolean;
  readonly #isBursty: boolean;
  #frames = 0;
  readonly #recent: (MediaPacket | undefined)[];

  constructor(options: SourceOptions) {
    const { stream, media, payloadType, firstSequence, packetsPerSecond, isWire, window, isBursty = false } = options;
    this.stream = stream;
    this.media = media;
    this.#payloadType = payloadType;
    this.#sequence = firstSequence;
    this.packetsPerSecond = packetsPerSecond;
    this.#isWire = isWire;
    this.#isBursty = isBursty && media === 'video';
    // Key frames of several do not come at once.
    this.#frames = firstSequence % KEY_FRAME_EVERY;
    this.#recent = Array.from({ length: isWire ? KEPT_OF_WIRE : KEPT });
    this.#window = window;
  }

  /** How many packets there have been: what a sender report counts. */
  get packets(): number {
    return this.#index;
  }

  /** What comes at once: a frame. */
  frame(ssrc: number, nowMs: number): MediaPacket[] {
    if (!this.#isWire) return [this.next(ssrc, nowMs)];
    const bytes = (this.#sizeShare() * this.rateBps) / this.packetsPerSecond / 8;
    const packets = Math.max(1, Math.ceil(bytes / WIRE_BYTES));
    const size = Math.max(RTP_HEADER_BYTES, Math.round(bytes / packets));
    return Array.from({ length: packets }, () => this.next(ssrc, nowMs, size));
  }

  /** Of a mean picture. */
  #sizeShare(): number {
    if (!this.#isBursty) return 1;
    this.#frames += 1;
    return this.#frames % KEY_FRAME_EVERY === 0 ? KEY_FRAME_TIMES * BETWEEN_SHARE : BETWEEN_SHARE;
  }

  /** @param size in bytes; left out: none is as on the wire */
  next(ssrc: number, nowMs: number, size?: number): MediaPacket {
    this.ssrc = ssrc;
    const bytes = new Uint8Array(size ?? RTP_HEADER_BYTES);
    const header = new DataView(bytes.buffer);
    header.setUint8(0, RTP_VERSION_BITS);
    header.setUint8(1, this.#payloadType);
    header.setUint16(2, this.#sequence);
    header.setUint32(8, ssrc);
    const bits = size === undefined ? this.rateBps / this.packetsPerSecond : 8 * size;
    const packet = { source: this, index: this.#index, bytes, bits, sentAtMs: nowMs };
    if (isWithin(this.#window, packet)) this.inWindow.add(packet);
    this.#recent[this.#sequence % this.#recent.length] = packet;
    this.#sequence = nextSequence(this.#sequence);
    this.#index += 1;
    return packet;
  }

  /** The packet that these header bytes belong to, if it is one of the last. */
  packetOf(bytes: Uint8Array): MediaPacket | undefined {
    const sequence = readSequence(bytes);
    const packet = this.#recent[sequence % this.#recent.length];
    return packet !== undefined && readSequence(packet.bytes) === sequence ? packet : undefined;
  }
}
