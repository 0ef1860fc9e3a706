/** Counts messages that are said because something happened. */
import type { Kind } from '../../machines/messages.ts';
import { ALL } from '../../machines/subjects.ts';
import type { BusMessage } from '../scenarios/playing/bus-tap.ts';

export interface MessagesPerJoin {
  readonly peers: number;
  /** Once for each message, whoever it goes to. */
  readonly published: number;
  /** A message to all counts once for each peer that gets it. */
  readonly received: number;
  /** Published. */
  readonly byKind: Readonly<Partial<Record<Kind, number>>>;
}

/** A presence or an accept that only repeats is a sign of life: it does not count. */
export class MessageCounter {
  readonly #size: number;
  readonly #presences = new Map<string, string>();
  readonly #accepted = new Set<string>();
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

  take(message: Omit<BusMessage, 'at'>): void {
    if (this.#repeats(message)) return;
    const { to } = message;
    const { kind } = message.message;
    this.#published++;
    this.#received += to === ALL ? this.#size - 1 : 1;
    this.#byKind[kind] = (this.#byKind[kind] ?? 0) + 1;
  }

  result(): MessagesPerJoin {
    return { peers: this.#size, published: this.#published, received: this.#received, byKind: { ...this.#byKind } };
  }

  #repeats({ from, to, message }: Omit<BusMessage, 'at'>): boolean {
    if (message.kind === 'presence' && to === ALL) {
      const said = JSON.stringify(message.body);
      const repeats = this.#presences.get(from) === said;
      this.#presences.set(from, said);
      return repeats;
    }
    if (message.kind !== 'relay.accept') return false;
    const { agreement, revision } = message.body;
    const key = `${agreement} ${revision}`;
    const renews = this.#accepted.has(key);
    this.#accepted.add(key);
    return renews;
  }
}
