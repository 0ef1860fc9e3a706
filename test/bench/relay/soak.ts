/** Whether forwarding makes a process grow: its memory after garbage collection, before and after many packets. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Forwarder, Workshop } from './forwarders/variants.ts';
import { paceAt, RECEIVERS } from './loads.ts';
import { observe, receiversFault, senderFault } from './measurement.ts';
import { Traffic } from './traffic.ts';

/** Until engines have compiled what they run often and buffers have their size, in ms. */
const WARM_UP_MS = 10_000;
/** The traffic leaves no time for anything else: so long at a time, in ms. */
const SLICE_MS = 1000;

/** What the forwarder answers to SIGUSR2, which makes it collect its garbage first. In bytes. */
const answer = z.object({ heap: z.number(), resident: z.number() });

export interface Soak {
  readonly variant: 'batched' | 'dgram';
  readonly seconds: number;
  /** That came in; each went out four times. */
  readonly packets: number;
  readonly packetsPerSecond: number;
  /** Of the packets that were to go out, the part that did. */
  readonly forwarded: number;
  /** JavaScript objects and buffers of the main thread, in bytes. */
  readonly heapGrowth: number;
  /** The whole process with all threads, as the system counts it, in bytes: at the beginning, and by how much it grew. */
  readonly resident: number;
  readonly residentGrowth: number;
  /** Share of one core. */
  readonly cpuShare: number;
  /** Seconds in which the sender or the receivers did not keep up, and what was the matter with the last of them. */
  readonly disturbedSeconds: number;
  readonly disturbance: string | null;
}

export interface SoakOptions {
  readonly workshop: Workshop;
  readonly variant: Soak['variant'];
  /** Packets a second that come in. */
  readonly pps: number;
  readonly seconds: number;
}

export async function soak({ workshop, variant, pps, seconds }: SoakOptions): Promise<Soak> {
  const traffic = new Traffic();
  traffic.leaveReceivingToKernel();
  await using forwarder = await workshop.start(variant, traffic, ['--expose-gc']);
  await forward(forwarder, traffic, pps, WARM_UP_MS);
  const before = await memoryOf(forwarder);
  const passed = await forward(forwarder, traffic, pps, 1000 * seconds);
  const after = await memoryOf(forwarder);
  return {
    ...{ variant, seconds, ...passed },
    heapGrowth: after.heap - before.heap,
    resident: before.resident,
    residentGrowth: after.resident - before.resident,
  };
}

async function memoryOf(forwarder: Forwarder) {
  const next = forwarder.line();
  forwarder.signal('SIGUSR2');
  return answer.parse(JSON.parse(await next));
}

async function forward(forwarder: Forwarder, traffic: Traffic, pps: number, ms: number) {
  let [sent, arrived, cpuUs, elapsedMs, disturbedSeconds] = [0, 0, 0, 0, 0];
  let disturbance: string | null = null;
  for (let rest = ms; rest > 0; rest -= SLICE_MS) {
    const { passage, cpuUs: cost } = observe(forwarder, traffic, paceAt(pps), Math.min(rest, SLICE_MS));
    sent += passage.sent;
    arrived += passage.arrived;
    elapsedMs += passage.elapsedMs;
    cpuUs += cost;
    const fault = senderFault(passage) ?? receiversFault(passage);
    if (fault !== null) {
      disturbedSeconds += SLICE_MS / 1000;
      disturbance = fault;
    }
    await delay(0);
    await forwarder.requireAlive();
  }
  return {
    packets: sent,
    packetsPerSecond: Math.round((1000 * sent) / elapsedMs),
    forwarded: arrived / (sent * RECEIVERS),
    cpuShare: cpuUs / 1000 / elapsedMs,
    ...{ disturbedSeconds, disturbance },
  };
}
