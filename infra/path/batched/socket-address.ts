/** Addresses as the kernel reads and writes them: `struct sockaddr_in` and `sockaddr_in6` (ip(7), ipv6(7)). */
import ipaddr from 'ipaddr.js';
import type { Endpoint } from '../contract.ts';
import { isIpv6Host, mappedAddressBytes, UNKNOWN_ADDRESS } from '../table/addresses.ts';
import type { TableChange } from '../table/table.ts';
import { AF_INET, AF_INET6, NativeMemory } from './libc.ts';
import { ADDRESS_BYTES } from './message-block.ts';
import { type PacketInfo, packetInfoOf } from './packet-info.ts';

export const ADDRESS_WORDS = ADDRESS_BYTES / 4;

const IPV4_BYTES = 16;
const IPV6_BYTES = 28;

/** Behind what the kernel reads and writes: the number of the TURN channel, 0 for none. */
const CHANNEL_BYTE = IPV6_BYTES;
export const CHANNEL_WORD = CHANNEL_BYTE / 4;

/** `::ffff:` as the third word of an IPv6 address in memory, on a little-endian machine. */
const MAPPED_WORD = 0xffff_0000 | 0;

/** What `sendmsg` must be told the length of an address is. */
export function addressLength(ipv6Socket: boolean): number {
  return ipv6Socket ? IPV6_BYTES : IPV4_BYTES;
}

/**
 * Writes `endpoint` at `offset` in the form that the socket's family wants. On an IPv4 socket an IPv6 address keeps its family and
 * loses the rest: the kernel refuses to send there.
 */
export function writeAddress(buffer: ArrayBufferLike, offset: number, endpoint: Endpoint, ipv6Socket: boolean): void {
  const bytes = new Uint8Array(buffer, offset, ADDRESS_BYTES).fill(0);
  const view = new DataView(buffer, offset, ADDRESS_BYTES);
  const address = mappedAddressBytes(endpoint.host);
  const isIpv6 = ipv6Socket || isIpv6Host(endpoint.host);
  view.setUint16(0, isIpv6 ? AF_INET6 : AF_INET, true);
  view.setUint16(2, endpoint.port);
  view.setUint32(CHANNEL_BYTE, endpoint.channel ?? 0, true);
  if (ipv6Socket) bytes.set(address, 8);
  else if (!isIpv6) bytes.set(address.subarray(12), 4);
}

/** Reads what {@link writeAddress} or the kernel wrote. */
export function readAddress(buffer: ArrayBufferLike, offset: number): Endpoint {
  const view = new DataView(buffer, offset, ADDRESS_BYTES);
  const start = view.getUint16(0, true) === AF_INET6 ? 8 : 4;
  const bytes = Array.from(new Uint8Array(buffer, offset + start, start === 8 ? 16 : 4));
  const address = ipaddr.fromByteArray(bytes);
  const endpoint = { host: ipaddr.process(address.toString()).toString(), port: view.getUint16(2) };
  const channel = view.getUint32(CHANNEL_BYTE, true);
  return channel === 0 ? endpoint : { ...endpoint, channel };
}

/** What fits at first; it doubles. */
const FIRST_ADDRESSES = 16;

/** The addresses of tables in native memory: by id for sending, and found by what the kernel wrote on receiving. */
export class NativeAddresses {
  /** Of one address, in bytes. */
  readonly length: number;
  readonly #ipv6: boolean;
  #count = 0;
  #memory = new NativeMemory(FIRST_ADDRESSES * ADDRESS_BYTES);
  #words = new Int32Array(this.#memory.buffer);
  /** Open addressing: ids + 1, 0 for a free place. At most half full. */
  #places = new Int32Array(2 * FIRST_ADDRESSES);
  /** From where packets leave, by id; most peers have none. */
  readonly #origins = new Map<number, PacketInfo>();

