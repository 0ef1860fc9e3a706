/**
 * One stream under one key: SRTP (RFC 3711) with AEAD_AES_128_GCM (RFC 7714), and behind each packet an MKI of one byte, which names the
 * key (RFC 3711 section 3.2.1). Sealed once, opened by whoever has the key; who has not forwards it as it is.
 */
import { hasWholeHeader, payloadOffset, RTP_HEADER_BYTES, readSequence, readVersion } from '../rtp/header.ts';
import { extendSequence } from '../rtp/sequence.ts';
import type { GcmCipher } from './gcm-cipher.ts';
import { SRTP_PROFILES } from './profile.ts';
import { ReplayWindow, WINDOW_PACKETS } from './replay-window.ts';
import { gcmCipher } from './session-cipher.ts';
import type { SrtpRefusal } from './srtp.ts';

const [PROFILE] = SRTP_PROFILES;
const TAG_BYTES = 16;
const MKI_BYTES = 1;

/** A packet becomes so much longer. */
export const SEAL_BYTES = TAG_BYTES + MKI_BYTES;
/** Master key and salt, one after the other. */
export const STREAM_KEY_BYTES = PROFILE.keyBytes + PROFILE.saltBytes;

const SEQUENCE_COUNT = 0x1_0000;

/** Which key a packet is sealed with: the last byte of it. There must be one. */
export function readMki(packet: Uint8Array): number {
  return packet[packet.length - 1] ?? 0;
}

export class StreamSealer {
  readonly #cipher: GcmCipher;
  readonly #mki: number;

  /**
   * @param key of {@link STREAM_KEY_BYTES}
   * @param mki 0 to 255
   */
  constructor(key: Uint8Array, mki: number) {
    this.#cipher = cipherOf(key);
    this.#mki = mki;
  }

  /**
   * Under one index there must never be two different packets: their encryption would be broken.
   *
   * @param packet with a whole header
   * @param index the cycles of its sequence number and that number, 48 bits (RFC 3711 section 3.3.1)
   * @param into at least {@link SEAL_BYTES} longer than the packet, of other memory
   * @returns how long it is now
   */
  seal(packet: Uint8Array, index: number, into: Uint8Array): number {
    const end = this.#cipher.sealRtp(packet, payloadOffset(packet), cyclesOf(index), into);
    into[end] = this.#mki;
    return end + MKI_BYTES;
  }
}

export class StreamOpener {
  readonly #cipher: GcmCipher;
  #taken = new ReplayWindow();
  #index = -1;
  /** As the sender has told it: near there the numbers are. */
  #toldIndex: number;

  /**
   * @param key of {@link STREAM_KEY_BYTES}
   * @param index where the sender is about, by which the cycles are known
   */
  constructor(key: Uint8Array, index: number) {
    this.#cipher = cipherOf(key);
    this.#toldIndex = index;
  }

  /** The sender has told again where it is: after a gap of more than half a cycle nothing else says so. */
  told(index: number): void {
    this.#toldIndex = index;
  }

  /** Of the packet that was opened last. */
  get index(): number {
    return this.#index;
  }

  /**
   * Something was made up, with this key, under these indices: what the sender sends under them would look like copies, and, where one is
   * far ahead of what it has sent at most, like something old. Then what it has sent up to there is not opened any more, so that nothing
   * is opened twice.
   */
  disown(indices: readonly number[], highest: number): void {
    for (const index of indices) this.#taken.free(index);
    if (this.#taken.highest <= highest + WINDOW_PACKETS / 2) return;
    this.#taken = new ReplayWindow();
    for (let index = Math.max(0, highest - WINDOW_PACKETS); index <= highest; index++) this.#taken.take(index);
    this.#toldIndex = highest;
  }

  /**
   * @param packet of whatever length
   * @param into at least as long, of other memory
   * @returns how long the packet in `into` is; what is refused leaves nothing behind
   */
  open(packet: Uint8Array, into: Uint8Array): number | SrtpRefusal {
    const length = packet.length - SEAL_BYTES;
    if (length < RTP_HEADER_BYTES || readVersion(packet) !== 2 || !hasWholeHeader(packet, length)) return 'malformed';
    const { highest } = this.#taken;
    const index = extendSequence(Math.max(highest, this.#toldIndex), readSequence(packet));
    if (index >= 0 && !this.#taken.isFresh(index)) return 'replayed';
    let end = this.#openAt(index, packet, into);
    // What was told may be from before the first packet, whose number was not known then.
    if (end < 0 && highest < 0) end = this.#openAt(index + SEQUENCE_COUNT, packet, into);
    return end < 0 ? 'not-authentic' : end;
  }

  /** @returns the length; -1: not with this index */
  #openAt(index: number, packet: Uint8Array, into: Uint8Array): number {
    if (index < 0) return -1;
    const sealed = packet.subarray(0, packet.length - MKI_BYTES);
    const end = this.#cipher.openRtp(sealed, payloadOffset(packet), cyclesOf(index), into);
    if (end < 0) return end;
    this.#taken.take(index);
    this.#index = index;
    return end;
  }
}

function cyclesOf(index: number): number {
  return Math.floor(index / SEQUENCE_COUNT);
}

function cipherOf(key: Uint8Array): GcmCipher {
  if (key.length !== STREAM_KEY_BYTES) throw new RangeError(`A stream's key has ${STREAM_KEY_BYTES} bytes.`);
  return gcmCipher({
    profile: PROFILE,
    key: key.subarray(0, PROFILE.keyBytes),
    salt: key.subarray(PROFILE.keyBytes),
  });
}
