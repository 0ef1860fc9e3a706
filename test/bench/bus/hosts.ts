/** The processes that host the bench's peers. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectNats, type NatsBus } from '../../../infra/nats/connection.ts';
import { type NatsServer, startNatsServer } from '../../../infra/nats/server.ts';
import { spawnTethered, type Tethered } from '../../../infra/process/tethered.ts';
import type { Kind } from '../../../machines/messages.ts';
import { type HostOptions, hostSubject, type Order, type Report, reportSchema } from './contract.ts';

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));
/** A process that plans for all of its peers may take so long to answer, in ms. */
const PATIENCE_MS = 600_000;
/** Until a process has started, in ms between two looks. */
const LOOK_MS = 100;

export class Hosts implements AsyncDisposable {
  readonly #names: readonly string[];
  readonly #processes: readonly Tethered[];
  readonly #control: NatsServer;
  readonly #bus: NatsBus;
  #ending = false;

  private constructor(names: readonly string[], processes: readonly Tethered[], control: NatsServer, bus: NatsBus) {
    this.#names = names;
    this.#processes = processes;
    this.#control = control;
    this.#bus = bus;
    for (const { child } of processes) {
      void once(child, 'exit').then(() => {
        if (!this.#ending) throw new Error('A host of the bench ended by itself.');
      });
    }
  }

  /** @param size how many peers the room has when it is full */
  static async start(natsUrl: string, size: number, count: number): Promise<Hosts> {
    const control = await startNatsServer();
    const bus = await connectNats({ url: control.url, id: 'bench' });
    const names = Array.from({ length: count }, (_, index) => `host-${index}`);
    const processes = names.map((name, host) => {
      const own = Array.from({ length: size }, (_, peer) => peer).filter((peer) => peer % count === host);
      const options: HostOptions = { name, nats: natsUrl, control: control.url, size, own };
      return spawnTethered(process.execPath, ['--import', 'tsx', HOST, JSON.stringify(options)], { output: 'inherit' });
    });
    const hosts = new Hosts(names, processes, control, bus);
    for (const name of names) await hosts.#tell(name, { order: 'report' });
    return hosts;
  }

  /** These peers come in, each in the process that its number falls to. */
  async join(peers: readonly number[]): Promise<void> {
    await this.#order('join', peers);
  }

  async leave(peers: readonly number[]): Promise<void> {
    await this.#order('leave', peers);
  }

  /** Of all peers together. */
  async report(): Promise<Report> {
    const reports = await Promise.all(this.#names.map((name) => this.#tell(name, { order: 'report' })));
    const sum = (of: 'joined' | 'connected' | 'relayedLegs' | 'dropped' | 'cpuMs') =>
      reports.reduce((sum, report) => sum + report[of], 0);
    const sent: Partial<Record<Kind, number>> = {};
    for (const report of reports) {
      for (const [kind, count] of Object.entries(report.sent) as [Kind, number][])
        sent[kind] = (sent[kind] ?? 0) + count;
    }
    return {
      ...{ joined: sum('joined'), connected: sum('connected'), relayedLegs: sum('relayedLegs') },
      leastSeen: Math.min(...reports.map(({ leastSeen }) => leastSeen)),
      ...{ sent, dropped: sum('dropped'), cpuMs: sum('cpuMs') },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    await Promise.all(
      this.#processes.map((process) => {
        process.child.kill('SIGKILL');
        return process.stop();
      }),
    );
    await this.#bus.close();
    await this.#control.stop();
  }

  async #order(order: 'join' | 'leave', peers: readonly number[]): Promise<void> {
    await Promise.all(
      this.#names.map((name, host) => {
        const own = peers.filter((peer) => peer % this.#names.length === host);
        return own.length === 0 ? undefined : this.#tell(name, { order, peers: own });
      }),
    );
  }

  async #tell(name: string, order: Order): Promise<Report> {
    const bytes = new TextEncoder().encode(JSON.stringify(order));
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const answer = await this.#bus.request(hostSubject(name), bytes, PATIENCE_MS);
      if (answer.outcome === 'reply') return reportSchema.parse(JSON.parse(new TextDecoder().decode(answer.bytes)));
      // It has not subscribed yet.
      await delay(LOOK_MS);
    }
    throw new Error(`${name} does not answer.`);
  }
}
