/**
 * A relay that makes up media: beside each packet that it forwards it sends others that are like it, to the same receivers and before it.
 * It holds no key that it could seal them with.
 */
import { RTP_HEADER_BYTES, readSequence } from '../../../infra/rtp/header.ts';
import { wireSequence } from '../../../infra/rtp/sequence.ts';
import { writeSequence } from '../../../infra/rtp/write.ts';
import type { Random } from '../world/random.ts';

/** What it has seen last, to send it again. */
const REMEMBERED = 32;
/** How many it makes up of a packet at most. */
const MOST = 2;
/** How far ahead of the stream a number may lie. */
const MOST_AHEAD = 20_000;

const WAYS = ['changed', 'cut', 'ahead', 'swapped', 'again'] as const;

export class MediaForger {
  readonly #random: Random;
  readonly #seen: Uint8Array[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param sealed a packet that it is to forward */
  forged(sealed: Uint8Array): Uint8Array[] {
    this.#seen.push(Uint8Array.from(sealed));
    if (this.#seen.length > REMEMBERED) this.#seen.shift();
    return Array.from({ length: this.#random.integer(0, MOST) }, () => this.#forge(sealed));
  }

  #forge(sealed: Uint8Array): Uint8Array {
    const forged = Uint8Array.from(sealed);
    const other = this.#random.pick(this.#seen) ?? sealed;
    switch (this.#random.pick(WAYS) ?? 'again') {
      case 'changed': {
        const place = this.#random.integer(RTP_HEADER_BYTES, forged.length - 1);
        forged[place] = (forged[place] ?? 0) ^ (1 << this.#random.integer(0, 7));
        return forged;
      }
      case 'cut':
        return forged.subarray(0, this.#random.integer(RTP_HEADER_BYTES, forged.length - 1));
      case 'ahead':
        writeSequence(forged, wireSequence(readSequence(forged) + this.#random.integer(1, MOST_AHEAD)));
        return forged;
      case 'swapped':
        return Buffer.concat([forged.subarray(0, RTP_HEADER_BYTES), other.subarray(RTP_HEADER_BYTES)]);
      case 'again':
        return Uint8Array.from(other);
    }
  }
}
