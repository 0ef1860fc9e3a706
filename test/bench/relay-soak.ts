/** Whether forwarding makes a process grow: its memory after garbage collection, before and after many packets. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { spawnTethered } from '../../infra/process/tethered.ts';
import { paceAt, RECEIVERS } from './relay-loads.ts';
import type { Traffic } from './relay-traffic.ts';

/** Until engines have compiled what they run often and buffers have their size, in ms. */
const WARM_UP_MS = 5_000;
/** The traffic leaves no time for anything else: so long at a time, in ms. */
const SLICE_MS = 500;

/** What the forwarder answers to SIGUSR2, which makes it collect its garbage first. In bytes. */
const answer = z.object({ heap: z.number(), resident: z.number() });

export interface Soak {
  readonly variant: 'batched' | 'dgram';
  readonly seconds: number;
  /** That came in; each went out four times. */
  readonly packets: number;
  /** JavaScript objects and buffers of the main thread, in bytes. */
  readonly heapGrowth: number;
  /** The whole process with all threads, as the system counts it, in bytes. */
  readonly residentGrowth: number;
  readonly heapBytesPerPacket: number;
}

/** Forwards `pps` packets a second for `seconds`. */
export async function soak(variant: Soak['variant'], traffic: Traffic, pps: number, seconds: number): Promise<Soak> {
  const program = fileURLToPath(new URL('./relay-forwarder.ts', import.meta.url));
  const ports = [traffic.upstreamPort, ...traffic.receiverPorts].map(String);
  const args = ['--expose-gc', '--import=tsx', program, variant, ...ports];
  await using forwarder = spawnTethered(process.execPath, args, { output: 'pipe' });
  const { child } = forwarder;
  if (child.stdout === null) throw new Error('the forwarder has no output');
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the forwarder ${variant} ended`)));
  ended.catch(() => undefined);
  const line = async () => String((await Promise.race([once(lines, 'line'), ended]))[0]);
  const memory = async () => {
    const next = line();
    child.kill('SIGUSR2');
    return answer.parse(JSON.parse(await next));
  };

  const port = Number(await line());
  await forward(traffic, port, pps, WARM_UP_MS);
  const before = await memory();
  const packets = await forward(traffic, port, pps, 1000 * seconds);
  const after = await memory();
  const heapGrowth = after.heap - before.heap;
  const residentGrowth = after.resident - before.resident;
  return { variant, seconds, packets, heapGrowth, residentGrowth, heapBytesPerPacket: heapGrowth / packets };
}

async function forward(traffic: Traffic, port: number, pps: number, ms: number): Promise<number> {
  let arrived = 0;
  for (let rest = ms; rest > 0; rest -= SLICE_MS) {
    arrived += traffic.run(port, paceAt(pps), SLICE_MS).arrived;
    await delay(0);
  }
  return Math.round(arrived / RECEIVERS);
}