  constructor(endpoints: readonly Endpoint[], ipv6Socket: boolean) {
    this.#ipv6 = ipv6Socket;
    this.length = addressLength(ipv6Socket);
    this.#add(endpoints);
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Where they lie; another place once there are more. */
  get memory(): NativeMemory {
    return this.#memory;
  }

  /** The addresses after a change of the table: these and more, or others that begin anew. */
  after({ anew, addresses, origins }: TableChange): NativeAddresses {
    const after = anew ? new NativeAddresses(addresses, this.#ipv6) : this;
    if (!anew) this.#add(addresses);
    if (origins !== null) after.leaveFrom(origins);
    return after;
  }

  /** All of them: from which of our addresses packets leave, by the id of where they go. */
  leaveFrom(origins: ReadonlyMap<number, string>): void {
    this.#origins.clear();
    for (const [id, host] of origins) this.#origins.set(id, packetInfoOf(host, this.#ipv6));
  }

  /** Where packets to an address leave from; undefined: the kernel chooses. */
  origin(id: number): PacketInfo | undefined {
    return this.#origins.size === 0 ? undefined : this.#origins.get(id);
  }

  /** The TURN channel of an address, or 0. */
  channel(id: number): number {
    return this.#words[id * ADDRESS_WORDS + CHANNEL_WORD] ?? 0;
  }

  offset(id: number): number {
    return id * ADDRESS_BYTES;
  }

  /** The id of the address that starts at word `at`, or {@link UNKNOWN_ADDRESS}. Allocates nothing. */
  find(words: Int32Array, at: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = hash(words, at) & mask; ; place = (place + 1) & mask) {
      const id = (places[place] ?? 0) - 1;
      if (id === -1) return UNKNOWN_ADDRESS;
      if (sameAddress(words, at, this.#words, id * ADDRESS_WORDS)) return id;
    }
  }

  #add(endpoints: readonly Endpoint[]): void {
    this.#makeRoom(this.#count + endpoints.length);
    for (const endpoint of endpoints) {
      writeAddress(this.#memory.buffer, this.#count * ADDRESS_BYTES, endpoint, this.#ipv6);
      this.#insert(this.#count++);
    }
  }

  #makeRoom(count: number): void {
    let room = this.#places.length / 2;
    if (count <= room) return;
    while (room < count) room *= 2;
    const before = this.#words;
    this.#memory = new NativeMemory(room * ADDRESS_BYTES);
    this.#words = new Int32Array(this.#memory.buffer);
    this.#words.set(before);
    this.#places = new Int32Array(2 * room);
    for (let id = 0; id < this.#count; id++) this.#insert(id);
  }

  #insert(id: number): void {
    const mask = this.#places.length - 1;
    let place = hash(this.#words, id * ADDRESS_WORDS) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = id + 1;
  }
}

/** The port in the upper half of the first word, the channel, and the four address words: of IPv4 as if it were mapped. */
function hash(words: Int32Array, at: number): number {
  const isV6 = ((words[at] ?? 0) & 0xffff) === AF_INET6;
  const channel = words[at + CHANNEL_WORD] ?? 0;
  let mixed = ((words[at] ?? 0) >>> 16) ^ channel ^ Math.imul(lastWord(words, at, isV6), 0x9e37_79b1);
  if (isV6)
    mixed ^= Math.imul((words[at + 2] ?? 0) ^ (words[at + 3] ?? 0), 0x85eb_ca6b) ^ ((words[at + 4] ?? 0) - MAPPED_WORD);
  return mixed ^ (mixed >>> 15);
}

function sameAddress(a: Int32Array, atA: number, b: Int32Array, atB: number): boolean {
  // One socket sees one family only, so both sides have the same form.
  if (a[atA] !== b[atB] || a[atA + CHANNEL_WORD] !== b[atB + CHANNEL_WORD]) return false;
  if (((a[atA] ?? 0) & 0xffff) === AF_INET) return a[atA + 1] === b[atB + 1];
  return (
    a[atA + 2] === b[atB + 2] && a[atA + 3] === b[atB + 3] && a[atA + 4] === b[atB + 4] && a[atA + 5] === b[atB + 5]
  );
}

function lastWord(words: Int32Array, at: number, isV6: boolean): number {
  return words[at + (isV6 ? 5 : 1)] ?? 0;
}
