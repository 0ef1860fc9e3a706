/**
 * Where streams were played whose members have gone. A member that comes back is played to the same port again, as the stream
 * that it was: a player that has opened it and still runs shows it as if it had paused.
 */
import { MAX_MEMBERS, MAX_STREAMS } from '../../machines/messages.ts';
import type { ShownStream } from './shown-stream.ts';

/** As many streams as a full room has: all of it may start anew at once. 400 B each. */
const MOST_KEPT = MAX_MEMBERS * MAX_STREAMS;

export interface Place {
  readonly port: number;
  readonly shown: ShownStream;
}

export class KeptPlaces {
  /** By member and section; the one that went first comes first. */
  readonly #places = new Map<string, Place>();

  /** Keeps a place for whoever has had it. */
  keep(key: string, place: Place): void {
    this.#places.set(key, place);
    if (this.#places.size > MOST_KEPT) this.forgetOldest();
  }

  /** The place of one that comes back, which is kept no longer; undefined if it has none. */
  take(key: string): Place | undefined {
    const place = this.#places.get(key);
    this.#places.delete(key);
    return place;
  }

  /** Ports that others may not have meanwhile. */
  ports(): Set<number> {
    return new Set([...this.#places.values()].map(({ port }) => port));
  }

  /** Gives up the place of whoever has been gone for longest. False: there is none. */
  forgetOldest(): boolean {
    const [oldest] = this.#places.keys();
    return oldest !== undefined && this.#places.delete(oldest);
  }
}
