/** The command `npm run bench:crowd`: what a peer costs in a room of fifty on this machine, and an idle one in a room of ten. */
import { Command } from 'commander';
import { type Crowd, measureCrowd, measureIdle, type PeerCost } from './crowd-room.ts';
import { positive } from './positive.ts';

const program = new Command('npm run bench:crowd --')
  .description('Processor time and memory of each peer: in a room where all send, and of idle ones in a room of ten.')
  .option('--json', 'print the figures as one JSON document as the last line')
  .option('--peers <n>', 'how many are in the large room', positive, 50)
  .option('--seconds <n>', 'how long each room is measured, in seconds', positive, 10)
  .parse();
const { json, peers, seconds } = program.opts<{ json?: true; peers: number; seconds: number }>();

const say = (line: string) => void process.stderr.write(`${line}\n`);
const crowd = await measureCrowd({ peers, seconds, say });
const idle = await measureIdle({ seconds, say });
process.stdout.write(json ? `${JSON.stringify({ crowd, idle })}\n` : `${crowdText(crowd)}\n${idleText(idle)}\n`);

function crowdText({ delivered, duplicates, pairs, relayedPairs, sourceBps, ...cost }: Crowd): string {
  return [
    `${cost.peers} peers, every source ${sourceBps / 1000} kbit/s: ${(100 * delivered).toFixed(3)} % delivered,`,
    `${duplicates} duplicates, ${relayedPairs} of ${pairs} pairs by relays; a peer takes ${costText(cost)}`,
  ].join(' ');
}

function idleText(cost: PeerCost): string {
  return `${cost.peers} idle peers: each takes ${costText(cost)}`;
}

function costText({ cpuShare, mostCpuShare, memoryMb, mostMemoryMb }: PeerCost): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return `${percent(cpuShare)} of a core (most ${percent(mostCpuShare)}) and ${memoryMb.toFixed(0)} MB (most ${mostMemoryMb.toFixed(0)})`;
}
