/**
 * Presences that only say how a source runs now, passed on together: when one joins, everybody's source takes it up at about the
 * same time, and each would wake all machines. What comes meanwhile goes after them, so that nothing changes its order.
 */
import type { Incoming } from '../machines/messages.ts';
import type { BusEvent, Presence } from '../machines/ports.ts';
import type { Clock } from './clock.ts';

/** How long the first of them waits for others, in ms. What they are for, `planReview`, waits for six times as long. */
export const GATHER_MS = 100;

export class PresenceGathering {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #tell: (event: BusEvent) => void;
  #gathered: Presence[] = [];
  #cancel: () => void = () => undefined;

  constructor(clock: Pick<Clock, 'after'>, tell: (event: BusEvent) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** One that can wait. */
  add(presence: Presence): void {
    this.#gathered.push(presence);
    if (this.#gathered.length === 1) this.#cancel = this.#clock.after(GATHER_MS, () => this.flush());
  }

  /** One that cannot. */
  pass(message: Incoming): void {
    this.flush();
    this.#tell({ type: 'bus.message', message });
  }

  flush(): void {
    this.#cancel();
    const presences = this.#gathered;
    if (presences.length === 0) return;
    this.#gathered = [];
    this.#tell({ type: 'bus.reroutings', presences });
  }

  /** What has been gathered is dropped. */
  end(): void {
    this.#cancel();
    this.#gathered = [];
  }
}
