/** What RTCP sender and receiver reports say, as far as it tells whether media arrives (RFC 3550 sections 6.4.1 and 6.4.2). */
import { packetsOf } from './compound.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const HEAD_BYTES = 8;
const SENDER_INFO_BYTES = 20;
const PACKET_COUNT_AT = 20;
const BLOCK_BYTES = 24;
const COUNT_MASK = 0x1f;

/** Of one stream that the reporter receives. */
export interface ReceivedBlock {
  readonly ssrc: number;
  /** Of the packets since its last report, 0..1. */
  readonly loss: number;
  /** The low 32 bits of the extended highest sequence number. */
  readonly highestSequence: number;
}

export interface Reports {
  /** How many packets of its own streams the reporter says it has sent, by SSRC. */
  readonly sent: ReadonlyMap<number, number>;
  readonly blocks: readonly ReceivedBlock[];
}

/** The reports in a datagram, of at most `most` streams each way; what is malformed ends it. */
export function readReports(datagram: Uint8Array, most: number): Reports {
  const sent = new Map<number, number>();
  const blocks: ReceivedBlock[] = [];
  for (const packet of packetsOf(datagram)) {
    const type = packet[1];
    if (type !== SENDER_REPORT && type !== RECEIVER_REPORT) continue;
    const blocksAt = HEAD_BYTES + (type === SENDER_REPORT ? SENDER_INFO_BYTES : 0);
    if (packet.length < blocksAt) continue;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    if (type === SENDER_REPORT && sent.size < most) sent.set(view.getUint32(4), view.getUint32(PACKET_COUNT_AT));
    const told = view.getUint8(0) & COUNT_MASK;
    for (let index = 0; index < told && blocks.length < most; index++) {
      const at = blocksAt + BLOCK_BYTES * index;
      if (at + BLOCK_BYTES > packet.length) break;
      const [ssrc, loss, highestSequence] = [view.getUint32(at), view.getUint8(at + 4) / 256, view.getUint32(at + 8)];
      blocks.push({ ssrc, loss, highestSequence });
    }
  }
  return { sent, blocks };
}
