/** Delivery through a relay beside direct delivery: source, relay and receiver each in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { PathRoute } from '../../../infra/path/contract.ts';
import { openPath } from '../../../infra/path/open.ts';
import { LOOPBACK_HOST } from '../../../infra/path/table/addresses.ts';
import { spawnTethered } from '../../../infra/process/tethered.ts';
import { PACKET_BYTES, ssrcOf } from '../relay/loads.ts';

/** A packet a way in turn, this often: about two calls' worth of packets, far from any queue. In ms. */
const EVERY_MS = 2;
const RUN_MS = 20_000;
/** Until engines have compiled what they run often, in ms. */
const WARM_UP_MS = 3_000;

/** Where a packet carries its time of sending: a double right behind the RTP header, in us. */
export const STAMP_AT = 12;

const WAYS = ['direct', 'dgram', 'batched'] as const;
type Way = (typeof WAYS)[number];

export interface Hop {
  /** `direct`, or the kind of packet path that the relay has. */
  readonly way: Way;
  readonly packets: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Over direct delivery in this run. */
  readonly p50Ratio: number;
  readonly p99Ratio: number;
}

const answer = z.union([
  z.object({ port: z.int() }),
  z.object({ latencies: z.array(z.object({ ssrc: z.int(), us: z.array(z.number()) })) }),
]);

export async function measureHops(say: (line: string) => void): Promise<Hop[]> {
  say(`latency: ${(WARM_UP_MS + RUN_MS) / 1000} s of packets`);
  const source = await openPath({
    ...{ listen: { host: LOOPBACK_HOST, port: 0 }, deliver: () => undefined, onRtcp: () => undefined },
    now: () => performance.now(),
  });
  const receiver = fork(here('./receiver.ts'), { execArgv: ['--import=tsx'] });
  try {
    const { port } = z.object({ port: z.int() }).parse(await message(receiver));
    await using dgram = await startRelay('dgram', source.bound.port, port);
    await using batched = await startRelay('batched', source.bound.port, port);
    const ports: Record<Way, number> = { direct: port, dgram: dgram.port, batched: batched.port };
    source.setTable({ routes: WAYS.map((way, index) => routeTo(ssrcOf(index), ports[way])), sinks: [] });
    const from = [source.bound.port, dgram.port, batched.port];
    receiver.send({ sinks: WAYS.map((_, index) => ({ ssrc: ssrcOf(index), port: from[index] })) });
    await message(receiver);

    await sendInTurn(source.send.bind(source), WARM_UP_MS);
    receiver.send({ forget: true });
    await message(receiver);
    await sendInTurn(source.send.bind(source), RUN_MS);
    receiver.send({ report: true });
    const reported = answer.parse(await message(receiver));
    return 'latencies' in reported ? hopsOf(reported.latencies.map(({ us }) => us)) : [];
  } finally {
    receiver.kill('SIGKILL');
    await source.close();
  }
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function message(child: ChildProcess): Promise<unknown> {
  const [news] = await once(child, 'message');
  return news;
}

async function startRelay(kind: 'dgram' | 'batched', upstream: number, receiver: number) {
  const program = here('../relay/forwarders/forwarder.ts');
  const args = ['--import=tsx', program, kind, String(upstream), String(receiver)];
  const relay = spawnTethered(process.execPath, args, { output: 'pipe' });
  if (relay.child.stdout === null) throw new Error('the relay has no output');
  const [line] = await once(createInterface({ input: relay.child.stdout }), 'line');
  return { port: Number(line), [Symbol.asyncDispose]: () => relay.stop() };
}

function routeTo(ssrc: number, port: number): PathRoute {
  return {
    ssrc,
    upstream: null,
    legs: [{ to: { host: LOOPBACK_HOST, port }, slices: 0xffff }],
    limitBps: null,
    media: 'video',
  };
}

async function sendInTurn(send: (packet: Uint8Array) => void, ms: number): Promise<void> {
  const packet = Buffer.alloc(PACKET_BYTES);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(96, 1);
  const start = performance.now();
  for (let count = 0; performance.now() - start < ms; count++) {
    packet.writeUInt16BE(Math.floor(count / WAYS.length) & 0xffff, 2);
    packet.writeUInt32BE(ssrcOf(count % WAYS.length), 8);
    packet.writeDoubleBE(monotonicUs(), STAMP_AT);
    send(packet);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** All processes of a machine share this clock. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}

function hopsOf(latencies: readonly number[][]): Hop[] {
  const quantile = (way: number, share: number) => {
    const sorted = [...(latencies[way] ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  };
  return WAYS.map((way, index) => ({
    way,
    packets: latencies[index]?.length ?? 0,
    p50Us: quantile(index, 0.5),
    p99Us: quantile(index, 0.99),
    p50Ratio: quantile(index, 0.5) / quantile(0, 0.5),
    p99Ratio: quantile(index, 0.99) / quantile(0, 0.99),
  }));
}
