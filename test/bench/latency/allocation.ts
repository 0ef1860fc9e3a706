/**
 * How much JavaScript memory forwarding a packet allocates. The forwarder runs with a young generation of 1 MB and tells
 * of every collection how much was allocated before it, in all its threads; the machine's own noise is measured while
 * nothing is forwarded.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnTethered } from '../../../infra/process/tethered.ts';
import { paceAt, RECEIVERS } from '../relay/loads.ts';
import { Traffic } from '../relay/traffic.ts';

/**
 * The first two only receive and send: what Node's socket itself allocates, without and with being told that a datagram
 * has gone. The others are ours; `dgram` is told, for its counters.
 */
const FORWARDERS = ['dgram-bare', 'dgram-told', 'dgram', 'batched'] as const;
const PACKETS_PER_SECOND = 10_000;
const RUN_MS = 10_000;
/** Until engines have compiled what they run often, in ms. */
const WARM_UP_MS = 3_000;
/** In slices of this length, with a pause after each in which what is printed arrives; in ms. */
const SLICE_MS = 200;
const PRINT_MS = 20;

const PORT = /^(\d+)$/;
/** Of `--trace-gc-nvp`: bytes allocated since the collection before. */
const COLLECTION = /\bgc=\w+ .*\ballocated=(\d+)/;

export interface Allocation {
  readonly forwarder: (typeof FORWARDERS)[number];
  readonly packets: number;
  /** For each packet that came in; it went out four times. */
  readonly bytesPerPacket: number;
}

export async function measureAllocation(say: (line: string) => void): Promise<Allocation[]> {
  const traffic = new Traffic();
  const results: Allocation[] = [];
  for (const forwarder of FORWARDERS) {
    say(`allocation: ${forwarder}`);
    results.push(await measureForwarder(forwarder, traffic));
  }
  return results;
}

async function measureForwarder(forwarder: Allocation['forwarder'], traffic: Traffic): Promise<Allocation> {
  const program = fileURLToPath(new URL('../relay/forwarders/forwarder.ts', import.meta.url));
  const wholeLines = `--import=${new URL('./whole-lines.ts', import.meta.url)}`;
  const flags = ['--max-semi-space-size=1', '--trace-gc-nvp', '--import=tsx', wholeLines];
  const ports = [traffic.upstreamPort, ...traffic.receiverPorts].map(String);
  await using child = spawnTethered(process.execPath, [...flags, program, forwarder, ...ports], { output: 'pipe' });
  const { stdout } = child.child;
  if (stdout === null) throw new Error('the forwarder has no output');
  let allocated = 0;
  const lines = createInterface({ input: stdout });
  const port = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      allocated += Number(COLLECTION.exec(line)?.[1] ?? 0);
      const printed = PORT.exec(line)?.[1];
      if (printed !== undefined) resolve(Number(printed));
    });
  });
  const ended = once(child.child, 'exit').then(() => Promise.reject(new Error(`the forwarder ${forwarder} ended`)));
  ended.catch(() => undefined);
  const target = await Promise.race([port, ended]);

  await forward(traffic, target, WARM_UP_MS);
  allocated = 0;
  const packets = await forward(traffic, target, RUN_MS);
  return { forwarder, packets, bytesPerPacket: allocated / packets };
}

/** The traffic leaves no time for anything else: between its slices we read what the forwarder prints, lest it waits for us. */
async function forward(traffic: Traffic, port: number, ms: number): Promise<number> {
  let arrived = 0;
  for (let rest = ms; rest > 0; rest -= SLICE_MS) {
    arrived += traffic.run(port, paceAt(PACKETS_PER_SECOND), SLICE_MS).arrived;
    await delay(PRINT_MS);
  }
  return Math.round(arrived / RECEIVERS);
}
