/**
 * A filter that the kernel runs on each datagram before it takes room in the receive buffer (socket(7), SO_ATTACH_FILTER): classic BPF
 * as Linux's networking/filter document describes it. On a UDP socket offset 0 is the UDP header.
 */

import type { Endpoint } from '../contract.ts';
import { mappedAddressBytes } from '../table/addresses.ts';

/** Instructions: loads of a byte, of two, of four; jumps; and, shift, return. */
const LOAD_BYTE = 0x30;
const LOAD_HALF = 0x28;
const LOAD_WORD = 0x20;
const JUMP = 0x05;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const SHIFT_RIGHT = 0x74;
const RETURN = 0x06;

/** What a return gives: how many bytes of the datagram are kept. */
const ACCEPT = -1;
const DROP = 0;

const SOURCE_PORT = 0;
const PAYLOAD = 8;
/** SKF_NET_OFF: from here on offsets count from the IP header. */
const IP_HEADER = -0x10_0000;
const IPV4_SOURCE = IP_HEADER + 12;
const IPV6_SOURCE = IP_HEADER + 8;

/** SKF_AD_OFF + SKF_AD_RANDOM: 32 bits that nobody can guess. */
const RANDOM = -0x1000 + 56;
const MOST_RANDOM = 0xffff_ffff;

/** The first byte that is no longer STUN's (RFC 7983 section 7). */
const AFTER_STUN = 4;

/**
 * Eight bytes each of the socket's option memory (net.core.optmem_max, at least 20 kB), where for a moment two filters lie, and what is
 * said with a packet about where it leaves from.
 */
const MOST_INSTRUCTIONS = 1024;

type Instruction = readonly [code: number, operand: number, ifTrue?: number, ifFalse?: number];

/** `struct sock_filter`s: code and jumps in a word, the operand in the next. */
export type FilterProgram = Int32Array;

/**
 * Takes all datagrams from `senders`, and of others STUN.
 *
 * @param share of others' STUN that is taken, 0..1: each message by chance, for a program of this kind remembers nothing
 * @returns null where there are too many senders: more than 200 of IPv4, or 90 of IPv6
 */
export function strangerProgram(senders: readonly Endpoint[], share = 1): FilterProgram | null {
  const ipv4 = senders.filter(({ host }) => !host.includes(':')).flatMap(takeIpv4);
  const ipv6 = senders.filter(({ host }) => host.includes(':')).flatMap(takeIpv6);
  const stranger: Instruction[] = [
    [LOAD_BYTE, PAYLOAD],
    [IF_AT_LEAST, AFTER_STUN, 3, 0],
    [LOAD_WORD, RANDOM],
    [IF_AT_LEAST, Math.round(share * MOST_RANDOM), 1, 0],
    [RETURN, ACCEPT],
    [RETURN, DROP],
  ];
  const program: Instruction[] = [
    [LOAD_BYTE, IP_HEADER],
    [SHIFT_RIGHT, 4],
    [IF_EQUAL, 4, 1, 0],
    [JUMP, ipv4.length + stranger.length],
    ...ipv4,
    ...stranger,
    ...ipv6,
    ...stranger,
  ];
  if (program.length > MOST_INSTRUCTIONS) return null;
  return Int32Array.from(
    program.flatMap(([code, operand, ifTrue = 0, ifFalse = 0]) => [code | (ifTrue << 16) | (ifFalse << 24), operand]),
  );
}

function takeIpv4({ host, port }: Endpoint): Instruction[] {
  return taking([[IPV4_SOURCE, wordsOf(host)[3] ?? 0]], port);
}

function takeIpv6({ host, port }: Endpoint): Instruction[] {
  return taking(
    wordsOf(host).map((word, index) => [IPV6_SOURCE + 4 * index, word] as const),
    port,
  );
}

/** Accepts where all words and the port are equal; else goes on behind it. */
function taking(words: readonly (readonly [offset: number, word: number])[], port: number): Instruction[] {
  const length = 2 * words.length + 3;
  return [
    ...words.flatMap(([offset, word], index): Instruction[] => [
      [LOAD_WORD, offset],
      [IF_EQUAL, word, 0, length - 2 * (index + 1)],
    ]),
    [LOAD_HALF, SOURCE_PORT],
    [IF_EQUAL, port, 0, 1],
    [RETURN, ACCEPT],
  ];
}

/** Of an address as the kernel loads them: the first byte is the highest. */
function wordsOf(host: string): number[] {
  const bytes = new DataView(mappedAddressBytes(host).buffer);
  return [0, 4, 8, 12].map((at) => bytes.getInt32(at));
}
