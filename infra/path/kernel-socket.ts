/** What Linux's /proc says of a UDP socket. Nothing, on other systems. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Endpoint } from './contract.ts';
import { mappedAddressBytes } from './table/addresses.ts';

/** Columns of /proc/net/udp (proc_net_udp(5)). */
const LOCAL_ADDRESS = 1;
const INODE = 9;
const DROPS = 12;

/** How many datagrams the kernel threw away because the receive buffer was full. 0 where it cannot be known. */
export function readKernelDrops(bound: Endpoint): number {
  return rowsOf(bound).reduce((total, row) => total + Number(row[DROPS] ?? 0), 0);
}

/** This process's file descriptor of the socket that is bound to `bound`; undefined where it cannot be known. */
export function findDescriptor(bound: Endpoint): number | undefined {
  const links = new Set(rowsOf(bound).map((row) => `socket:[${row[INODE]}]`));
  const descriptor = listDescriptors().find((name) => links.has(linkOf(name)));
  return descriptor === undefined ? undefined : Number(descriptor);
}

function rowsOf(bound: Endpoint): string[][] {
  const file = bound.host.includes(':') ? '/proc/net/udp6' : '/proc/net/udp';
  const wanted = procAddress(bound);
  return readLines(file)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[LOCAL_ADDRESS] === wanted);
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    // Not Linux, or /proc is hidden.
    return [];
  }
}

function listDescriptors(): string[] {
  try {
    return readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // Closed since it was listed, as the listing's own descriptor always is.
    return '';
  }
}

/** An address as /proc writes it: 32-bit words in hexadecimal, each as it reads on this (little-endian) machine. */
function procAddress({ host, port }: Endpoint): string {
  const mapped = mappedAddressBytes(host);
  const bytes = host.includes(':') ? mapped : mapped.subarray(12);
  const words = Array.from({ length: bytes.length / 4 }, (_, word) =>
    Array.from(bytes.subarray(4 * word, 4 * word + 4), (byte) => byte.toString(16).padStart(2, '0'))
      .reverse()
      .join(''),
  );
  return `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}
