/** A peer's sealed media in the simulator: what ships seals and opens it, and no packet may come out that its source has not sent. */

import type { AddressedTable } from '../../../actors/media/addressed-table.ts';
import { Sealing } from '../../../actors/media/sealing/sealing.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { readSsrc } from '../../../infra/rtp/header.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { KeysMessage, TransportEvent } from '../../../machines/ports.ts';
import type { ProcessClock } from './process-clock.ts';
import type { MediaPacket, MediaSource } from './source.ts';

export interface SealedMediaHost {
  readonly self: PeerId;
  readonly clock: ProcessClock;
  readonly keyOf: (peer: PeerId) => Uint8Array | undefined;
  readonly tell: (event: TransportEvent) => void;
  /** A packet has proved itself: it is as its source has made it. */
  readonly opened: (packet: MediaPacket, hops: number, sequence: number) => void;
  readonly violate: (text: string) => void;
  readonly freshKey: () => Uint8Array;
}

export class SealedMedia {
  readonly #host: SealedMediaHost;
  readonly #sealing: Sealing;
  /** Of what has come, by SSRC. */
  readonly #sources = new Map<number, { readonly source: MediaSource; hops: number }>();

  constructor(host: SealedMediaHost) {
    this.#host = host;
    const { self, clock, keyOf: sharedWith, tell, freshKey } = host;
    const opened = (clear: Uint8Array, ssrc: number, sequence: number) => this.#opened(clear, ssrc, sequence);
    this.#sealing = new Sealing({
      ...{ self, clock, sharedWith, tell, opened, freshKey },
      // What a source has sent is not told here: nobody who makes up packets has its key.
      ...{ onSealed: () => undefined, isForged: () => false, onBroken: () => undefined },
    });
  }

  follow(table: AddressedTable): void {
    this.#sealing.follow(table);
    const there = new Set(
      [...table.members.flatMap(({ streams }) => streams), ...table.relayed].map(({ ssrc }) => ssrc),
    );
    for (const ssrc of this.#sources.keys()) if (!there.has(ssrc)) this.#sources.delete(ssrc);
  }

  /** Keys of a member, or its wish for ours. */
  take(message: KeysMessage): void {
    this.#sealing.take(message);
  }

  /** A packet of an own stream as it leaves; undefined: it must not. */
  seal(packet: MediaPacket): MediaPacket | undefined {
    const ssrc = readSsrc(packet.bytes);
    if (!this.#sealing.seals(ssrc)) return packet;
    const sealed = this.#sealing.seal(ssrc, packet.bytes);
    return sealed && { ...packet, bytes: Uint8Array.from(sealed) };
  }

  /** Whether a packet that is kept leaves for this member as it is kept. */
  isKeptFor(peer: PeerId | undefined, ssrc: number): boolean {
    return !this.#sealing.seals(ssrc) || peer === undefined || this.#sealing.isSealed(peer);
  }

  /** A packet has come, whoever made it up. */
  open({ source, bytes }: MediaPacket, hops: number, sequence: number, from: Endpoint): void {
    const ssrc = readSsrc(bytes);
    const known = this.#sources.get(ssrc);
    if (known === undefined) this.#sources.set(ssrc, { source, hops });
    else known.hops = hops;
    this.#sealing.open(bytes, ssrc, sequence, from);
  }

  #opened(clear: Uint8Array, ssrc: number, sequence: number): void {
    const { source, hops = 1 } = this.#sources.get(ssrc) ?? {};
    const packet = source?.packetOf(clear);
    if (packet !== undefined && Buffer.compare(packet.bytes, clear) === 0) this.#host.opened(packet, hops, sequence);
    else this.#host.violate(`${this.#host.self} took a packet that nobody has sent`);
  }
}
