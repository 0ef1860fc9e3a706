/** AEAD_AES_128_GCM (RFC 7714). */
import { readSequence, readSsrcKey } from '../rtp/header.ts';
import { GCM_TAG_BYTES, type PacketGcm, type PacketGcmOf } from './gcm/contract.ts';
import { packetGcm } from './gcm/packet-gcm.ts';
import { ENCRYPTED_BIT, type PacketCipher, RTCP_HEADER_BYTES, RTCP_INDEX_BYTES } from './packet-cipher.ts';

const IV_BYTES = 12;

/** Of an RTCP packet: that of its first part. */
const RTCP_SSRC_AT = 4;

interface SessionKey {
  readonly gcm: PacketGcm;
  readonly salt: DataView;
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
  readonly #iv = new Uint8Array(IV_BYTES);
  readonly #ivView = new DataView(this.#iv.buffer);
  /** What is authenticated of an RTCP packet beside what is encrypted. */
  readonly #rtcpHeader = Buffer.alloc(RTCP_HEADER_BYTES + RTCP_INDEX_BYTES);

  constructor({ rtp, rtcp }: GcmKeys, gcmOf: PacketGcmOf = packetGcm) {
    this.#rtp = { gcm: gcmOf(rtp.key), salt: viewOf(rtp.salt) };
    this.#rtcp = { gcm: gcmOf(rtcp.key), salt: viewOf(rtcp.salt) };
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
  #rtpIv(packet: Uint8Array, cycles: number): Uint8Array {
    const { salt } = this.#rtp;
    this.#ivView.setUint16(0, salt.getUint16(0));
    this.#ivView.setUint32(2, readSsrcKey(packet) ^ salt.getUint32(2));
    this.#ivView.setUint32(6, cycles ^ salt.getUint32(6));
    this.#ivView.setUint16(10, readSequence(packet) ^ salt.getUint16(10));
    return this.#iv;
  }

  /** RFC 7714 section 9.1: two zero bytes, SSRC, two zero bytes, index, mixed with the salt. */
  #rtcpIv(packet: Uint8Array, index: number): Uint8Array {
    const { salt } = this.#rtcp;
    this.#ivView.setUint16(0, salt.getUint16(0));
    this.#ivView.setUint32(
      2,
      new DataView(packet.buffer, packet.byteOffset).getUint32(RTCP_SSRC_AT) ^ salt.getUint32(2),
    );
    this.#ivView.setUint16(6, salt.getUint16(6));
    this.#ivView.setUint32(8, index ^ salt.getUint32(8));
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

function viewOf(salt: Uint8Array): DataView {
  return new DataView(Uint8Array.from(salt).buffer);
}
