/** AEAD_AES_128_GCM (RFC 7714). */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { readSequence, readSsrc } from '../rtp/header.ts';
import { ENCRYPTED_BIT, type PacketCipher, RTCP_HEADER_BYTES, RTCP_INDEX_BYTES } from './packet-cipher.ts';

const TAG_BYTES = 16;
const IV_BYTES = 12;
const CIPHER = 'aes-128-gcm';
const TAG_LENGTH = { authTagLength: TAG_BYTES };

interface SessionKey {
  readonly key: KeyObject;
  readonly salt: Uint8Array;
}

export interface GcmKeys {
  readonly rtp: { readonly key: Uint8Array; readonly salt: Uint8Array };
  readonly rtcp: { readonly key: Uint8Array; readonly salt: Uint8Array };
}

export class GcmCipher implements PacketCipher {
  readonly rtpTagBytes = TAG_BYTES;
  readonly rtcpTrailerBytes = TAG_BYTES + RTCP_INDEX_BYTES;
  readonly rtcpIndexFromEnd = RTCP_INDEX_BYTES;
  readonly #rtp: SessionKey;
  readonly #rtcp: SessionKey;
  readonly #iv = Buffer.alloc(IV_BYTES);
  /** What is authenticated of an RTCP packet beside what is encrypted. */
  readonly #rtcpHeader = Buffer.alloc(RTCP_HEADER_BYTES + RTCP_INDEX_BYTES);

  constructor({ rtp, rtcp }: GcmKeys) {
    this.#rtp = { key: createSecretKey(rtp.key), salt: rtp.salt };
    this.#rtcp = { key: createSecretKey(rtcp.key), salt: rtcp.salt };
  }

  sealRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number {
    const header = packet.subarray(0, headerBytes);
    into.set(header);
    const iv = this.#rtpIv(packet, cycles);
    return this.#seal(this.#rtp.key, iv, header, packet.subarray(headerBytes), into, headerBytes);
  }

  openRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number {
    const header = packet.subarray(0, headerBytes);
    into.set(header);
    const iv = this.#rtpIv(packet, cycles);
    return this.#open(this.#rtp.key, iv, header, packet.subarray(headerBytes), into, headerBytes);
  }

  sealRtcp(packet: Uint8Array, index: number, into: Uint8Array): number {
    into.set(packet.subarray(0, RTCP_HEADER_BYTES));
    const header = this.#authenticatedHeader(packet, index);
    const iv = this.#rtcpIv(packet, index);
    const end = this.#seal(this.#rtcp.key, iv, header, packet.subarray(RTCP_HEADER_BYTES), into, RTCP_HEADER_BYTES);
    into.set(header.subarray(RTCP_HEADER_BYTES), end);
    return end + RTCP_INDEX_BYTES;
  }

  openRtcp(packet: Uint8Array, index: number, into: Uint8Array): number {
    into.set(packet.subarray(0, RTCP_HEADER_BYTES));
    const header = this.#authenticatedHeader(packet, index);
    const iv = this.#rtcpIv(packet, index);
    const sealed = packet.subarray(RTCP_HEADER_BYTES, packet.length - RTCP_INDEX_BYTES);
    return this.#open(this.#rtcp.key, iv, header, sealed, into, RTCP_HEADER_BYTES);
  }

  #seal(key: KeyObject, iv: Uint8Array, header: Uint8Array, plain: Uint8Array, into: Uint8Array, at: number): number {
    const cipher = createCipheriv(CIPHER, key, iv, TAG_LENGTH);
    cipher.setAAD(header);
    into.set(cipher.update(plain), at);
    cipher.final();
    into.set(cipher.getAuthTag(), at + plain.length);
    return at + plain.length + TAG_BYTES;
  }

  #open(key: KeyObject, iv: Uint8Array, header: Uint8Array, sealed: Uint8Array, into: Uint8Array, at: number): number {
    const length = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, key, iv, TAG_LENGTH);
    decipher.setAAD(header);
    decipher.setAuthTag(sealed.subarray(length));
    const plain = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      // The tag is wrong: this is how Node says it.
      return -1;
    }
    into.set(plain, at);
    return at + length;
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
