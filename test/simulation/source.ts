/** What feeds a simulated stream: RTP headers without payload, at a steady packet rate, each packet as large as the bit rate asks. */
import { readSequence } from '../../infra/rtp/header.ts';
import { nextSequence } from '../../infra/rtp/sequence.ts';
import type { StreamName } from '../../machines/messages.ts';
import { isWithin, SliceCounts, type Window } from './delivery.ts';

const RTP_HEADER_BYTES = 12;
const RTP_VERSION_BITS = 0x80;
/** Packets kept for sending again: more than a second's at any simulated packet rate. */
const KEPT = 256;

/** A packet on its way. The bytes are those of the fixed RTP header. */
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
  readonly packetsPerSecond: number;
  /** The time whose packets count. */
  readonly window: Window;
}

export class MediaSource {
  readonly stream: StreamName;
  readonly media: 'audio' | 'video';
  readonly packetsPerSecond: number;
  rateBps = 0;
  readonly #payloadType: number;
  #sequence: number;
  #index = 0;
  /** What it sent within the window that counts. */
  readonly inWindow = new SliceCounts();
  readonly #window: Window;
  readonly #recent: (MediaPacket | undefined)[] = Array.from({ length: KEPT });

  constructor({ stream, media, payloadType, firstSequence, packetsPerSecond, window }: SourceOptions) {
    this.stream = stream;
    this.media = media;
    this.#payloadType = payloadType;
    this.#sequence = firstSequence;
    this.packetsPerSecond = packetsPerSecond;
    this.#window = window;
  }

  /** How many packets there have been: what a sender report counts. */
  get packets(): number {
    return this.#index;
  }

  next(ssrc: number, nowMs: number): MediaPacket {
    const bytes = new Uint8Array(RTP_HEADER_BYTES);
    const header = new DataView(bytes.buffer);
    header.setUint8(0, RTP_VERSION_BITS);
    header.setUint8(1, this.#payloadType);
    header.setUint16(2, this.#sequence);
    header.setUint32(8, ssrc);
    const bits = this.rateBps / this.packetsPerSecond;
    const packet = { source: this, index: this.#index, bytes, bits, sentAtMs: nowMs };
    if (isWithin(this.#window, packet)) this.inWindow.add(packet);
    this.#recent[this.#sequence % KEPT] = packet;
    this.#sequence = nextSequence(this.#sequence);
    this.#index += 1;
    return packet;
  }

  /** The packet that these header bytes belong to, if it is one of the last. */
  packetOf(bytes: Uint8Array): MediaPacket | undefined {
    const sequence = readSequence(bytes);
    const packet = this.#recent[sequence % KEPT];
    return packet !== undefined && readSequence(packet.bytes) === sequence ? packet : undefined;
  }
}
