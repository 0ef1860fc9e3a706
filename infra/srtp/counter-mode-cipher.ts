/** AES_CM_128_HMAC_SHA1_80 (RFC 3711 sections 4.1.1 and 4.2.1). */
import { createCipheriv, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { readSequence, readSsrc } from '../rtp/header.ts';
import { ENCRYPTED_BIT, type PacketCipher, RTCP_HEADER_BYTES, RTCP_INDEX_BYTES } from './packet-cipher.ts';

/** SHA-1 makes 160 bits, of which 80 are sent. */
const TAG_BYTES = 10;
const COUNTER_BYTES = 16;
/** In the counter block: SSRC before index, the last two bytes count the blocks. */
const SSRC_AT = 4;
const INDEX_AT = 8;

export interface CounterModeKey {
  readonly key: Uint8Array;
  /** 14 bytes. */
  readonly salt: Uint8Array;
  readonly authentication: Uint8Array;
}

interface SessionKey {
  readonly key: KeyObject;
  readonly salt: Uint8Array;
  readonly authentication: KeyObject;
}

export class CounterModeCipher implements PacketCipher {
  readonly rtpTagBytes = TAG_BYTES;
  readonly rtcpTrailerBytes = RTCP_INDEX_BYTES + TAG_BYTES;
  readonly rtcpIndexFromEnd = RTCP_INDEX_BYTES + TAG_BYTES;
  readonly #rtp: SessionKey;
  readonly #rtcp: SessionKey;
  readonly #counter = Buffer.alloc(COUNTER_BYTES);
  readonly #cycles = Buffer.alloc(4);

  constructor({ rtp, rtcp }: { readonly rtp: CounterModeKey; readonly rtcp: CounterModeKey }) {
    this.#rtp = keyOf(rtp);
    this.#rtcp = keyOf(rtcp);
  }

  sealRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number {
    into.set(packet.subarray(0, headerBytes));
    into.set(this.#rtpMixed(packet, packet.subarray(headerBytes), cycles), headerBytes);
    into.set(this.#rtpTag(into.subarray(0, packet.length), cycles), packet.length);
    return packet.length + TAG_BYTES;
  }

  openRtp(packet: Uint8Array, headerBytes: number, cycles: number, into: Uint8Array): number {
    const length = packet.length - TAG_BYTES;
    if (!timingSafeEqual(this.#rtpTag(packet.subarray(0, length), cycles), packet.subarray(length))) return -1;
    into.set(packet.subarray(0, headerBytes));
    into.set(this.#rtpMixed(packet, packet.subarray(headerBytes, length), cycles), headerBytes);
    return length;
  }

  sealRtcp(packet: Uint8Array, index: number, into: Uint8Array): number {
    into.set(packet.subarray(0, RTCP_HEADER_BYTES));
    into.set(this.#rtcpMixed(packet, packet.subarray(RTCP_HEADER_BYTES), index), RTCP_HEADER_BYTES);
    new DataView(into.buffer, into.byteOffset).setUint32(packet.length, ENCRYPTED_BIT + index);
    const end = packet.length + RTCP_INDEX_BYTES;
    into.set(tagOf(this.#rtcp, into.subarray(0, end)), end);
    return end + TAG_BYTES;
  }

  openRtcp(packet: Uint8Array, index: number, into: Uint8Array): number {
    const end = packet.length - TAG_BYTES;
    if (!timingSafeEqual(tagOf(this.#rtcp, packet.subarray(0, end)), packet.subarray(end))) return -1;
    const length = end - RTCP_INDEX_BYTES;
    into.set(packet.subarray(0, RTCP_HEADER_BYTES));
    into.set(this.#rtcpMixed(packet, packet.subarray(RTCP_HEADER_BYTES, length), index), RTCP_HEADER_BYTES);
    return length;
  }

  #rtpMixed(packet: Uint8Array, bytes: Uint8Array, cycles: number): Buffer {
    this.#counter.fill(0);
    this.#counter.writeUInt32BE(readSsrc(packet), SSRC_AT);
    this.#counter.writeUInt32BE(cycles, INDEX_AT);
    this.#counter.writeUInt16BE(readSequence(packet), INDEX_AT + 4);
    return this.#mixed(this.#rtp, bytes);
  }

  #rtcpMixed(packet: Uint8Array, bytes: Uint8Array, index: number): Buffer {
    this.#counter.fill(0);
    this.#counter.set(packet.subarray(4, RTCP_HEADER_BYTES), SSRC_AT);
    this.#counter.writeUInt32BE(index, INDEX_AT + 2);
    return this.#mixed(this.#rtcp, bytes);
  }

  #mixed({ key, salt }: SessionKey, bytes: Uint8Array): Buffer {
    for (let at = 0; at < salt.length; at++) this.#counter[at] = (this.#counter[at] ?? 0) ^ (salt[at] ?? 0);
    return createCipheriv('aes-128-ctr', key, this.#counter).update(bytes);
  }

  #rtpTag(packet: Uint8Array, cycles: number): Buffer {
    this.#cycles.writeUInt32BE(cycles);
    return tagOf(this.#rtp, packet, this.#cycles);
  }
}

function tagOf({ authentication }: SessionKey, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac('sha1', authentication);
  for (const part of parts) mac.update(part);
  return mac.digest().subarray(0, TAG_BYTES);
}

function keyOf({ key, salt, authentication }: CounterModeKey): SessionKey {
  return { key: createSecretKey(key), salt, authentication: createSecretKey(authentication) };
}
