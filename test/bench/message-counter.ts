/** Counts messages that are said because something happened. */

import type { BusMessage } from '../../actors/watch/bus-tap.ts';
import type { Kind } from '../../machines/messages.ts';
import { ALL } from '../../machines/subjects.ts';

export interface MessagesPerJoin {
  readonly peers: number;
  /** Once for each message, whoever it goes to. */
  readonly published: number;
  /** A message to all counts once for each peer that gets it. */
  readonly received: number;
  /** Published. */
  readonly byKind: Readonly<Partial<Record<Kind, number>>>;
}

/** Beats are signs of life: they do not count. */
export class MessageCounter {
  readonly #size: number;
  #byKind: Partial<Record<Kind, number>> = {};
  #published = 0;
  #received = 0;

  constructor(size: number) {
    this.#size = size;
  }

  reset(): void {
    this.#byKind = {};
    this.#published = 0;
    this.#received = 0;
  }

  take({ to, message: { kind } }: Omit<BusMessage, 'at'>): void {
    if (kind === 'beat') return;
    this.#published++;
    this.#received += to === ALL ? this.#size - 1 : 1;
    this.#byKind[kind] = (this.#byKind[kind] ?? 0) + 1;
  }

  result(): MessagesPerJoin {
    return { peers: this.#size, published: this.#published, received: this.#received, byKind: { ...this.#byKind } };
  }
}
