/** STUN messages as bytes. */
import { randomBytes } from 'node:crypto';
import { paddedLength, viewOf } from './attributes.ts';
import { FINGERPRINT_BYTES, fingerprintOf, INTEGRITY, type Integrity, macOf } from './integrity.ts';
import {
  ATTRIBUTE,
  ATTRIBUTE_HEAD_BYTES,
  CLASS_BITS,
  HEADER_BYTES,
  MAGIC_COOKIE,
  METHODS,
  type StunAttributes,
  type StunError,
  type StunMessage,
} from './message.ts';
import { writeAddress, writeFamily, writeXorAddress } from './xor-address.ts';

const TRANSACTION_ID_BYTES = 12;

export interface WriteOptions {
  /** Left out: without a MAC, anybody could have written it. */
  readonly integrity?: Integrity;
  /** Whether a FINGERPRINT ends the message. It is, unless it is said otherwise. */
  readonly fingerprint?: boolean;
}

/** 96 random bits: whoever has not seen the request cannot answer it (RFC 8489 section 5). 24 hex digits. */
export function freshTransactionId(): string {
  return randomBytes(TRANSACTION_ID_BYTES).toString('hex');
}

/** @throws {PathError} `address.invalid` for an address that is none */
export function writeStun(message: StunMessage, { integrity, fingerprint = true }: WriteOptions = {}): Uint8Array {
  const header = headerOf(message);
  const values = valuesOf(header, message);
  const integrityBytes = integrity === undefined ? 0 : ATTRIBUTE_HEAD_BYTES + INTEGRITY[integrity.hash].bytes;
  const fingerprintBytes = fingerprint ? ATTRIBUTE_HEAD_BYTES + FINGERPRINT_BYTES : 0;
  const told = values.reduce((sum, [, value]) => sum + ATTRIBUTE_HEAD_BYTES + paddedLength(value.length), 0);
  const bytes = new Uint8Array(HEADER_BYTES + told + integrityBytes + fingerprintBytes);
  const view = viewOf(bytes);
  bytes.set(header);
  view.setUint16(2, bytes.length - HEADER_BYTES);
  let at = HEADER_BYTES;
  const begin = (type: number, length: number): number => {
    view.setUint16(at, type);
    view.setUint16(at + 2, length);
    const start = at + ATTRIBUTE_HEAD_BYTES;
    at = start + paddedLength(length);
    return start;
  };
  for (const [type, value] of values) bytes.set(value, begin(type, value.length));
  if (integrity !== undefined) {
    const { type, bytes: length } = INTEGRITY[integrity.hash];
    const start = begin(type, length);
    bytes.set(macOf(bytes, start, integrity), start);
  }
  if (fingerprint) {
    const start = begin(ATTRIBUTE.fingerprint, FINGERPRINT_BYTES);
    view.setUint32(start, fingerprintOf(bytes, start));
  }
  return bytes;
}

function headerOf(message: StunMessage): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = viewOf(header);
  view.setUint16(0, CLASS_BITS[message.class] | METHODS[message.method]);
  view.setUint32(4, MAGIC_COOKIE);
  header.set(Buffer.from(message.transactionId, 'hex').subarray(0, TRANSACTION_ID_BYTES), 8);
  return header;
}

/** How each attribute is written, in the order in which they stand. */
const WRITERS: { readonly [Name in keyof StunAttributes]-?: Writer<NonNullable<StunAttributes[Name]>> } = {
  error: { type: ATTRIBUTE.errorCode, write: writeError },
  unknownAttributes: { type: ATTRIBUTE.unknownAttributes, write: writeTypes },
  alternateServer: { type: ATTRIBUTE.alternateServer, write: writeAddress },
  requestedFamily: { type: ATTRIBUTE.requestedFamily, write: writeFamily },
  additionalFamily: { type: ATTRIBUTE.additionalFamily, write: writeFamily },
  draftAdditionalFamily: { type: ATTRIBUTE.draftAdditionalFamily, write: writeFamily },
  requestedTransport: { type: ATTRIBUTE.requestedTransport, write: (protocol) => Uint8Array.of(protocol, 0, 0, 0) },
  channel: { type: ATTRIBUTE.channelNumber, write: (channel) => writeTypes([channel, 0]) },
  lifetimeS: { type: ATTRIBUTE.lifetime, write: writeWord },
  mappedAddress: { type: ATTRIBUTE.xorMappedAddress, write: (address, header) => writeXorAddress(header, address) },
  relayedAddresses: {
    type: ATTRIBUTE.xorRelayedAddress,
    write: (addresses, header) => addresses.map((address) => writeXorAddress(header, address)),
  },
  peerAddress: { type: ATTRIBUTE.xorPeerAddress, write: (address, header) => writeXorAddress(header, address) },
  data: { type: ATTRIBUTE.data, write: (data) => data },
  serial: { type: ATTRIBUTE.serial, write: writeWord },
  software: { type: ATTRIBUTE.software, write: writeText },
  username: { type: ATTRIBUTE.username, write: writeText },
  realm: { type: ATTRIBUTE.realm, write: writeText },
  nonce: { type: ATTRIBUTE.nonce, write: writeText },
};

interface Writer<T> {
  readonly type: number;
  /** Several: the attribute stands there as often. */
  readonly write: (value: T, header: Uint8Array) => Uint8Array | readonly Uint8Array[];
}

function valuesOf(header: Uint8Array, message: StunMessage): (readonly [type: number, value: Uint8Array])[] {
  return Object.entries(WRITERS).flatMap(([name, { type, write }]) => {
    const value = message[name as keyof StunAttributes];
    if (value === undefined) return [];
    const written = (write as Writer<unknown>['write'])(value, header);
    return [written].flat().map((each) => [type, each] as const);
  });
}

function writeText(text: string): Uint8Array {
  return Buffer.from(text);
}

function writeWord(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

function writeTypes(types: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 * types.length);
  const view = viewOf(bytes);
  for (const [index, type] of types.entries()) view.setUint16(2 * index, type);
  return bytes;
}

function writeError({ code, reason }: StunError): Uint8Array {
  return Buffer.concat([Uint8Array.of(0, 0, Math.floor(code / 100), code % 100), Buffer.from(reason)]);
}
