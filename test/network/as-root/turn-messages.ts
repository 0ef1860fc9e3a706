/** As much of TURN as asking for an address takes (RFC 8656 section 7, RFC 8489 sections 5, 9.2 and 14), for IPv4. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Endpoint } from '../parts/probe.ts';

const ALLOCATE = 0x0003;
export const STUN = { allocateSuccess: 0x0103, allocateError: 0x0113, unauthorized: 401 } as const;

const COOKIE = 0x2112_a442;
const HEADER_BYTES = 20;
const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayed: 0x0016,
  requestedTransport: 0x0019,
  xorMapped: 0x0020,
} as const;
/** UDP, in the first byte. */
const OVER_UDP = Buffer.of(17, 0, 0, 0);
const INTEGRITY_BYTES = 24;

interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: Buffer;
}

/** @param credentials none at first: the refusal tells realm and nonce */
export function allocateRequest(credentials?: Credentials): Buffer {
  const transport = attribute(ATTRIBUTE.requestedTransport, OVER_UDP);
  if (credentials === undefined) return message(transport);
  const { user, password, realm, nonce } = credentials;
  const unsigned = message(
    Buffer.concat([
      transport,
      attribute(ATTRIBUTE.username, Buffer.from(user)),
      attribute(ATTRIBUTE.realm, Buffer.from(realm)),
      attribute(ATTRIBUTE.nonce, nonce),
    ]),
  );
  // The length counts the signature that is about to follow.
  unsigned.writeUInt16BE(unsigned.length - HEADER_BYTES + INTEGRITY_BYTES, 2);
  const key = createHash('md5').update(`${user}:${realm}:${password}`).digest();
  const signature = createHmac('sha1', key).update(unsigned).digest();
  return Buffer.concat([unsigned, attribute(ATTRIBUTE.integrity, signature)]);
}

export interface StunAnswer {
  readonly type: number;
  readonly errorCode: number | undefined;
  readonly realm: string;
  readonly nonce: Buffer;
  readonly relayed: Endpoint | undefined;
  readonly mapped: Endpoint | undefined;
}

export function readStun(bytes: Buffer): StunAnswer {
  const found = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + padded(length);
  }
  const error = found.get(ATTRIBUTE.errorCode);
  return {
    type: bytes.readUInt16BE(0),
    errorCode: error === undefined ? undefined : 100 * error.readUInt8(2) + error.readUInt8(3),
    realm: found.get(ATTRIBUTE.realm)?.toString() ?? '',
    nonce: found.get(ATTRIBUTE.nonce) ?? Buffer.alloc(0),
    relayed: endpointOf(found.get(ATTRIBUTE.xorRelayed)),
    mapped: endpointOf(found.get(ATTRIBUTE.xorMapped)),
  };
}

function message(attributes: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(ALLOCATE, 0);
  header.writeUInt16BE(attributes.length, 2);
  header.writeUInt32BE(COOKIE, 4);
  randomBytes(12).copy(header, 8);
  return Buffer.concat([header, attributes]);
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

const padded = (length: number) => Math.ceil(length / 4) * 4;

function endpointOf(value: Buffer | undefined): Endpoint | undefined {
  if (value === undefined) return undefined;
  const cookie = Buffer.alloc(4);
  cookie.writeUInt32BE(COOKIE, 0);
  const host = [...value.subarray(4, 8)].map((byte, index) => byte ^ (cookie[index] ?? 0)).join('.');
  return { host, port: value.readUInt16BE(2) ^ (COOKIE >>> 16) };
}
