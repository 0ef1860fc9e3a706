/** How many datagrams the kernel threw away because a socket's receive buffer was full. */
import { readFileSync } from 'node:fs';
import { mappedAddressBytes } from './addresses.ts';
import type { Endpoint } from './contract.ts';

const LOCAL_ADDRESS = 1;
const DROPS = 12;

/**
 * Reads the `drops` column of Linux's `/proc/net/udp` or `udp6` (proc_net_udp(5)) for the socket bound to `bound`.
 * 0 on other systems.
 */
export function readKernelDrops(bound: Endpoint): number {
  const file = bound.host.includes(':') ? '/proc/net/udp6' : '/proc/net/udp';
  const wanted = procAddress(bound);
  for (const line of readLines(file)) {
    const columns = line.trim().split(/\s+/);
    if (columns[LOCAL_ADDRESS] === wanted) return Number(columns[DROPS] ?? 0);
  }
  return 0;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    // Not Linux, or /proc is hidden: the number cannot be known.
    return [];
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
