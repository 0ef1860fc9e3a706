/** What a lab and the thread that carries its packets tell each other. */
import type { MessagePort } from 'node:worker_threads';
import type { Conditions } from './delay-line.ts';

export interface ThreadData {
  /** Comes {@link Order}s, goes a {@link Done} for each; and one before the first, when the thread is at work. */
  readonly port: MessagePort;
  readonly seed: number;
}

/** A wire is new, or has other conditions than before. */
export interface Order {
  /** Which, by its place in the list of wires. */
  readonly wire: number;
  /** Descriptors of its two TUN devices. */
  readonly ends: readonly [number, number];
  readonly conditions: Conditions;
}

export type Done = 'done';
