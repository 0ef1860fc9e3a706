/** Which channel leads to whom. A number belongs to one address, and an address to one number, for as long as the server remembers. */

import { FIRST_CHANNEL, LAST_CHANNEL } from '../path/channel-data.ts';
import type { Endpoint } from '../path/contract.ts';
import { endpointText } from '../path/table/addresses.ts';

export const MOST_CHANNELS = LAST_CHANNEL - FIRST_CHANNEL + 1;
/** A channel lasts 600 s, and for 300 s more neither it nor its address may be bound to another one (RFC 8656 section 12). In ms. */
const REMEMBERED_MS = 900_000;

interface Held {
  readonly peer: Endpoint;
  readonly channel: number;
  /** Null: it is in use. */
  freeAtMs: number | null;
}

export class ChannelNumbers {
  /** By `host:port`. */
  readonly #held = new Map<string, Held>();
  readonly #byChannel = new Map<number, Held>();
  #next = FIRST_CHANNEL;

  /** The number for `peer`: the one that it had before, where it had one lately. Undefined: none of the 4096 is free. */
  take(peer: Endpoint, nowMs: number): number | undefined {
    const known = this.#held.get(endpointText(peer));
    if (known !== undefined) {
      known.freeAtMs = null;
      return known.channel;
    }
    this.#forget(nowMs);
    if (this.#held.size === MOST_CHANNELS) return undefined;
    while (this.#byChannel.has(this.#next)) this.#step();
    const held: Held = { peer, channel: this.#next, freeAtMs: null };
    this.#held.set(endpointText(peer), held);
    this.#byChannel.set(held.channel, held);
    this.#step();
    return held.channel;
  }

  release(peer: Endpoint, nowMs: number): void {
    const held = this.#held.get(endpointText(peer));
    if (held !== undefined) held.freeAtMs = nowMs + REMEMBERED_MS;
  }

  /** Whose packets come through `channel`, also when it has been released. */
  peerOf(channel: number): Endpoint | undefined {
    return this.#byChannel.get(channel)?.peer;
  }

  #forget(nowMs: number): void {
    for (const [key, { channel, freeAtMs }] of this.#held) {
      if (freeAtMs === null || freeAtMs > nowMs) continue;
      this.#held.delete(key);
      this.#byChannel.delete(channel);
    }
  }

  #step(): void {
    this.#next = this.#next === LAST_CHANNEL ? FIRST_CHANNEL : this.#next + 1;
  }
}
