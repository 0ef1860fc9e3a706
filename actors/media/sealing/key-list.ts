/**
 * What is in a member's box of keys: for each stream that it receives the key in force, and the one that comes.
 *
 * ```
 * for each:  4 bytes  SSRC
 *            1 byte   epoch, as it stands behind each packet (MKI)
 *            6 bytes  the index of the newest packet: cycles and sequence number (RFC 3711 section 3.3.1)
 *           28 bytes  master key (16) and salt (12)
 * ```
 */
import { STREAM_KEY_BYTES } from '../../../infra/srtp/stream-seal.ts';
import { MAX_STREAMS } from '../../../machines/messages.ts';

export interface StreamKey {
  readonly ssrc: number;
  readonly epoch: number;
  readonly index: number;
  readonly key: Uint8Array;
}

const EPOCH_AT = 4;
const INDEX_AT = 5;
const INDEX_BYTES = 6;
const KEY_AT = INDEX_AT + INDEX_BYTES;
const ENTRY_BYTES = KEY_AT + STREAM_KEY_BYTES;
/** Of each stream the key in force, and the one that comes. */
export const MOST_KEYS = 2 * MAX_STREAMS;

export function writeKeyList(keys: readonly StreamKey[]): Uint8Array {
  const bytes = Buffer.alloc(ENTRY_BYTES * keys.length);
  for (const [place, { ssrc, epoch, index, key }] of keys.entries()) {
    const at = place * ENTRY_BYTES;
    bytes.writeUInt32BE(ssrc, at);
    bytes.writeUInt8(epoch, at + EPOCH_AT);
    bytes.writeUIntBE(index, at + INDEX_AT, INDEX_BYTES);
    bytes.set(key, at + KEY_AT);
  }
  return bytes;
}

/** Undefined for what is no such list. */
export function readKeyList(bytes: Uint8Array): StreamKey[] | undefined {
  const count = bytes.length / ENTRY_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MOST_KEYS) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, place) => {
    const at = place * ENTRY_BYTES;
    return {
      ssrc: buffer.readUInt32BE(at),
      epoch: buffer.readUInt8(at + EPOCH_AT),
      index: buffer.readUIntBE(at + INDEX_AT, INDEX_BYTES),
      key: Uint8Array.from(buffer.subarray(at + KEY_AT, at + ENTRY_BYTES)),
    };
  });
}
