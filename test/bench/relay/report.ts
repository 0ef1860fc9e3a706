/** The figures of `npm run bench:relay` in words and tables. */
import Table from 'cli-table3';
import type { Ratio, Row } from './figures.ts';
import type { Soak } from './soak.ts';
import type { TableChangeCost } from './table-change.ts';

export function rowsText(rows: readonly Row[]): string {
  const head = ['forwarder', 'load', 'us CPU per packet', 'ratio to C', 'p50 us', 'p99 us', 'lossless packets/s out'];
  return table(
    head,
    rows.map(({ variant, load, cpuUsPerPacket, ratioToC, p50Us, p99Us, maxLosslessPps }) => [
      ...[variant, load, cpuUsPerPacket, ratioToC, p50Us, p99Us, maxLosslessPps],
    ]),
  );
}

export function ratiosText(ratios: readonly Ratio[]): string {
  const head = ['forwarder', 'beside', 'load', 'CPU per packet', 'p99', 'lossless rate'];
  return table(
    head,
    ratios.map(({ variant, base, load, cpu, p99, lossless }) => [variant, base, load, cpu, p99, lossless]),
  );
}

export function soakText({ variant, seconds, packetsPerSecond, ...soak }: Soak): string {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;
  const percent = (share: number) => `${(100 * share).toFixed(3)} %`;
  const { disturbedSeconds, disturbance } = soak;
  const heap = soak.heapGrowth / soak.packets;
  return [
    `${variant}: ${packetsPerSecond} packets/s in for ${seconds} s, ${percent(soak.forwarded)} of their copies out,`,
    `${(100 * soak.cpuShare).toFixed(1)} % of a core; heap after collection grew by ${kilobytes(soak.heapGrowth)}`,
    `(${heap.toFixed(4)} bytes a packet), the process by ${kilobytes(soak.residentGrowth)} from ${kilobytes(soak.resident)}.`,
    disturbance === null ? '' : `In ${disturbedSeconds} of the seconds ${disturbance}.`,
  ].join(' ');
}

export function tableChangeText({
  kind,
  routes,
  receiversEach,
  firstMs,
  changeMs,
  rebuiltMs,
}: TableChangeCost): string {
  return [
    `${kind}: a table of ${routes} routes to ${receiversEach} receivers each is set in ${firstMs.toFixed(1)} ms, with one`,
    `route changed in ${changeMs.toFixed(3)} ms, and in ${rebuiltMs.toFixed(3)} ms if all were made anew.`,
  ].join(' ');
}

/** A figure that is void is a dash. */
function table(head: string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const drawn = new Table({ head, style: { head: [], border: [] } });
  drawn.push(...rows.map((row) => row.map((cell) => cell ?? '-')));
  return drawn.toString();
}
