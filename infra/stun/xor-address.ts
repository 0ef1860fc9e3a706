/** Addresses in STUN, mixed with the header so that no router on the way rewrites them (RFC 8489 section 14.2). */
import { isIpv6Host, mappedAddressBytes, normalizeHost } from '../path/addresses.ts';
import type { Endpoint } from '../path/contract.ts';
import { viewOf } from './attributes.ts';
import { MAGIC_COOKIE } from './message.ts';

const IPV4 = 0x01;
const IPV6 = 0x02;
/** A zero byte, the family, the port. */
const HEAD_BYTES = 4;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const PORT_MASK = MAGIC_COOKIE >>> 16;
/** In the header: cookie and transaction id follow one another, 16 bytes as an IPv6 address has. */
const MASK_AT = 4;

/**
 * @param header of the message: it holds what the address is mixed with
 * @returns undefined where it is no address, or one that nothing can be sent to
 */
export function readXorAddress(header: Uint8Array, value: Uint8Array): Endpoint | undefined {
  if (value.length < HEAD_BYTES) return undefined;
  const view = viewOf(value);
  const family = view.getUint8(1);
  const port = view.getUint16(2) ^ PORT_MASK;
  if (port === 0 || value.length !== HEAD_BYTES + (family === IPV4 ? IPV4_BYTES : IPV6_BYTES)) return undefined;
  const host = mixed(header, value.subarray(HEAD_BYTES));
  if (family === IPV4) return { host: host.join('.'), port };
  return family === IPV6 ? { host: normalizeHost(ipv6Text(host)), port } : undefined;
}

/** @throws {PathError} `address.invalid` */
export function writeXorAddress(header: Uint8Array, { host, port }: Endpoint): Uint8Array {
  const isIpv6 = isIpv6Host(host);
  const mapped = mappedAddressBytes(host);
  const plain = isIpv6 ? mapped : mapped.subarray(IPV6_BYTES - IPV4_BYTES);
  const value = new Uint8Array(HEAD_BYTES + plain.length);
  const view = viewOf(value);
  view.setUint8(1, isIpv6 ? IPV6 : IPV4);
  view.setUint16(2, port ^ PORT_MASK);
  value.set(mixed(header, plain), HEAD_BYTES);
  return value;
}

function mixed(header: Uint8Array, host: Uint8Array): Uint8Array {
  return host.map((byte, index) => byte ^ (header[MASK_AT + index] ?? 0));
}

function ipv6Text(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  return Array.from({ length: IPV6_BYTES / 2 }, (_, index) => view.getUint16(2 * index).toString(16)).join(':');
}
