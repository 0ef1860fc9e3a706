/**
 * Handshake messages that come in pieces (RFC 6347 section 4.2.3): Chromium's ClientHello does, since it offers keys that no quantum
 * computer finds. werift confuses pieces that come twice or in another order, so that it is given whole messages only.
 */
import { HANDSHAKE_HEADER_BYTES, RECORD_HEADER_BYTES } from './dtls-records.ts';

/** A flight has five messages. More at once are none. */
const MOST_MESSAGES = 8;
const SEQUENCE_AT = 4;
const OFFSET_AT = 6;
const PART_AT = 9;
const RECORD_LENGTH_AT = 11;

interface Begun {
  readonly type: number;
  readonly body: Buffer;
  /** Which of its bytes have come. */
  readonly has: Uint8Array;
}

export class HandshakePieces {
  /** By message number, in the order in which they began. */
  readonly #begun = new Map<number, Begun>();

  /**
   * The messages that are whole now, as a record each.
   *
   * @param record that {@link readRecords} has found in order, not encrypted
   */
  take(record: Buffer): Buffer[] {
    const whole: Buffer[] = [];
    const recordHead = record.subarray(0, RECORD_HEADER_BYTES);
    for (let at = RECORD_HEADER_BYTES; at < record.length; ) {
      const head = record.subarray(at, at + HANDSHAKE_HEADER_BYTES);
      at += HANDSHAKE_HEADER_BYTES + head.readUIntBE(PART_AT, 3);
      const body = this.#bodyOf(head, record.subarray(at - head.readUIntBE(PART_AT, 3), at));
      if (body !== undefined) whole.push(recordOf(recordHead, head, body));
    }
    return whole;
  }

  #bodyOf(head: Buffer, part: Buffer): Buffer | undefined {
    const length = head.readUIntBE(1, 3);
    if (part.length === length) return part;
    const sequence = head.readUInt16BE(SEQUENCE_AT);
    const begun = this.#begunOf(sequence, head.readUInt8(0), length);
    const offset = head.readUIntBE(OFFSET_AT, 3);
    begun.body.set(part, offset);
    begun.has.fill(1, offset, offset + part.length);
    if (begun.has.includes(0)) return undefined;
    this.#begun.delete(sequence);
    return begun.body;
  }

  #begunOf(sequence: number, type: number, length: number): Begun {
    const known = this.#begun.get(sequence);
    if (known?.type === type && known.body.length === length) return known;
    const begun = { type, body: Buffer.alloc(length), has: new Uint8Array(length) };
    this.#begun.delete(sequence);
    this.#begun.set(sequence, begun);
    const [oldest] = this.#begun.keys();
    if (this.#begun.size > MOST_MESSAGES && oldest !== undefined) this.#begun.delete(oldest);
    return begun;
  }
}

/** The message as if it had come in one piece. */
function recordOf(recordHead: Buffer, head: Buffer, body: Buffer): Buffer {
  const record = Buffer.concat([recordHead, head, body]);
  record.writeUInt16BE(HANDSHAKE_HEADER_BYTES + body.length, RECORD_LENGTH_AT);
  record.writeUIntBE(0, RECORD_HEADER_BYTES + OFFSET_AT, 3);
  record.writeUIntBE(body.length, RECORD_HEADER_BYTES + PART_AT, 3);
  return record;
}
