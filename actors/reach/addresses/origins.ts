/**
 * On a machine with several addresses packets leave from the one that has proved itself: a router, and whoever takes packets of ours
 * by where they come from, knows no other.
 */

import type { Endpoint, PathOrigin } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';

/** More places than a room's members have between them; the one that was learned first is forgotten. */
const MOST_PLACES = 4096;

export class Origins {
  readonly #local = new Map<string, string>();

  /** An answer to our check came from there to this address of ours. The first stays until all are forgotten: it works. */
  answered(place: Endpoint, local: string): void {
    const text = endpointText(place);
    if (this.#local.has(text)) return;
    this.#local.set(text, local);
    for (const oldest of this.#local.keys()) {
      if (this.#local.size <= MOST_PLACES) break;
      this.#local.delete(oldest);
    }
  }

  /** Our own addresses are others now. */
  clear(): void {
    this.#local.clear();
  }

  of(places: readonly Endpoint[]): PathOrigin[] {
    return places.flatMap((to) => {
      const from = this.#local.get(endpointText(to));
      return from === undefined ? [] : [{ to, from }];
    });
  }
}
