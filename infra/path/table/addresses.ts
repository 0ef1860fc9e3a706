/** UDP addresses as small integers, so that a packet's sender is compared and its receivers are named by number. */
import ipaddr from 'ipaddr.js';
import { FIRST_CHANNEL, LAST_CHANNEL } from '../channel-data.ts';
import type { Endpoint } from '../contract.ts';
import { PathError } from '../errors.ts';

/** The id of an address that no table names. */
export const UNKNOWN_ADDRESS = -1;

export const LOOPBACK_HOST = '127.0.0.1';

/** 16 bytes of an IPv6 address; IPv4 stands in it as `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2). */
const MAPPED_PREFIX_BYTES = 12;
const MAX_PORT = 0xffff;

/** `::192.0.2.1` is an IPv6 address of its own (RFC 4291 section 2.5.5.1), which the library takes for the IPv4 address in it. */
const COMPATIBLE_PREFIX = /^::(?=\d+\.)/;

/**
 * The one way to write an address: IPv4-mapped IPv6 becomes IPv4, IPv6 is shortened as RFC 5952 says.
 *
 * @throws {PathError} `address.invalid` for names, scoped addresses (`fe80::1%eth0`), ports outside 1..65535 and what is no channel
 */
export function normalizeEndpoint({ host, port, channel }: Endpoint): Endpoint {
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    throw new PathError('address.invalid', `${port} is not a UDP port. Give a number from 1 to ${MAX_PORT}.`);
  }
  if (channel === undefined) return { host: normalizeHost(host), port };
  if (!Number.isInteger(channel) || channel < FIRST_CHANNEL || channel > LAST_CHANNEL) {
    throw new PathError('address.invalid', `${channel} is not a TURN channel. Give a number from 16384 to 20479.`);
  }
  return { host: normalizeHost(host), port, channel };
}

/** @throws {PathError} `address.invalid` */
export function normalizeHost(host: string): string {
  return parseHost(host).toString();
}

/** @throws {PathError} `address.invalid` */
export function isIpv6Host(host: string): boolean {
  return parseHost(host).kind() === 'ipv6';
}

/** Whether a socket that is bound to `host` receives at all of the machine's addresses. */
export function isAnyHost(host: string): boolean {
  return parseHost(host).range() === 'unspecified';
}

/**
 * The 16 bytes of `host` as an IPv6 address.
 *
 * @throws {PathError} `address.invalid`
 */
export function mappedAddressBytes(host: string): Uint8Array {
  const bytes = parseHost(host).toByteArray();
  if (bytes.length === 16) return Uint8Array.from(bytes);
  const mapped = new Uint8Array(16);
  mapped.fill(0xff, MAPPED_PREFIX_BYTES - 2, MAPPED_PREFIX_BYTES);
  mapped.set(bytes, MAPPED_PREFIX_BYTES);
  return mapped;
}

/**
 * Where an answer to a datagram goes, given its sender as the operating system writes it; null where none can: port 0, and addresses
 * that hold on one link only (`fe80::1`, RFC 4291 section 2.5.6).
 */
export function answerableEndpoint(from: Endpoint): Endpoint | null {
  if (from.port === 0 || from.host.includes('%')) return null;
  const address = parseHost(from.host);
  if (address.kind() === 'ipv6' && address.range() === 'linkLocal') return null;
  return { ...from, host: address.toString() };
}

/** `host:port`, `[host]:port` for IPv6, with `#channel` behind it: how an address is written in counters and messages. */
export function endpointText({ host, port, channel }: Endpoint): string {
  const text = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return channel === undefined ? text : `${text}#${channel}`;
}

/** Each address once: of several entries the first. */
export function distinctEndpoints<T extends Endpoint>(endpoints: readonly T[]): T[] {
  const places = new Map<string, T>();
  for (const each of endpoints) if (!places.has(endpointText(each))) places.set(endpointText(each), each);
  return [...places.values()];
}

/** The addresses of one table. An id stands for the same address as long as the table lives. */
export class AddressBook {
  readonly #endpoints: Endpoint[] = [];
  /** By host, then by {@link placeOf}. */
  readonly #idsByHost = new Map<string, Map<number, number>>();

  /**
   * The id of `endpoint`, a new one if it has none yet.
   *
   * @throws {PathError} `address.invalid`
   */
  add(endpoint: Endpoint): number {
    const known = this.find(endpoint.host, endpoint.port, endpoint.channel);
    if (known !== UNKNOWN_ADDRESS) return known;
    const normalized = normalizeEndpoint(endpoint);
    const { host, port, channel } = normalized;
    const listed = this.find(host, port, channel);
    if (listed !== UNKNOWN_ADDRESS) return listed;
    const id = this.#endpoints.push(normalized) - 1;
    this.#index(host, port, channel, id);
    // A dual-stack socket reports IPv4 senders in this form.
    if (!host.includes(':')) this.#index(`::ffff:${host}`, port, channel, id);
    return id;
  }

  /** The id of an address as the operating system writes it, or {@link UNKNOWN_ADDRESS}. */
  find(host: string, port: number, channel = 0): number {
    return this.#idsByHost.get(host)?.get(placeOf(port, channel)) ?? UNKNOWN_ADDRESS;
  }

  endpoint(id: number): Endpoint {
    const endpoint = this.#endpoints[id];
    if (endpoint === undefined) throw new RangeError(`No address has the id ${id}.`);
    return endpoint;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  #index(host: string, port: number, channel: number | undefined, id: number): void {
    const ids = this.#idsByHost.get(host) ?? new Map<number, number>();
    this.#idsByHost.set(host, ids.set(placeOf(port, channel), id));
  }
}

/** One number for both: the port itself where there is no channel. */
function placeOf(port: number, channel = 0): number {
  return channel * (MAX_PORT + 1) + port;
}

function parseHost(host: string): ipaddr.IPv4 | ipaddr.IPv6 {
  // `isValidFourPartDecimal` because the library also reads 127.1 and 0x7f000001, which nobody means here.
  const readable = host.includes(':') ? ipaddr.IPv6.isValid(host) : ipaddr.IPv4.isValidFourPartDecimal(host);
  if (!readable || host.includes('%')) {
    throw new PathError('address.invalid', `"${host}" is not a numeric address. Write it as 192.0.2.1 or 2001:db8::1.`);
  }
  return ipaddr.process(host.replace(COMPATIBLE_PREFIX, '0:0:0:0:0:0:'));
}
