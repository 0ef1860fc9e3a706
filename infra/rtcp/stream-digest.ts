/**
 * What the sender of a stream says, and signs, of the packets that it has sent since it said so last: an RTCP APP packet (RFC 3550
 * section 6.7) that whoever forwards the stream passes on as it is. And the question for those that have not come.
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|P|    0    |   PT=204      |             length            |
 * |                 SSRC of the sender                            |
 * |                  name: "RPRd"                                 |
 * |                 SSRC of the stream                            |
 * |              number: counts up with each                      |
 * |        when it was written, by the sender's clock, in ms      |
 * |                               |       highest index sent      |
 * |                                                               |
 * for each packet:
 * |       sequence number         |  digest: the first 48 bits    |
 * |        of the SHA-256 of the packet as it was sent            |
 * at the end, 64 bytes: an Ed25519 signature of all from the SSRC of the stream on
 *
 * |V=2|P|    0    |   PT=204      |          length = 4           |
 * |                 SSRC of whoever asks                          |
 * |                  name: "RPRa"                                 |
 * |                 SSRC of the stream                            |
 * |           the number after which it lacks some                |
 * ```
 */
import { SIGNATURE_BYTES } from '../crypto/identity-key.ts';
import { PACKET_DIGEST_BYTES } from '../srtp/packet-digest.ts';
import { APP_HEAD_BYTES, isApp, writeAppHead } from './app-packet.ts';
import { packetsOf } from './compound.ts';

const DIGEST_NAME = 0x5250_5264; // "RPRd"
const ASK_NAME = 0x5250_5261; // "RPRa"
const NUMBER_AT = APP_HEAD_BYTES + 4;
const WRITTEN_AT = NUMBER_AT + 4;
const HIGHEST_AT = WRITTEN_AT + 6;
/** Six bytes each: of times, and of indexes (RFC 3711 section 3.3.1). */
const LONG_BYTES = 6;
const PACKETS_AT = HIGHEST_AT + LONG_BYTES;
const PACKET_BYTES = 2 + PACKET_DIGEST_BYTES;
const ASK_BYTES = APP_HEAD_BYTES + 8;

/** Of so many packets one tells at most: then it passes everywhere in one piece, sealed. */
export const MOST_DIGESTED = 128;

export interface DigestedPacket {
  readonly sequence: number;
  /** 48 bits. */
  readonly digest: number;
}

export interface StreamDigest {
  readonly streamSsrc: number;
  readonly number: number;
  readonly writtenMs: number;
  /** Cycles and sequence number of the newest packet that was sent. */
  readonly highest: number;
  readonly packets: readonly DigestedPacket[];
}

/** As it has come: nobody has looked at its signature yet. */
export interface SignedDigest extends StreamDigest {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** All of it, as it is passed on. */
  readonly packet: Uint8Array;
}

export interface DigestAsk {
  readonly streamSsrc: number;
  readonly after: number;
}

/** @param sign gives the {@link SIGNATURE_BYTES} bytes of a signature */
export function writeStreamDigest(
  { streamSsrc, number, writtenMs, highest, packets }: StreamDigest,
  senderSsrc: number,
  sign: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const signedEnd = PACKETS_AT + PACKET_BYTES * packets.length;
  const bytes = Buffer.alloc(signedEnd + SIGNATURE_BYTES);
  writeAppHead(viewOf(bytes), senderSsrc, DIGEST_NAME);
  bytes.writeUInt32BE(streamSsrc, APP_HEAD_BYTES);
  bytes.writeUInt32BE(number, NUMBER_AT);
  bytes.writeUIntBE(writtenMs, WRITTEN_AT, LONG_BYTES);
  bytes.writeUIntBE(highest, HIGHEST_AT, LONG_BYTES);
  for (const [place, { sequence, digest }] of packets.entries()) {
    const at = PACKETS_AT + PACKET_BYTES * place;
    bytes.writeUInt16BE(sequence, at);
    bytes.writeUIntBE(digest, at + 2, PACKET_DIGEST_BYTES);
  }
  bytes.set(sign(bytes.subarray(APP_HEAD_BYTES, signedEnd)), signedEnd);
  return bytes;
}

/** Those in a datagram; packets of it that are something else are passed over. Only valid as long as the datagram. */
export function readStreamDigests(datagram: Uint8Array): SignedDigest[] {
  return [...packetsOf(datagram)].flatMap((packet) => {
    const count = (packet.length - PACKETS_AT - SIGNATURE_BYTES) / PACKET_BYTES;
    if (!Number.isInteger(count) || count < 0 || count > MOST_DIGESTED) return [];
    if (!isApp(viewOf(packet), DIGEST_NAME)) return [];
    const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
    const signedEnd = packet.length - SIGNATURE_BYTES;
    const packets = Array.from({ length: count }, (_, place): DigestedPacket => {
      const at = PACKETS_AT + PACKET_BYTES * place;
      return { sequence: bytes.readUInt16BE(at), digest: bytes.readUIntBE(at + 2, PACKET_DIGEST_BYTES) };
    });
    return [
      {
        streamSsrc: bytes.readUInt32BE(APP_HEAD_BYTES),
        number: bytes.readUInt32BE(NUMBER_AT),
        writtenMs: bytes.readUIntBE(WRITTEN_AT, LONG_BYTES),
        highest: bytes.readUIntBE(HIGHEST_AT, LONG_BYTES),
        packets,
        signed: packet.subarray(APP_HEAD_BYTES, signedEnd),
        signature: packet.subarray(signedEnd),
        packet,
      },
    ];
  });
}

export function writeDigestAsk({ streamSsrc, after }: DigestAsk, senderSsrc: number): Uint8Array {
  const bytes = new Uint8Array(ASK_BYTES);
  const view = viewOf(bytes);
  writeAppHead(view, senderSsrc, ASK_NAME);
  view.setUint32(APP_HEAD_BYTES, streamSsrc);
  view.setUint32(NUMBER_AT, after);
  return bytes;
}

export function readDigestAsks(datagram: Uint8Array): DigestAsk[] {
  return [...packetsOf(datagram)].flatMap((packet) => {
    if (packet.length !== ASK_BYTES) return [];
    const view = viewOf(packet);
    if (!isApp(view, ASK_NAME)) return [];
    return [{ streamSsrc: view.getUint32(APP_HEAD_BYTES), after: view.getUint32(NUMBER_AT) }];
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
