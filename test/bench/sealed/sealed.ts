/** The command `npm run bench:sealed`: what it costs that only members hear. */
import Table from 'cli-table3';
import { runBenchmark, say } from '../cases-command.ts';
import { joining, leaving, underLoad } from './changes.ts';
import type { Figures, SealedCase } from './contract.ts';
import { inCall, receiver, relay, source } from './cpu.ts';

const CASES: readonly SealedCase[] = [
  { name: 'source', asks: 'CPU a packet at most twice that in the clear', play: source },
  { name: 'receiver', asks: 'CPU a packet at most twice that in the clear', play: receiver },
  { name: 'relay', asks: 'CPU a packet as in the clear', play: relay },
  { name: 'in-call', asks: 'CPU of source and receiver, with all that a call has, at most twice', play: inCall },
  { name: 'join', asks: 'at most 50 ms more to the first packet', play: joining },
  { name: 'changes', asks: '100 changes of keys under load, none of 100,000 packets lost', play: underLoad },
  { name: 'leave-50', asks: 'one of 50 leaves: other keys within 1 s, by at most 150 messages', play: leaving },
];

interface Result extends Figures {
  readonly case: string;
  readonly asks: string;
}

async function measure(one: SealedCase, runs: number, signal: AbortSignal): Promise<Result[]> {
  const results: Result[] = [];
  for (let number = 0; number < runs; number++) {
    const figures = await one.play(signal);
    say(`${one.name}: ${textOf(figures)}`);
    results.push({ case: one.name, asks: one.asks, ...figures });
  }
  return results;
}

function textOf({ cpuRatio, lost, ms }: Figures): string {
  return [
    ...(cpuRatio === null ? [] : [`${cpuRatio.toFixed(2)} times the CPU`]),
    ...(lost === null ? [] : [`${lost} lost`]),
    ...(ms === null ? [] : [`${ms.toFixed(0)} ms`]),
  ].join(', ');
}

function tableOf(results: readonly Result[]): string {
  const drawn = new Table({ head: ['case', 'figure', 'what must hold'], style: { head: [], border: [] } });
  for (const { case: name, asks, ...figures } of results) drawn.push([name, textOf(figures), asks]);
  return drawn.toString();
}

await runBenchmark({
  script: 'bench:sealed',
  description: 'What it costs that media is sealed: processor time, packets and time.',
  ...{ noun: 'case', cases: CASES, runs: 1, measure, tableOf },
  rowOf: ({ case: name, cpuRatio, lost, ms }: Result) => ({ case: name, cpuRatio, lost, ms }),
});
