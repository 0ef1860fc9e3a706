/**
 * The Port Control Protocol (RFC 6887): ANNOUNCE asks whether it is spoken, MAP for a mapping. One datagram asks, one answers.
 *
 * ```
 * asks     | 2 |       op | reserved        | lifetime, s | client address (16) |
 * answers  | 2 | 128 + op | reserved | code | lifetime, s | epoch, s | reserved (12) |
 * MAP      | nonce (12) | 17 | reserved (3) | own port | outside port | outside address (16) |   behind either head
 * ```
 */
import ipaddr from 'ipaddr.js';
import { isUnicast } from '../network/scope.ts';
import { mappedAddressBytes } from '../path/table/addresses.ts';
import type { MappingAnswer, MappingQuestion, MappingTarget, Refusal } from './contract.ts';

const PCP_VERSION = 2;
const ANNOUNCE = 0;
const MAP = 1;
const ANSWER = 0x80;
/** The number of UDP among IP's protocols. */
const UDP = 17;

const HEAD_BYTES = 24;
const NONCE_BYTES = 12;
const MAP_BYTES = 36;
/** Section 7. */
const MAX_BYTES = 1100;

/** Section 7.4. */
const UNSUPPORTED_VERSION = 1;
const UNSUPPORTED_OPERATION = 4;
const REFUSALS: Readonly<Record<number, Refusal>> = {
  ...{ 1: 'unsupported', 4: 'unsupported', 5: 'unsupported', 9: 'unsupported' },
  ...{ 2: 'forbidden', 7: 'no-outside', 8: 'full', 10: 'full', 11: 'taken', 13: 'full' },
};

/** @param nonce 12 bytes, the same as long as the mapping shall last: whoever does not know them cannot end it (section 11.2) */
export function writePcp(
  { ask, outside, lifetimeS }: MappingQuestion,
  { own }: Pick<MappingTarget, 'own'>,
  nonce: Uint8Array,
): Uint8Array {
  const isMap = ask === 'map' || ask === 'unmap';
  const bytes = new Uint8Array(HEAD_BYTES + (isMap ? MAP_BYTES : 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, PCP_VERSION);
  view.setUint8(1, isMap ? MAP : ANNOUNCE);
  view.setUint32(4, ask === 'map' ? lifetimeS : 0);
  bytes.set(mappedAddressBytes(own.host), 8);
  if (!isMap) return bytes;
  bytes.set(nonce, HEAD_BYTES);
  view.setUint8(36, UDP);
  view.setUint16(40, own.port);
  view.setUint16(42, outside.port);
  bytes.set(mappedAddressBytes(outside.host ?? '0.0.0.0'), 44);
  return bytes;
}

/** @returns null for what is malformed, or answers somebody else's question */
export function readPcp(bytes: Uint8Array, ownPort: number, nonce: Uint8Array): MappingAnswer | null {
  const { length } = bytes;
  if (length < HEAD_BYTES || length > MAX_BYTES || length % 4 !== 0 || bytes[0] !== PCP_VERSION) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const operation = view.getUint8(1) - ANSWER;
  const code = view.getUint8(3);
  const epochS = view.getUint32(8);
  // So answers who was asked in NAT-PMP and knows PCP alone (section 9).
  if (code === UNSUPPORTED_VERSION) return { type: 'refused', method: 'NAT-PMP', asked: 'look', reason: 'unsupported' };
  // Who does not know ANNOUNCE speaks PCP all the same.
  if (operation === ANNOUNCE && (code === 0 || code === UNSUPPORTED_OPERATION)) {
    return { type: 'there', method: 'PCP', epochS, host: null };
  }
  if (operation === ANNOUNCE) return refused('look', code);
  if (operation !== MAP || !isOurs(bytes, view, ownPort, nonce)) return null;
  return code === 0 ? readMapping(view, epochS) : refused('map', code);
}

function refused(asked: 'look' | 'map', code: number): MappingAnswer {
  return { type: 'refused', method: 'PCP', asked, reason: REFUSALS[code] ?? 'failed' };
}

/** The gateway repeats all that names the mapping (section 8.3). */
function isOurs(bytes: Uint8Array, view: DataView, ownPort: number, nonce: Uint8Array): boolean {
  if (bytes.length < HEAD_BYTES + MAP_BYTES || view.getUint8(36) !== UDP || view.getUint16(40) !== ownPort)
    return false;
  return Buffer.from(nonce).equals(bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES));
}

function readMapping(view: DataView, epochS: number): MappingAnswer | null {
  const lifetimeS = view.getUint32(4);
  if (lifetimeS === 0) return { type: 'unmapped', method: 'PCP' };
  const port = view.getUint16(42);
  const address = ipaddr.fromByteArray(Array.from({ length: 16 }, (_, index) => view.getUint8(44 + index)));
  const host = ipaddr.process(address.toString()).toString();
  if (port === 0) return null;
  if (!isUnicast(host)) return refused('map', 7);
  return { type: 'mapped', method: 'PCP', epochS, host, port, lifetimeS };
}
