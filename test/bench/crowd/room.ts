/** What a peer costs its machine: in a large room where everybody sends, and in a small one where nobody does. */
import { setTimeout as delay } from 'node:timers/promises';
import { MAX_PACKET_BYTES } from '../../../actors/source/packet-schedule.ts';
import { inRoom, type OpenRoom } from '../../scenarios/playing/in-room.ts';
import { Measurement } from '../../scenarios/playing/measurement.ts';
import type { PeerSpec } from '../../scenarios/scenario.ts';
import { CrowdProcesses, fittingProcesses, type PeerCost } from './processes.ts';
import { joinInGroups, patiently, settle } from './settling.ts';

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

export interface CrowdOptions {
  readonly peers: number;
  /** Left out: one each, if the memory holds them. */
  readonly processes?: number | undefined;
  readonly seconds: number;
  /** Takes one line of progress. */
  readonly say: (line: string) => void;
}

export interface Crowd extends PeerCost {
  readonly sourceBps: number;
  /** Of full packets, which is what the test source sends at such a rate. */
  readonly sourcePps: number;
  readonly packets: number;
  /** Of the packets that should have reached a sink, the part that did. */
  readonly delivered: number;
  readonly duplicates: number;
  /** Pairs of a source and a receiver, and those of them that a relay serves, wholly or in part. */
  readonly pairs: number;
  readonly relayedPairs: number;
  /** Pairs that missed packets, with how many of them, the worst first. */
  readonly lossy: readonly string[];
  /** From the first join until everybody got everything, in s; null where that did not come about. */
  readonly settledAfterS: number | null;
}

/** A room in which everybody sends to everybody. */
export function measureCrowd(options: CrowdOptions): Promise<Crowd> {
  const { peers, processes = fittingProcesses(peers), seconds, say } = options;
  const specs = Array.from({ length: peers }, (_, index) =>
    specOf(index, 1e6 * (UPLINKS_MBPS[index % UPLINKS_MBPS.length] ?? 1)),
  );
  return inCrowd(specs, processes, say, async ({ room, signal }, hosts) => {
    const since = performance.now();
    await joinInGroups(specs, room, say, signal);
    const settled = await settle(room, say, signal);
    const settledAfterS = settled ? (performance.now() - since) / 1000 : null;
    const measurement = await patiently(() => Measurement.start(room));
    const costs = hosts.measure();
    // Nobody is asked anything meanwhile: answering costs, too.
    await delay(1000 * seconds, undefined, { signal });
    const cost = costs();
    const pairs = await measurement.finish();
    const sum = (of: (pair: (typeof pairs)[number]) => number) => pairs.reduce((total, pair) => total + of(pair), 0);
    const lossy = pairs.filter(({ lost }) => lost > 0).sort((a, b) => b.lost - a.lost);
    return {
      ...cost,
      sourceBps: SOURCE_BPS,
      sourcePps: SOURCE_BPS / (8 * MAX_PACKET_BYTES),
      packets: sum(({ expected }) => expected),
      delivered: sum(({ received }) => received) / sum(({ expected }) => expected),
      duplicates: sum(({ duplicates }) => duplicates),
      pairs: pairs.length,
      relayedPairs: pairs.filter(({ via }) => via.some((way) => way !== 'direct')).length,
      lossy: lossy.map(({ source, receiver, lost, expected }) => `${source}>${receiver} ${lost} of ${expected}`),
      settledAfterS,
    };
  });
}

/** A room in which everybody waits for a source that does not come, each in a process of its own. */
export function measureIdle({ seconds, say }: Pick<CrowdOptions, 'seconds' | 'say'>): Promise<PeerCost> {
  const specs = Array.from({ length: IDLE_PEERS }, (_, index) => ({ ...specOf(index, 1e7), source: 'video' as const }));
  return inCrowd(specs, IDLE_PEERS, say, async ({ room, signal }, hosts) => {
    await joinInGroups(specs, room, say, signal);
    await delay(QUIET_MS, undefined, { signal });
    const costs = hosts.measure();
    await delay(1000 * seconds, undefined, { signal });
    return costs();
  });
}

/** Starts the peers; they wait for their word to join. */
function inCrowd<T>(
  specs: readonly PeerSpec[],
  processes: number,
  say: (line: string) => void,
  play: (open: OpenRoom, hosts: CrowdProcesses) => Promise<T>,
): Promise<T> {
  const death = new AbortController();
  return inRoom([], { say, signal: death.signal }, async (open) => {
    await using hosts = new CrowdProcesses();
    hosts.start(specs, processes, open.entrance, (error) => death.abort(error));
    say(`${specs.length} peers start in ${hosts.count} processes`);
    for (const { id } of specs) await open.room.script.ready(id);
    return await play(open, hosts);
  });
}

function specOf(index: number, uploadBps: number): PeerSpec {
  const id = `P${String(index + 1).padStart(2, '0')}`;
  return { id, uploadBps, bitrate: { minBps: SOURCE_BPS, maxBps: SOURCE_BPS } };
}
