/**
 * Wires between namespaces that have a delay and lose packets. Many kernels come without netem, so a wire is two TUN devices and a
 * thread of ours that carries packets between them.
 */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Space } from '../parts/space.ts';
import { closeDescriptor, openTun, setCarrier } from '../parts/system-calls.ts';
import type { Conditions } from './delay-line.ts';
import type { Order, ThreadData } from './thread-contract.ts';

const ENTRY = new URL('./thread-entry.js', import.meta.url);

export interface WireEnd {
  readonly space: Space;
  readonly device: string;
}

export class Wires implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #descriptors: number[] = [];
  /** Who waits for the thread: orders are acknowledged in the order in which they are given. */
  readonly #waiting: PromiseWithResolver[] = [];

  private constructor(seed: number) {
    const { port1, port2 } = new MessageChannel();
    const workerData: ThreadData = { port: port2, seed };
    // Without the parent's arguments: `--import=tsx` would load twice over what the entry file loads.
    this.#worker = new Worker(ENTRY, { workerData, transferList: [port2], execArgv: [] });
    this.#worker.on('error', (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
    this.#port = port1;
    this.#port.on('message', () => this.#waiting.shift()?.resolve());
  }

  /** @param seed what is lost is the same whenever the same comes over the wires laid in the same order */
  static async open(seed: number): Promise<Wires> {
    const wires = new Wires(seed);
    await wires.#acknowledged();
    return wires;
  }

  /** Lays a wire: a device at each end, up, without an address. */
  async lay(a: WireEnd, b: WireEnd, conditions: Conditions): Promise<Wire> {
    const ends = [this.#attach(a), this.#attach(b)] as const;
    const wire = this.#descriptors.length / 2 - 1;
    const change = (changed: Conditions) => this.#tell({ wire, ends, conditions: changed });
    await change(conditions);
    await Promise.all([a, b].map(({ space, device }) => space.run(`ip link set ${device} up`)));
    return {
      change,
      pull: () => setCarriers(ends, false),
      plugIn: () => setCarriers(ends, true),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
    this.#port.close();
    for (const descriptor of this.#descriptors.splice(0)) closeDescriptor(descriptor);
  }

  #attach({ space, device }: WireEnd): number {
    const descriptor = space.inside(() => openTun(device));
    this.#descriptors.push(descriptor);
    return descriptor;
  }

  #tell(order: Order): Promise<void> {
    this.#port.postMessage(order);
    return this.#acknowledged();
  }

  #acknowledged(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}

function setCarriers(ends: readonly number[], carrier: boolean): void {
  for (const end of ends) setCarrier(end, carrier);
}

interface PromiseWithResolver {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One wire. */
export interface Wire {
  /** From when this resolves packets that come go by these conditions, in both directions. */
  change(conditions: Conditions): Promise<void>;
  /** Both ends lose their carrier, as when a cable is pulled. */
  pull(): void;
  plugIn(): void;
}
