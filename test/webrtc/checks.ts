/** Connectivity checks as a browser sends them (RFC 8445 section 7.1), which our own STUN does not write. */
import { fingerprintOf, INTEGRITY, macOf } from '../../infra/stun/integrity.ts';
import { ATTRIBUTE, HEADER_BYTES } from '../../infra/stun/message.ts';
import { freshTransactionId, writeStun } from '../../infra/stun/write.ts';

const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;

export interface Check {
  /** Theirs and ours, as the one who is asked sees it. */
  readonly username: string;
  readonly password: string;
  readonly nominates?: boolean;
  /** More attributes, empty ones. */
  readonly more?: readonly number[];
  readonly transactionId?: string;
}

export function writeCheck({ username, password, nominates = false, more = [], ...rest }: Check): Buffer {
  const { transactionId = freshTransactionId() } = rest;
  const head = writeStun({ class: 'request', method: 'binding', transactionId, username }, { fingerprint: false });
  const told = [attribute(PRIORITY, 4), ...(nominates ? [USE_CANDIDATE] : []), ...more].map((each) =>
    typeof each === 'number' ? attribute(each, 0) : each,
  );
  const integrity = attribute(ATTRIBUTE.messageIntegrity, INTEGRITY.sha1.bytes);
  const bytes = Buffer.concat([head, ...told, integrity, attribute(ATTRIBUTE.fingerprint, 4)]);
  bytes.writeUInt16BE(bytes.length - HEADER_BYTES, 2);
  const fingerprintAt = bytes.length - 4;
  const macAt = fingerprintAt - 4 - INTEGRITY.sha1.bytes;
  bytes.set(macOf(bytes, macAt, { hash: 'sha1', key: Buffer.from(password) }), macAt);
  bytes.writeUInt32BE(fingerprintOf(bytes, fingerprintAt), fingerprintAt);
  return bytes;
}

function attribute(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(4 + length);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(length, 2);
  return bytes;
}
