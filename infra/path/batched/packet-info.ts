/**
 * Which of our addresses a datagram leaves from or came to, as control data of `sendmsg` and `recvmsg`: IP_PKTINFO (ip(7)) on IPv4
 * sockets, IPV6_PKTINFO (RFC 3542 section 6.1) on the others, where IPv4 stands in it as in every address.
 */
import { mappedAddressBytes } from '../table/addresses.ts';
import { IP_PKTINFO, IPV6_PKTINFO, IPV6_RECVPKTINFO, type Libc, SOL_IP, SOL_IPV6 } from './libc.ts';
import type { MessageBlock } from './message-block.ts';

/** A control message without its length. */
export interface PacketInfo {
  readonly level: number;
  readonly type: number;
  /** Its bytes. The number of the interface is 0: the address alone decides. */
  readonly words: Int32Array;
}

/** Words of `struct in_pktinfo` (interface, local address, address in the header) and of `in6_pktinfo` (address, interface). */
const IPV4_WORDS = 3;
const IPV6_WORDS = 5;
const IPV4_ADDRESS = 1;

/** Words of a `sockaddr_in` and a `sockaddr_in6` in front of the address. */
const BEFORE_IPV4 = 1;
const BEFORE_IPV6 = 2;

/** @throws {PathError} `address.invalid` */
export function packetInfoOf(host: string, ipv6Socket: boolean): PacketInfo {
  const address = new Int32Array(mappedAddressBytes(host).buffer);
  if (ipv6Socket) {
    const words = new Int32Array(IPV6_WORDS);
    words.set(address);
    return { level: SOL_IPV6, type: IPV6_PKTINFO, words };
  }
  const words = new Int32Array(IPV4_WORDS);
  words[IPV4_ADDRESS] = address[3] ?? 0;
  return { level: SOL_IP, type: IP_PKTINFO, words };
}

/** Has the kernel say of each datagram which of our addresses it came to. */
export function askForPacketInfo(libc: Pick<Libc, 'setsockopt'>, descriptor: number, ipv6Socket: boolean): boolean {
  const [level, option] = ipv6Socket ? [SOL_IPV6, IPV6_RECVPKTINFO] : [SOL_IP, IP_PKTINFO];
  return libc.setsockopt(descriptor, level, option, Int32Array.of(1), 4) === 0;
}

/**
 * Copies the address out of the kernel's answer to a message into the socket address `to`, whose family is set already.
 *
 * @returns whether there is one
 */
export function copyPacketInfo(block: MessageBlock, message: number, to: Int32Array, ipv6Socket: boolean): boolean {
  const [level, type] = ipv6Socket ? [SOL_IPV6, IPV6_PKTINFO] : [SOL_IP, IP_PKTINFO];
  const at = block.findControl(message, level, type);
  if (at < 0) return false;
  const control = block.controlWords;
  if (ipv6Socket) for (let word = 0; word < 4; word++) to[BEFORE_IPV6 + word] = control[at + word] ?? 0;
  else to[BEFORE_IPV4] = control[at + IPV4_ADDRESS] ?? 0;
  return true;
}
