/** The packets of one stream of our own, numbered on, and its sender reports. */
import { randomInt } from 'node:crypto';
import { writeReport } from '../../../../infra/rtcp/reception-report.ts';
import { writeDescription } from '../../../../infra/rtcp/source-description.ts';
import { RTP_HEADER_BYTES } from '../../../../infra/rtp/header.ts';
import { nextSequence } from '../../../../infra/rtp/sequence.ts';
import {
  writePayloadType,
  writePlainHeader,
  writeSequence,
  writeSsrc,
  writeTimestamp,
} from '../../../../infra/rtp/write.ts';
import type { Format } from './formats.ts';

const WORDS = 2 ** 32;
/** As large as encoders make them: they fit into a tunnel's frame. */
const PACKET_BYTES = 1200;
/** The payload descriptor of the first packet of a frame (RFC 7741 section 4.2: S), and the frame header's bit of all but key frames (section 4.3: P). */
const VP8 = { START: 0x10, PREDICTED: 0x01 } as const;

export class RtpWriter {
  readonly ssrc = randomInt(WORDS);
  readonly #format: Format;
  /** Timestamps begin anywhere (RFC 3550 section 5.1). */
  readonly #offset = randomInt(WORDS);
  #sequence = randomInt(2 ** 16);
  #packets = 0;
  #bytes = 0;

  constructor(format: Format) {
    this.#format = format;
  }

  /** One packet. @param atMs when it was recorded, by any one clock */
  packet(atMs: number, bytes: number, marker: boolean): Buffer {
    const packet = Buffer.alloc(bytes);
    writePlainHeader(packet);
    writePayloadType(packet, this.#format.payloadType, marker);
    writeSequence(packet, this.#sequence);
    writeTimestamp(packet, this.#timestampAt(atMs));
    writeSsrc(packet, this.ssrc);
    this.#sequence = nextSequence(this.#sequence);
    this.#packets++;
    this.#bytes += bytes - RTP_HEADER_BYTES;
    return packet;
  }

  /** The packets of a frame of VP8. */
  frame(atMs: number, packets: number, isKeyFrame: boolean): Buffer[] {
    return Array.from({ length: packets }, (_, index) => {
      const packet = this.packet(atMs, PACKET_BYTES, index === packets - 1);
      packet[RTP_HEADER_BYTES] = index === 0 ? VP8.START : 0;
      packet[RTP_HEADER_BYTES + 1] = isKeyFrame ? 0 : VP8.PREDICTED;
      return packet;
    });
  }

  /** What the program reports of the stream at a moment of that clock, which is `unixMs` by its wall clock. */
  report(atMs: number, unixMs: number, cname: string): Buffer {
    const sent = { unixMs, rtpTimestamp: this.#timestampAt(atMs), packets: this.#packets, bytes: this.#bytes };
    return Buffer.concat([writeReport(this.ssrc, sent, []), writeDescription([this.ssrc], cname)]);
  }

  #timestampAt(atMs: number): number {
    return (this.#offset + Math.round((atMs * this.#format.clockRate) / 1000)) % WORDS;
  }
}
