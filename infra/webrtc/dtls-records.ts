/** DTLS records of a datagram (RFC 6347 section 4.1): only those that are whole go further, so that no reader of them can stumble. */

export const RECORD_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
const TYPES: ReadonlySet<number> = new Set(Object.values(RECORD_TYPE));

export const RECORD_HEADER_BYTES = 13;
const LENGTH_AT = 11;
const EPOCH_AT = 3;
/** First byte of the versions 1.0 and 1.2, complements of TLS 1.1 and 1.2. */
const VERSION_MAJOR = 0xfe;

export const HANDSHAKE_HEADER_BYTES = 12;
/** Browsers' certificates have some hundred bytes; a chain of RSA certificates has 4 kB. */
const MOST_HANDSHAKE_BYTES = 16_384;
/** What a client says: client_hello, certificate, client_key_exchange, certificate_verify, finished. */
const CLIENT_MESSAGES: ReadonlySet<number> = new Set([1, 11, 16, 15, 20]);

export interface DtlsRecord {
  readonly type: number;
  /** 0: not encrypted. */
  readonly epoch: number;
  /** The whole record, with its header. */
  readonly bytes: Buffer;
  /** What follows the header. */
  readonly fragment: Buffer;
}

/** Undefined: not DTLS, or not all of it is whole. */
export function readRecords(datagram: Uint8Array): readonly DtlsRecord[] | undefined {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  const records: DtlsRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < RECORD_HEADER_BYTES) return undefined;
    const end = at + RECORD_HEADER_BYTES + bytes.readUInt16BE(at + LENGTH_AT);
    const record = {
      type: bytes.readUInt8(at),
      epoch: bytes.readUInt16BE(at + EPOCH_AT),
      bytes: bytes.subarray(at, end),
      fragment: bytes.subarray(at + RECORD_HEADER_BYTES, end),
    };
    if (end > bytes.length || !TYPES.has(record.type) || bytes.readUInt8(at + 1) !== VERSION_MAJOR) return undefined;
    if (record.type === RECORD_TYPE.handshake && record.epoch === 0 && !isHandshake(record.fragment)) return undefined;
    records.push(record);
    at = end;
  }
  return records.length === 0 ? undefined : records;
}

/** Whether these are whole parts of messages that a client sends (RFC 6347 section 4.2.2). */
function isHandshake(fragment: Buffer): boolean {
  let at = 0;
  while (at < fragment.length) {
    if (fragment.length - at < HANDSHAKE_HEADER_BYTES) return false;
    const length = fragment.readUIntBE(at + 1, 3);
    const offset = fragment.readUIntBE(at + 6, 3);
    const part = fragment.readUIntBE(at + 9, 3);
    if (!CLIENT_MESSAGES.has(fragment.readUInt8(at)) || length > MOST_HANDSHAKE_BYTES || offset + part > length)
      return false;
    at += HANDSHAKE_HEADER_BYTES + part;
  }
  return at === fragment.length && at > 0;
}
