/**
 * Generic NACK (RFC 4585 section 6.2.1): a receiver names the packets of one stream that it misses, each item one sequence number
 * and a bit for each of the sixteen after it.
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|P| FMT=1   |   PT=205      |          length               |
 * |                 SSRC of who asks                              |
 * |                 SSRC of the stream                            |
 * |        sequence number        |   bit i: number + i + 1       |  one or more
 * ```
 */

import { sequenceDistance } from '../rtp/sequence.ts';
import { packetsOf } from './compound.ts';

const TRANSPORT_FEEDBACK = 205;
const GENERIC_NACK = 1;
const VERSION_2 = 0x80;
const HEAD_BYTES = 12;
const ITEM_BYTES = 4;
/** What the bits of an item can name behind its first number. */
const ITEM_REACH = 16;

/** What one datagram can ask for: half a second of 10 Mbit/s in full packets. Whoever asks for more lies or has no use for it. */
export const MOST_ASKED = 512;

export interface Nack {
  readonly senderSsrc: number;
  readonly mediaSsrc: number;
  /** 16-bit sequence numbers. */
  readonly sequences: readonly number[];
}

/**
 * One NACK as a datagram of its own (RFC 5506's reduced size).
 *
 * @param nack its numbers in the order of the stream, at most {@link MOST_ASKED}
 */
export function writeNack({ senderSsrc, mediaSsrc, sequences }: Nack): Uint8Array {
  const items: { first: number; bits: number }[] = [];
  for (const sequence of sequences) {
    const item = items.at(-1);
    const distance = item === undefined ? 0 : sequenceDistance(item.first, sequence);
    if (item !== undefined && distance > 0 && distance <= ITEM_REACH) item.bits |= 1 << (distance - 1);
    else if (item?.first !== sequence) items.push({ first: sequence, bits: 0 });
  }
  const packet = new Uint8Array(HEAD_BYTES + ITEM_BYTES * items.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, VERSION_2 | GENERIC_NACK);
  view.setUint8(1, TRANSPORT_FEEDBACK);
  view.setUint16(2, packet.length / 4 - 1);
  view.setUint32(4, senderSsrc);
  view.setUint32(8, mediaSsrc);
  items.forEach(({ first, bits }, index) => {
    view.setUint16(HEAD_BYTES + ITEM_BYTES * index, first);
    view.setUint16(HEAD_BYTES + ITEM_BYTES * index + 2, bits);
  });
  return packet;
}

/** The NACKs in a datagram, with no more than {@link MOST_ASKED} numbers in all; what else it holds is passed over. */
export function readNacks(datagram: Uint8Array): Nack[] {
  const nacks: Nack[] = [];
  let left = MOST_ASKED;
  for (const packet of packetsOf(datagram)) {
    if (!isNack(packet)) continue;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const sequences = sequencesOf(view, left);
    left -= sequences.length;
    if (sequences.length > 0) nacks.push({ senderSsrc: view.getUint32(4), mediaSsrc: view.getUint32(8), sequences });
  }
  return nacks;
}

/** Whether this is a NACK without padding (RFC 3550 section 6.4.1), which a packet of whole words does not need. */
function isNack(packet: Uint8Array): boolean {
  return (
    packet.length >= HEAD_BYTES + ITEM_BYTES &&
    packet[0] === (VERSION_2 | GENERIC_NACK) &&
    packet[1] === TRANSPORT_FEEDBACK
  );
}

function sequencesOf(view: DataView, most: number): number[] {
  const sequences: number[] = [];
  for (let at = HEAD_BYTES; at + ITEM_BYTES <= view.byteLength; at += ITEM_BYTES) {
    const first = view.getUint16(at);
    const named = 1 | (view.getUint16(at + 2) << 1);
    for (let distance = 0; distance <= ITEM_REACH; distance++) {
      if (((named >>> distance) & 1) === 0) continue;
      if (sequences.length === most) return sequences;
      sequences.push((first + distance) & 0xffff);
    }
  }
  return sequences;
}
