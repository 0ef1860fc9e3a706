/**
 * A short text to somebody with whom we share a key, in an RTCP APP packet (RFC 3550 section 6.7) of a datagram of its own: whoever
 * does not know the key can neither write nor change one.
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|P|    0    |   PT=204      |             length            |
 * |                 SSRC of the sender                            |
 * |                  name: "RPRm"                                 |
 * |   the text, UTF-8, and spaces up to a multiple of 4 bytes     |
 * |   HMAC-SHA-256 of all before it: its first 16 bytes           |
 * ```
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { APP_HEAD_BYTES, isApp, writeAppHead } from './app-packet.ts';
import { packetsOf } from './compound.ts';

const NAME = 0x5250_526d; // "RPRm"
/** As much as RFC 2104 section 5 asks for at least. */
const MAC_BYTES = 16;
const WORD_BYTES = 4;
const SPACE = 0x20;
/** What passes everywhere in one piece: the least that IPv6 carries, less headers and what tunnels add. */
const MOST_BYTES = 1200;

/** @returns undefined where the text is too long for one datagram */
export function writeSealedText(text: string, senderSsrc: number, key: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(text);
  const end = APP_HEAD_BYTES + WORD_BYTES * Math.ceil(bytes.length / WORD_BYTES);
  if (end + MAC_BYTES > MOST_BYTES) return undefined;
  const packet = Buffer.alloc(end + MAC_BYTES, SPACE);
  writeAppHead(new DataView(packet.buffer, packet.byteOffset, packet.length), senderSsrc, NAME);
  packet.set(bytes, APP_HEAD_BYTES);
  packet.set(macOf(packet.subarray(0, end), key), end);
  return packet;
}

/**
 * The texts in a datagram, each with the spaces behind it; of what the key does not fit there is nothing.
 *
 * @param key asked for only where there is a text at all
 */
export function readSealedTexts(datagram: Uint8Array, key: () => Uint8Array | undefined): string[] {
  return [...packetsOf(datagram)].flatMap((packet) => {
    if (!isSealedText(packet)) return [];
    const secret = key();
    const end = packet.length - MAC_BYTES;
    if (secret === undefined || !timingSafeEqual(macOf(packet.subarray(0, end), secret), packet.subarray(end)))
      return [];
    return [Buffer.from(packet.subarray(APP_HEAD_BYTES, end)).toString()];
  });
}

function isSealedText(packet: Uint8Array): boolean {
  if (packet.length < APP_HEAD_BYTES + MAC_BYTES) return false;
  return isApp(new DataView(packet.buffer, packet.byteOffset, packet.length), NAME);
}

function macOf(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(bytes).digest().subarray(0, MAC_BYTES);
}
