/** AEAD_AES_128_GCM (RFC 7714). */
import { readSequence, readSsrc } from '../rtp/header.ts';
import { GCM_TAG_BYTES, type PacketGcm, type PacketGcmOf } from './gcm/contract.ts';
import { packetGcm } from './gcm/packet-gcm.ts';
import { ENCRYPTED_BIT, type PacketCipher, RTCP_HEADER_BYTES, RTCP_INDEX_BYTES } from './packet-cipher.ts';

const IV_BYTES = 12;

interface SessionKey {
  readonly gcm: PacketGcm;
  readonly salt: Uint8Array;
}

export interface GcmKeys {
  readonly rtp: { readonly key: Uint8Array; readonly salt: Uint8Array };
  readonly rtcp: { readonly key: Uint8Array; readonly salt: Uint8Array };
}

export class GcmCipher implements PacketCipher {
  readonly rtpTagBytes = GCM_TAG_BYTES;
  readonly rtcpTrailerBytes = GCM_TAG_BYTES + RTCP_INDEX_BYTES;
  readonly rtcpIndexFromEnd = RTCP_INDEX_BYTES;
  readonly #rtp: SessionKey;
  readonly #rtcp: SessionKey;
  readonly #iv = Buffer.alloc(IV_BYTES);
  /** What is authenticated of an RTCP packet beside what is encrypted. */
  readonly #rtcpHeader = Buffer.alloc(RTCP_HEADER_BYTES + RTCP_INDEX_BYTES);

  constructor({ rtp, rtcp }: GcmKeys, gcmOf: PacketGcmOf = packetGcm) {
    this.#rtp = { gcm: gcmOf(rtp.key), salt: rtp.salt };
    this.#rtcp = { gcm: gcmOf(rtcp.key), salt: rtcp.salt };
  }

  sealRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number {
    const header = packet.subarray(0, headerBytes);
    into.set(header);
    const iv = this.#rtpIv(packet, cycles);
    return seal(this.#rtp.gcm, iv, header, packet.subarray(headerBytes), into, headerBytes);
  }

  openRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number {
    const header = packet.subarray(0, headerBytes);
    into.set(header);
    const iv = this.#rtpIv(packet, cycles);
    return open(this.#rtp.gcm, iv, header, packet.subarray(headerBytes), into, headerBytes);
  }

  sealRtcp(packet: Uint8Array, index: number, into: Uint8Array): number {
    into.set(packet.subarray(0, RTCP_HEADER_BYTES));
    const header = this.#authenticatedHeader(packet, index);
    const iv = this.#rtcpIv(packet, index);
    const end = seal(this.#rtcp.gcm, iv, header, packet.subarray(RTCP_HEADER_BYTES), into, RTCP_HEADER_BYTES);
    into.set(header.subarray(RTCP_HEADER_BYTES), end);
    return end + RTCP_INDEX_BYTES;
  }

  openRtcp(packet: Uint8Array, index: number, into: Uint8Array): number {
    into.set(packet.subarray(0, RTCP_HEADER_BYTES));
    const header = this.#authenticatedHeader(packet, index);
    const iv = this.#rtcpIv(packet, index);
    const sealed = packet.subarray(RTCP_HEADER_BYTES, packet.length - RTCP_INDEX_BYTES);
    return open(this.#rtcp.gcm, iv, header, sealed, into, RTCP_HEADER_BYTES);
  }

  /** RFC 7714 section 8.1: two zero bytes, SSRC, cycles, sequence number, mixed with the salt. */
  #rtpIv(packet: Uint8Array, cycles: number): Buffer {
    this.#iv.fill(0);
    this.#iv.writeUInt32BE(readSsrc(packet), 2);
    this.#iv.writeUInt32BE(cycles, 6);
    this.#iv.writeUInt16BE(readSequence(packet), 10);
    return this.#salted(this.#rtp.salt);
  }

  /** RFC 7714 section 9.1: two zero bytes, SSRC, two zero bytes, index, mixed with the salt. */
  #rtcpIv(packet: Uint8Array, index: number): Buffer {
    this.#iv.fill(0);
    this.#iv.set(packet.subarray(4, RTCP_HEADER_BYTES), 2);
    this.#iv.writeUInt32BE(index, 8);
    return this.#salted(this.#rtcp.salt);
  }

  #salted(salt: Uint8Array): Buffer {
    for (let at = 0; at < IV_BYTES; at++) this.#iv[at] = (this.#iv[at] ?? 0) ^ (salt[at] ?? 0);
    return this.#iv;
  }

  #authenticatedHeader(packet: Uint8Array, index: number): Buffer {
    this.#rtcpHeader.set(packet.subarray(0, RTCP_HEADER_BYTES));
    this.#rtcpHeader.writeUInt32BE(ENCRYPTED_BIT + index, RTCP_HEADER_BYTES);
    return this.#rtcpHeader;
  }
}

function seal(
  gcm: PacketGcm,
  iv: Uint8Array,
  header: Uint8Array,
  plain: Uint8Array,
  into: Uint8Array,
  at: number,
): number {
  gcm.seal(iv, header, plain, into, at);
  return at + plain.length + GCM_TAG_BYTES;
}

function open(
  gcm: PacketGcm,
  iv: Uint8Array,
  header: Uint8Array,
  sealed: Uint8Array,
  into: Uint8Array,
  at: number,
): number {
  return gcm.open(iv, header, sealed, into, at) ? at + sealed.length - GCM_TAG_BYTES : -1;
}
