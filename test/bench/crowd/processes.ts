/** The processes of a crowd: how many, what they cost, and that they end with us. */
import { once } from 'node:events';
import { freemem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import { ScenarioError } from '../../scenarios/playing/errors.ts';
import { peerArguments, type StartOptions } from '../../scenarios/playing/peer-process.ts';
import type { PeerSpec } from '../../scenarios/scenario.ts';
import { usageOf } from './process-usage.ts';

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Of a process with one peer in it, and some to spare, in bytes. */
const PROCESS_BYTES = 150e6;

/** Means and worst cases over a room's peers. Of several in one process each has its even part. */
export interface PeerCost {
  readonly peers: number;
  readonly processes: number;
  /** Share of one core. */
  readonly cpuShare: number;
  readonly mostCpuShare: number;
  readonly memoryMb: number;
  readonly mostMemoryMb: number;
}

/** A process for each peer, or as many as half of the free memory holds. */
export function fittingProcesses(peers: number): number {
  return Math.max(1, Math.min(peers, Math.floor(freemem() / 2 / PROCESS_BYTES)));
}

interface Host {
  readonly process: Tethered;
  readonly pid: number;
  readonly peers: number;
}

export class CrowdProcesses implements AsyncDisposable {
  readonly #hosts: Host[] = [];
  #ending = false;

  /** Starts them all; a peer's turn to join is the script's affair. `onDeath` hears of a process that ends by itself. */
  start(
    specs: readonly PeerSpec[],
    processes: number,
    entrance: StartOptions,
    onDeath: (error: ScenarioError) => void,
  ): void {
    for (let host = 0; host < processes; host++) {
      const own = specs.filter((_, index) => index % processes === host);
      if (own.length > 0) this.#spawn(own, entrance, onDeath);
    }
  }

  get count(): number {
    return this.#hosts.length;
  }

  /** Reads what they have used so far; the function returned tells what a peer has cost since. */
  measure(): () => PeerCost {
    const before = this.#hosts.map(({ pid }) => usageOf(pid).cpuSeconds);
    const since = performance.now();
    return () => {
      const seconds = (performance.now() - since) / 1000;
      const costs = this.#hosts.map(({ pid, peers }, index) => {
        const { cpuSeconds, memoryBytes } = usageOf(pid);
        const share = (cpuSeconds - (before[index] ?? 0)) / seconds;
        return { peers, share: share / peers, memory: memoryBytes / 1e6 / peers };
      });
      const peers = costs.reduce((sum, cost) => sum + cost.peers, 0);
      const mean = (of: 'share' | 'memory') => costs.reduce((sum, cost) => sum + cost[of] * cost.peers, 0) / peers;
      return {
        peers,
        processes: this.#hosts.length,
        cpuShare: mean('share'),
        mostCpuShare: Math.max(...costs.map(({ share }) => share)),
        memoryMb: mean('memory'),
        mostMemoryMb: Math.max(...costs.map(({ memory }) => memory)),
      };
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    await Promise.all(
      this.#hosts.map(({ process }) => {
        process.child.kill('SIGKILL');
        return process.stop();
      }),
    );
  }

  #spawn(specs: readonly PeerSpec[], entrance: StartOptions, onDeath: (error: ScenarioError) => void): void {
    const commandLines = JSON.stringify(specs.map((spec) => peerArguments(spec, entrance)));
    const tethered = spawnTethered(process.execPath, ['--import', 'tsx', HOST, commandLines], {
      cwd: ROOT,
      // No peer of a bench touches the user's keys.
      env: { ...process.env, XDG_CONFIG_HOME: entrance.folder },
      output: 'pipe',
    });
    const { child } = tethered;
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words += chunk.toString();
    });
    void once(child, 'exit').then(() => {
      if (this.#ending) return;
      onDeath(
        new ScenarioError('peer.died', `The process of ${specs.map(({ id }) => id).join(', ')} ended:\n${words}`),
      );
    });
    if (child.pid === undefined) throw new Error('node does not start');
    this.#hosts.push({ process: tethered, pid: child.pid, peers: specs.length });
  }
}
