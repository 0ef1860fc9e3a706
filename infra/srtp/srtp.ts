/**
 * SRTP and SRTCP (RFC 3711, RFC 7714): one object for each direction, with what must be remembered of each SSRC. Nothing is thrown for
 * what comes from outside.
 */
import {
  hasWholeHeader,
  payloadOffset,
  RTP_HEADER_BYTES,
  readSequence,
  readSsrcKey,
  readVersion,
} from '../rtp/header.ts';
import { extendSequence } from '../rtp/sequence.ts';
import { ENCRYPTED_BIT, type PacketCipher, RTCP_HEADER_BYTES } from './packet-cipher.ts';
import type { MasterKey } from './profile.ts';
import { RecentSources } from './recent-sources.ts';
import { ReplayWindow } from './replay-window.ts';
import { sessionCipher } from './session-cipher.ts';

/** No UDP datagram is longer. */
const MOST_BYTES = 0xffff;
/** Nearly none is longer than an Ethernet frame. */
const USUAL_BYTES = 1500;
/** A page sends a handful of sources, and is sent two for each of 25 tiles. */
const MOST_SOURCES = 256;
const SEQUENCE_COUNT = 0x1_0000;
const RTCP_SSRC_AT = 4;
/** After so many the keys would have to change (RFC 3711 section 9.2). At 20 a second: three years. */
const RTCP_INDEX_COUNT = 2 ** 31;

/** Why a packet was not taken. */
export type SrtpRefusal =
  /** Too short, or not RTP at all. */
  | 'malformed'
  | 'not-authentic'
  /** It has been taken before, or is so old that nobody knows. */
  | 'replayed';

/** Protects what is sent. */
export class SrtpSender {
  readonly #cipher: PacketCipher;
  /** The highest extended sequence number of each SSRC. */
  readonly #highest = new RecentSources<{ index: number }>(MOST_SOURCES);
  #rtcpIndex = 0;

  constructor(key: MasterKey) {
    this.#cipher = sessionCipher(key);
  }

  /**
   * Two different packets with one SSRC and sequence number must never be given: their encryption would be broken. The same one again
   * is in order: it becomes the same bytes.
   *
   * @param packet with a whole header
   * @returns memory of its own
   */
  protectRtp(packet: Uint8Array): Uint8Array {
    const bytes = Buffer.allocUnsafe(packet.length + this.#cipher.rtpTagBytes);
    this.#cipher.sealRtp(packet, payloadOffset(packet), this.#cyclesOf(packet), bytes);
    return bytes;
  }

  /**
   * @param packet a compound packet with a whole first header
   * @throws {RangeError} after 2^31 packets
   */
  protectRtcp(packet: Uint8Array): Uint8Array {
    if (this.#rtcpIndex === RTCP_INDEX_COUNT)
      throw new RangeError('The keys have protected all the RTCP that they may.');
    const bytes = Buffer.allocUnsafe(packet.length + this.#cipher.rtcpTrailerBytes);
    this.#cipher.sealRtcp(packet, this.#rtcpIndex++, bytes);
    return bytes;
  }

  #cyclesOf(packet: Uint8Array): number {
    const key = readSsrcKey(packet);
    const sequence = readSequence(packet);
    const source = this.#highest.get(key);
    if (source === undefined) {
      this.#highest.set(key, { index: sequence });
      return 0;
    }
    const index = Math.max(0, extendSequence(source.index, sequence));
    if (index > source.index) source.index = index;
    return Math.floor(index / SEQUENCE_COUNT);
  }
}

/** Takes what is received. What it returns is valid until the next call. */
export class SrtpReceiver {
  readonly #cipher: PacketCipher;
  readonly #rtp = new RecentSources<ReplayWindow>(MOST_SOURCES);
  readonly #rtcp = new RecentSources<ReplayWindow>(MOST_SOURCES);
  #plain = Buffer.alloc(USUAL_BYTES);

  constructor(key: MasterKey) {
    this.#cipher = sessionCipher(key);
  }

  unprotectRtp(packet: Uint8Array): Uint8Array | SrtpRefusal {
    const length = packet.length - this.#cipher.rtpTagBytes;
    if (packet.length > MOST_BYTES || length < RTP_HEADER_BYTES || readVersion(packet) !== 2) return 'malformed';
    if (!hasWholeHeader(packet, length)) return 'malformed';
    const key = readSsrcKey(packet);
    const known = this.#rtp.get(key);
    const index = known === undefined ? readSequence(packet) : extendSequence(known.highest, readSequence(packet));
    if (index < 0 || known?.isFresh(index) === false) return 'replayed';
    const cycles = Math.floor(index / SEQUENCE_COUNT);
    const end = this.#cipher.openRtp(packet, payloadOffset(packet), cycles, this.#roomFor(packet));
    if (end < 0) return 'not-authentic';
    windowOf(this.#rtp, key, known).take(index);
    return this.#plain.subarray(0, end);
  }

  unprotectRtcp(packet: Uint8Array): Uint8Array | SrtpRefusal {
    const length = packet.length - this.#cipher.rtcpTrailerBytes;
    if (packet.length > MOST_BYTES || length < RTCP_HEADER_BYTES || readVersion(packet) !== 2) return 'malformed';
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const index = view.getUint32(packet.length - this.#cipher.rtcpIndexFromEnd) - ENCRYPTED_BIT;
    if (index < 0) return 'not-authentic';
    const key = view.getInt32(RTCP_SSRC_AT);
    const known = this.#rtcp.get(key);
    if (known?.isFresh(index) === false) return 'replayed';
    const end = this.#cipher.openRtcp(packet, index, this.#roomFor(packet));
    if (end < 0) return 'not-authentic';
    windowOf(this.#rtcp, key, known).take(index);
    return this.#plain.subarray(0, end);
  }

  #roomFor({ length }: Uint8Array): Uint8Array {
    if (length > this.#plain.length) this.#plain = Buffer.alloc(length);
    return this.#plain;
  }
}

function windowOf(sources: RecentSources<ReplayWindow>, key: number, known: ReplayWindow | undefined): ReplayWindow {
  const window = known ?? new ReplayWindow();
  if (known === undefined) sources.set(key, window);
  return window;
}
