/** What was sent to a slot in the last second, for a page that missed some of it: its UDP buffers overflow, too. */
import { readSequence } from '../../../infra/rtp/header.ts';
import { Allowance, type Limit } from '../../../machines/hearing/allowance.ts';

/** What is older comes too late to be shown. In ms. */
const KEPT_MS = 1000;
/** Of 4 Mbit/s in full packets, a second's. A power of two: places are the low bits of sequence numbers. */
const PLACES = 512;
/** A page that misses more than this of one slot has another trouble, in packets. */
const AGAIN_LIMIT: Limit = { burst: 256, perSecond: 512 };

interface Sent {
  readonly packet: Uint8Array;
  readonly atMs: number;
}

export class ResendBuffer {
  readonly #packets: (Sent | undefined)[] = [];
  readonly #allowance = new Allowance(AGAIN_LIMIT);

  /** The bytes must not change any more. */
  sent(packet: Uint8Array, nowMs: number): void {
    this.#packets[readSequence(packet) % PLACES] = { packet, atMs: nowMs };
  }

  /** The packet with this number, to be sent again; undefined: it is gone, or the page asks for too many. */
  again(sequence: number, nowMs: number): Uint8Array | undefined {
    const sent = this.#packets[sequence % PLACES];
    if (sent === undefined || readSequence(sent.packet) !== sequence || nowMs - sent.atMs > KEPT_MS) return undefined;
    return this.#allowance.take(1, nowMs) ? sent.packet : undefined;
  }
}
