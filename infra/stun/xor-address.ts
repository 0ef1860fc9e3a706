/** Addresses in STUN, mostly mixed with the header so that no router on the way rewrites them (RFC 8489 sections 14.1 and 14.2). */

import type { Endpoint } from '../path/contract.ts';
import { isIpv6Host, mappedAddressBytes, normalizeHost } from '../path/table/addresses.ts';
import { viewOf } from './attributes.ts';
import type { AddressFamily } from './message.ts';

const FAMILY = { ipv4: 0x01, ipv6: 0x02 } as const satisfies Record<AddressFamily, number>;
/** A zero byte, the family, the port. */
const HEAD_BYTES = 4;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
/** In the header: cookie and transaction id follow one another, 16 bytes as an IPv6 address has. */
const MASK_AT = 4;
const NO_MASK = new Uint8Array(IPV6_BYTES);

/**
 * @param header of the message: it holds what the address is mixed with
 * @returns undefined where it is no address, or one that nothing can be sent to
 */
export function readXorAddress(header: Uint8Array, value: Uint8Array): Endpoint | undefined {
  return readMixed(value, header.subarray(MASK_AT, MASK_AT + IPV6_BYTES));
}

/** An address that stands there as it is. */
export function readAddress(value: Uint8Array): Endpoint | undefined {
  return readMixed(value, NO_MASK);
}

/** @throws {PathError} `address.invalid` */
export function writeXorAddress(header: Uint8Array, address: Endpoint): Uint8Array {
  return writeMixed(address, header.subarray(MASK_AT, MASK_AT + IPV6_BYTES));
}

/** @throws {PathError} `address.invalid` */
export function writeAddress(address: Endpoint): Uint8Array {
  return writeMixed(address, NO_MASK);
}

/** A family of its own, three zero bytes behind it (RFC 8656 sections 18.6 and 18.11). */
export function readFamily(value: Uint8Array): AddressFamily | undefined {
  if (value.length !== 4) return undefined;
  return value[0] === FAMILY.ipv4 ? 'ipv4' : value[0] === FAMILY.ipv6 ? 'ipv6' : undefined;
}

export function writeFamily(family: AddressFamily): Uint8Array {
  return Uint8Array.of(FAMILY[family], 0, 0, 0);
}

function readMixed(value: Uint8Array, mask: Uint8Array): Endpoint | undefined {
  if (value.length < HEAD_BYTES) return undefined;
  const view = viewOf(value);
  const family = view.getUint8(1);
  const port = view.getUint16(2) ^ viewOf(mask).getUint16(0);
  if (port === 0 || value.length !== HEAD_BYTES + (family === FAMILY.ipv4 ? IPV4_BYTES : IPV6_BYTES)) return undefined;
  const host = mixed(value.subarray(HEAD_BYTES), mask);
  if (family === FAMILY.ipv4) return { host: host.join('.'), port };
  return family === FAMILY.ipv6 ? { host: normalizeHost(ipv6Text(host)), port } : undefined;
}

function writeMixed({ host, port }: Endpoint, mask: Uint8Array): Uint8Array {
  const isIpv6 = isIpv6Host(host);
  const mapped = mappedAddressBytes(host);
  const plain = isIpv6 ? mapped : mapped.subarray(IPV6_BYTES - IPV4_BYTES);
  const value = new Uint8Array(HEAD_BYTES + plain.length);
  const view = viewOf(value);
  view.setUint8(1, FAMILY[isIpv6 ? 'ipv6' : 'ipv4']);
  view.setUint16(2, port ^ viewOf(mask).getUint16(0));
  value.set(mixed(plain, mask), HEAD_BYTES);
  return value;
}

function mixed(host: Uint8Array, mask: Uint8Array): Uint8Array {
  return host.map((byte, index) => byte ^ (mask[index] ?? 0));
}

function ipv6Text(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  return Array.from({ length: IPV6_BYTES / 2 }, (_, index) => view.getUint16(2 * index).toString(16)).join(':');
}
