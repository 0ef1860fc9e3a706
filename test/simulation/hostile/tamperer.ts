/**
 * Somebody on the way from one member to another, who holds no key: beside what passes there it sends what is like it, as if it came from the
 * same member. Packets keep their numbers: what leaps ahead relays make up ({@link MediaForger}).
 */
import { RTP_HEADER_BYTES } from '../../../infra/rtp/header.ts';
import type { Datagram } from '../world/media/datagram.ts';
import type { Random } from '../world/random.ts';

const REMEMBERED = 16;
/** The chances that something goes before, or comes behind, what passes. */
const BEFORE = 0.1;
const BEHIND = 0.3;

const WAYS = ['changed', 'cut', 'swapped', 'other epoch', 'again'] as const;

type OfBytes = Extract<Datagram, { kind: 'media' | 'rtcp' | 'stun' }>;

export interface Tampered {
  readonly before: readonly Datagram[];
  readonly behind: readonly Datagram[];
}

export class Tamperer {
  readonly #random: Random;
  readonly #seen: Record<OfBytes['kind'], OfBytes[]> = { media: [], rtcp: [], stun: [] };

  constructor(random: Random) {
    this.#random = random;
  }

  passes(datagram: Datagram): Tampered {
    if (datagram.kind !== 'media' && datagram.kind !== 'rtcp' && datagram.kind !== 'stun')
      return { before: [], behind: [] };
    const seen = this.#seen[datagram.kind];
    seen.push(datagram);
    if (seen.length > REMEMBERED) seen.shift();
    const made = (chance: number) => (this.#random.chance(chance) ? [this.#made(datagram)] : []);
    return { before: made(BEFORE), behind: made(BEHIND) };
  }

  #made(datagram: OfBytes): Datagram {
    const other = this.#random.pick(this.#seen[datagram.kind]) ?? datagram;
    const way = this.#random.pick(WAYS);
    return way === 'again' ? other : withBytes(datagram, this.#changed(bytesOf(datagram), bytesOf(other), way));
  }

  #changed(bytes: Uint8Array, other: Uint8Array, way: Exclude<(typeof WAYS)[number], 'again'> | undefined): Uint8Array {
    const changed = Uint8Array.from(bytes);
    switch (way) {
      case 'cut':
        return changed.subarray(0, this.#random.integer(0, changed.length - 1));
      case 'swapped':
        return Buffer.concat([changed.subarray(0, RTP_HEADER_BYTES), other.subarray(RTP_HEADER_BYTES)]);
      case 'other epoch':
        changed[changed.length - 1] = this.#random.integer(0, 255);
        return changed;
      default: {
        const [first, last] = [RTP_HEADER_BYTES, changed.length - 1];
        const at = this.#random.integer(Math.min(first, last), last);
        changed[at] = (changed[at] ?? 0) ^ (1 << this.#random.integer(0, 7));
        return changed;
      }
    }
  }
}

function bytesOf(datagram: OfBytes): Uint8Array {
  return datagram.kind === 'media' ? datagram.packet.bytes : datagram.bytes;
}

function withBytes(datagram: OfBytes, bytes: Uint8Array): Datagram {
  return datagram.kind === 'media' ? { ...datagram, packet: { ...datagram.packet, bytes } } : { ...datagram, bytes };
}
