/** The figures of `npm run bench:relay` in a table. */
import Table from 'cli-table3';
import type { Load } from './relay-loads.ts';
import type { Soak } from './relay-soak.ts';
import type { Variant } from './relay-variants.ts';

export interface Row {
  readonly variant: Variant;
  readonly load: Load;
  /** Of all threads, for each packet that left. */
  readonly cpuUsPerPacket: number;
  /** To the C forwarder without GSO in this run; null where there is none. */
  readonly ratioToC: number | null;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Packets a second out, all receivers together. */
  readonly maxLosslessPps: number;
}

export function rowsText(rows: readonly Row[]): string {
  const head = ['forwarder', 'load', 'us CPU per packet', 'ratio to C', 'p50 us', 'p99 us', 'lossless packets/s out'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { variant, load, cpuUsPerPacket, ratioToC, p50Us, p99Us, maxLosslessPps } of rows) {
    table.push([variant, load, cpuUsPerPacket, ratioToC ?? '-', p50Us, p99Us, maxLosslessPps]);
  }
  return table.toString();
}

export function soakText({ variant, seconds, packets, heapGrowth, residentGrowth, heapBytesPerPacket }: Soak): string {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  return [
    `${variant}: ${packets} packets in ${seconds} s; heap after collection grew by ${kilobytes(heapGrowth)}`,
    `(${heapBytesPerPacket.toFixed(3)} bytes a packet), the process by ${kilobytes(residentGrowth)}`,
  ].join(' ');
}
