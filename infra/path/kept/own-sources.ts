/** Our own RTP sources: how far each has come, and its last second for those who missed something. */
import { readSequence } from '../../rtp/header.ts';
import { extendSequence } from '../../rtp/sequence.ts';
import type { PathTable } from '../contract.ts';
import { inSlices } from '../table/table.ts';
import { PacketStore } from './packet-store.ts';

interface OwnSource {
  readonly store: PacketStore;
  /** Extended sequence number of the newest packet; null before the first. */
  newest: number | null;
}

export class OwnSources {
  readonly #sources = new Map<number, OwnSource>();

  /** Forgets the sources that have no route of our own any more, and makes room for new ones. */
  follow(table: PathTable): void {
    const own = new Set(table.routes.filter(({ upstream }) => upstream === null).map(({ ssrc }) => ssrc));
    for (const ssrc of this.#sources.keys()) if (!own.has(ssrc)) this.#sources.delete(ssrc);
    for (const ssrc of own) {
      if (!this.#sources.has(ssrc)) this.#sources.set(ssrc, { store: new PacketStore(), newest: null });
    }
  }

  /** Keeps a packet that is being sent. */
  record(ssrc: number, packet: Uint8Array, nowMs: number): void {
    const source = this.#sources.get(ssrc);
    if (source === undefined) return;
    const sequence = readSequence(packet);
    const extended = source.newest === null ? sequence : extendSequence(source.newest, sequence);
    source.newest = Math.max(source.newest ?? extended, extended);
    source.store.put(sequence, packet, nowMs);
  }

  newest(ssrc: number): number | undefined {
    return this.#sources.get(ssrc)?.newest ?? undefined;
  }

  /** A packet of the last second; its bytes are valid until the next one is recorded. */
  stored(ssrc: number, sequence: number, nowMs: number): Uint8Array | undefined {
    return this.#sources.get(ssrc)?.store.get(sequence & 0xffff, nowMs);
  }

  /** The sequence numbers of the stored packets after `afterSequence` that fall into `slices`, oldest first. */
  storedAfter(ssrc: number, afterSequence: number, slices: number, nowMs: number): number[] {
    const source = this.#sources.get(ssrc);
    if (source === undefined || source.newest === null) return [];
    const { store, newest } = source;
    return [...store.sequencesAfter(afterSequence, newest)].filter(
      (sequence) => inSlices(slices, sequence) && store.get(sequence, nowMs) !== undefined,
    );
  }
}
