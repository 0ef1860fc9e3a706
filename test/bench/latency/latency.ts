/**
 * The command `npm run bench:latency`: what relaying costs in time, messages and memory, each beside what it is compared
 * with in the same run.
 */
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { measureAllocation } from './allocation.ts';
import { measureHops } from './hops.ts';
import { measureJoins } from './joins.ts';
import { growthOf, measureMessages } from './messages.ts';

const PARTS = ['hops', 'joins', 'messages', 'allocation'] as const;

interface Options {
  readonly json?: true;
  readonly only: readonly (typeof PARTS)[number][];
}

const program = new Command('npm run bench:latency --')
  .description('Latency, time to the first relayed packet, bus messages per join, and memory per forwarded packet.')
  .option('--json', 'print the figures as one JSON document as the last line')
  .addOption(
    new Option('--only <parts...>', 'some of the four parts').choices(PARTS).default([...PARTS], 'all of them'),
  )
  .parse();
const { json, only } = program.opts<Options>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const measured = {
  hops: only.includes('hops') ? await measureHops(say) : [],
  joins: only.includes('joins') ? await measureJoins(say) : null,
  messages: only.includes('messages') ? await measureMessages(say) : [],
  allocation: only.includes('allocation') ? await measureAllocation(say) : [],
};

process.stdout.write(json ? `${JSON.stringify(measured)}\n` : `${report()}\n`);

function table(head: string[], rows: (string | number)[][]): string {
  const drawn = new Table({ head, style: { head: [], border: [] } });
  drawn.push(...rows);
  return drawn.toString();
}

function report(): string {
  const { hops, joins, messages, allocation } = measured;
  const parts: string[] = [];
  if (hops.length > 0) {
    const rows = hops.map(({ way, packets, p50Us, p99Us, p50Ratio, p99Ratio }) => [
      ...[way, packets, Math.round(p50Us), Math.round(p99Us)],
      ...[p50Ratio.toFixed(2), p99Ratio.toFixed(2)],
    ]);
    parts.push(
      'From one peer to the sink of another on loopback, packets of the ways in turn',
      table(['way', 'packets', 'p50, us', 'p99, us', 'p50 / direct', 'p99 / direct'], rows),
    );
  }
  if (joins !== null) {
    const { relayMs, medianMs } = joins;
    parts.push(
      `From saturation to the first relayed packet, ${relayMs.length} joins: median ${medianMs} ms`,
      `  ${relayMs.join(', ')} ms`,
    );
  }
  if (messages.length > 0) {
    const rows = messages.map(({ peers, published, received, byKind }) => [
      ...[peers, published, received, (published / peers).toFixed(1)],
      Object.entries(byKind)
        .map(([kind, count]) => `${kind} ${count}`)
        .join('\n'),
    ]);
    parts.push(
      'Bus messages from a join until the room has settled (median of its joins; repeated presences and renewals left out)',
      table(['peers', 'published', 'received by all', 'published / peer', 'published by kind'], rows),
      `Published messages grow like N^${growthOf(messages, 'published').toFixed(2)}, received ones like N^${growthOf(messages, 'received').toFixed(2)}`,
    );
  }
  if (allocation.length > 0) {
    const rows = allocation.map(({ forwarder, packets, bytesPerPacket }) => [
      ...[forwarder, packets, bytesPerPacket.toFixed(1)],
    ]);
    parts.push(
      'JavaScript memory allocated for each packet that comes in and goes out four times',
      table(['forwarder', 'packets in', 'bytes / packet'], rows),
    );
  }
  return parts.join('\n');
}
