/** What a peer costs its machine: in a large room where everybody sends, and in a small one where nobody does. */
import { setTimeout as delay } from 'node:timers/promises';
import { ScenarioError } from '../scenarios/playing/errors.ts';
import { inRoom, type OpenRoom } from '../scenarios/playing/in-room.ts';
import { Measurement } from '../scenarios/playing/measurement.ts';
import type { PeerSpec } from '../scenarios/scenario.ts';
import { childrenRunning, usageOf } from './process-usage.ts';

/** Of every source, in bit/s. */
const SOURCE_BPS = 100_000;
/**
 * Uplinks in Mbit/s, in turn: medians of home and mobile connections, and a tail of poor ones. With 49 receivers a source
 * of {@link SOURCE_BPS} takes 4.9 of them, so that three in ten peers cannot serve everybody themselves.
 */
const UPLINKS_MBPS = [30.6, 0.5, 22.3, 14.8, 3, 12, 11.7, 9.1, 1.5, 7];
const IDLE_PEERS = 10;
/** After the last one has joined an idle room, until nothing is left to say, in ms. */
const QUIET_MS = 3_000;
/** Each comes after the five seconds that an answer may take. */
const MOST_RETRIES = 20;
const PROGRAM = 'actors/peer.ts';

export interface CrowdOptions {
  readonly peers: number;
  readonly seconds: number;
  /** Takes one line of progress. */
  readonly say: (line: string) => void;
}

/** Means and worst cases over the room's peers, each a process of its own. */
export interface PeerCost {
  readonly peers: number;
  /** Share of one core. */
  readonly cpuShare: number;
  readonly mostCpuShare: number;
  readonly memoryMb: number;
  readonly mostMemoryMb: number;
}

export interface Crowd extends PeerCost {
  readonly sourceBps: number;
  readonly packets: number;
  /** Of the packets that should have reached a sink, the part that did. */
  readonly delivered: number;
  readonly duplicates: number;
  /** Pairs of a source and a receiver, and those of them that a relay serves, wholly or in part. */
  readonly pairs: number;
  readonly relayedPairs: number;
  /** What the room still lacked when the measurement began. */
  readonly unsettled: number;
}

/** A room in which everybody sends to everybody. */
export function measureCrowd({ peers, seconds, say }: CrowdOptions): Promise<Crowd> {
  const specs = Array.from({ length: peers }, (_, index) =>
    specOf(index, 1e6 * (UPLINKS_MBPS[index % UPLINKS_MBPS.length] ?? 1)),
  );
  return inRoom(specs, { say }, async ({ room, signal }) => {
    await joinTogether(specs, room, say);
    const unsettled = await patiently(() => room.settle());
    say(unsettled.length === 0 ? 'settled' : `not settled: ${unsettled.slice(0, 5).join('; ')}`);
    const measurement = await patiently(() => Measurement.start(room));
    const cost = await costOver(1000 * seconds, signal);
    const pairs = await measurement.finish();
    const sum = (of: (pair: (typeof pairs)[number]) => number) => pairs.reduce((total, pair) => total + of(pair), 0);
    return {
      ...cost,
      sourceBps: SOURCE_BPS,
      packets: sum(({ expected }) => expected),
      delivered: sum(({ received }) => received) / sum(({ expected }) => expected),
      duplicates: sum(({ duplicates }) => duplicates),
      pairs: pairs.length,
      relayedPairs: pairs.filter(({ via }) => via.some((way) => way !== 'direct')).length,
      unsettled: unsettled.length,
    };
  });
}

/** A room in which everybody waits for a source that does not come. */
export function measureIdle({ seconds, say }: Omit<CrowdOptions, 'peers'>): Promise<PeerCost> {
  const specs = Array.from({ length: IDLE_PEERS }, (_, index) => ({ ...specOf(index, 1e7), source: 'video' as const }));
  return inRoom(specs, { say }, async ({ room, signal }) => {
    await joinAll(specs, room, say);
    await delay(QUIET_MS, undefined, { signal });
    return costOver(1000 * seconds, signal);
  });
}

function specOf(index: number, uploadBps: number): PeerSpec {
  const id = `P${String(index + 1).padStart(2, '0')}`;
  return { id, uploadBps, bitrate: { minBps: SOURCE_BPS, maxBps: SOURCE_BPS } };
}

/** One after the other, each of fifty joins would have all others plan anew, which no two cores do in time. */
async function joinTogether(specs: readonly PeerSpec[], room: OpenRoom['room'], say: (line: string) => void) {
  say(`${specs.length} peers join at once`);
  for (const { id } of specs) {
    room.script.tell(id, { kind: 'control.join', body: {} });
    room.present.add(id);
  }
  await patiently(() => room.ask());
}

/** Peers that share few cores may be too busy to answer: then they are asked again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = MOST_RETRIES; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ScenarioError) || error.code !== 'peer.mute' || left === 0) throw error;
    }
  }
}

async function joinAll(specs: readonly PeerSpec[], room: OpenRoom['room'], say: (line: string) => void): Promise<void> {
  say(`${specs.length} peers join`);
  for (const { id } of specs) await room.join(id);
}

/** Nobody is asked anything meanwhile: answering costs, too. */
async function costOver(ms: number, signal: AbortSignal): Promise<PeerCost> {
  const pids = childrenRunning(PROGRAM);
  const before = pids.map(usageOf);
  const since = performance.now();
  await delay(ms, undefined, { signal });
  const seconds = (performance.now() - since) / 1000;
  const after = pids.map(usageOf);
  const shares = after.map(({ cpuSeconds }, index) => (cpuSeconds - (before[index]?.cpuSeconds ?? 0)) / seconds);
  const memories = after.map(({ memoryBytes }) => memoryBytes / 1e6);
  return {
    peers: pids.length,
    cpuShare: mean(shares),
    mostCpuShare: Math.max(...shares),
    memoryMb: mean(memories),
    mostMemoryMb: Math.max(...memories),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
