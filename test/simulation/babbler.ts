/** A peer out of its mind: for a while it also sends garbled copies of its own messages, to anybody. They fit their schemas. */
import { decodeMessage, type Outgoing } from '../../machines/messages.ts';
import type { PeerProcess } from './peer-process.ts';
import type { Random } from './random.ts';

/** The chance of each value in a message to be garbled. */
const GARBLED = 0.15;
const PAUSE_MS = [20, 200] as const;

export class Babbler {
  readonly #process: PeerProcess;
  readonly #random: Random;
  readonly #others: readonly PeerProcess[];

  constructor(process: PeerProcess, random: Random, others: readonly PeerProcess[]) {
    this.#process = process;
    this.#random = random;
    this.#others = others;
  }

  pauseMs(): number {
    return this.#random.between(...PAUSE_MS);
  }

  speak(): void {
    const said = this.#random.pick(this.#process.said);
    const to = this.#random.chance(0.5) ? 'all' : this.#random.pick(this.#others)?.id;
    const message = said && this.#garbled(said);
    if (to !== undefined && message !== undefined) this.#process.publish(to, message);
  }

  /** Undefined where the schema refuses what came out. */
  #garbled({ kind, body }: Outgoing): Outgoing | undefined {
    const message = decodeMessage(kind, this.#process.id, JSON.stringify({ epoch: 0, seq: 0, ...this.#object(body) }));
    return 'fault' in message ? undefined : message;
  }

  #object(value: object): object {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.#value(part)]));
  }

  #value(value: unknown): unknown {
    if (Array.isArray(value)) return value.flatMap((part) => this.#element(part));
    if (typeof value === 'object' && value !== null) return this.#object(value);
    if (!this.#random.chance(GARBLED)) return value;
    if (typeof value === 'number') return this.#number(value);
    if (typeof value === 'boolean') return !value;
    return this.#random.pick(this.#others)?.id ?? value;
  }

  #element(part: unknown): unknown[] {
    if (this.#random.chance(GARBLED)) return [];
    return this.#random.chance(GARBLED) ? [this.#value(part), this.#value(part)] : [this.#value(part)];
  }

  #number(value: number): number {
    const choices = [0, 1, value + 1, Math.max(0, value - 1), value * 2, Math.floor(this.#random.next() * 65_536)];
    return this.#random.pick(choices) ?? value;
  }
}
