/** RTCP source descriptions and goodbyes: which streams are of one sender (RFC 3550 section 6.5), and which end (section 6.6). */
import { randomBytes } from 'node:crypto';
import { packetsOf } from './compound.ts';

const VERSION_2 = 0x80;
const COUNT_MASK = 0x1f;
const DESCRIPTION = 202;
const GOODBYE = 203;
const CNAME = 1;
const HEAD_BYTES = 4;
const SSRC_BYTES = 4;
/** The item's type and its length. */
const ITEM_HEAD_BYTES = 2;
/** The count has five bits. */
const MOST_CHUNKS = 31;
/** RFC 7022 section 5 wants at least 96 random bits. */
const CNAME_BITS = 96;

/** A canonical name for one run of a program: it tells nothing of the user or the machine (RFC 7022 section 4.2). */
export function freshCname(): string {
  return randomBytes(CNAME_BITS / 8).toString('base64');
}

/** A source description that gives each of at most 31 SSRCs the same CNAME, of at most 255 bytes. */
export function writeDescription(ssrcs: readonly number[], cname: string): Uint8Array {
  const name = new TextEncoder().encode(cname);
  // At least one zero ends the items, and as many as fill the word.
  const chunkBytes = 4 * (Math.floor((SSRC_BYTES + ITEM_HEAD_BYTES + name.length) / 4) + 1);
  const packet = withHead(DESCRIPTION, ssrcs.length, chunkBytes * ssrcs.length);
  const view = new DataView(packet.buffer);
  ssrcs.forEach((ssrc, index) => {
    const at = HEAD_BYTES + chunkBytes * index;
    view.setUint32(at, ssrc);
    view.setUint8(at + SSRC_BYTES, CNAME);
    view.setUint8(at + SSRC_BYTES + 1, name.length);
    packet.set(name, at + SSRC_BYTES + ITEM_HEAD_BYTES);
  });
  return packet;
}

/** The CNAMEs in a datagram, by SSRC, with control characters left out; what is malformed ends a packet. */
export function readCnames(datagram: Uint8Array): Map<number, string> {
  const cnames = new Map<number, string>();
  for (const packet of packetsOf(datagram)) {
    if (packet[1] === DESCRIPTION) readChunks(packet, cnames);
    if (cnames.size >= MOST_CHUNKS) break;
  }
  return cnames;
}

/** A goodbye of at most 31 SSRCs. */
export function writeGoodbye(ssrcs: readonly number[]): Uint8Array {
  const packet = withHead(GOODBYE, ssrcs.length, SSRC_BYTES * ssrcs.length);
  const view = new DataView(packet.buffer);
  ssrcs.forEach((ssrc, index) => {
    view.setUint32(HEAD_BYTES + SSRC_BYTES * index, ssrc);
  });
  return packet;
}

function withHead(type: number, count: number, bodyBytes: number): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(HEAD_BYTES + bodyBytes);
  packet[0] = VERSION_2 | count;
  packet[1] = type;
  new DataView(packet.buffer).setUint16(2, bodyBytes / 4);
  return packet;
}

function readChunks(packet: Uint8Array, cnames: Map<number, string>): void {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  let at = HEAD_BYTES;
  for (let chunk = view.getUint8(0) & COUNT_MASK; chunk > 0 && at + SSRC_BYTES <= packet.length; chunk--) {
    const ssrc = view.getUint32(at);
    at += SSRC_BYTES;
    while (at < packet.length && packet[at] !== 0) {
      const textAt = at + ITEM_HEAD_BYTES;
      const end = textAt + (packet[at + 1] ?? 0);
      if (end > packet.length) return;
      const text = packet[at] === CNAME ? printable(packet.subarray(textAt, end)) : '';
      if (text !== '') cnames.set(ssrc, text);
      at = end;
    }
    at = 4 * (Math.floor(at / 4) + 1);
  }
}

/** A string that is as long in bytes as what it was read from, or shorter. */
function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '');
}
