/** Packets of the own streams on their way out: sealed where anybody gets them so, and sent again where they were missed. */
import type { Endpoint, PacketPath } from '../../infra/path/contract.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { TransportCommand } from '../../machines/ports.ts';
import { systemClock } from '../clock.ts';
import { type AddressedTable, placesOf } from './addressed-table.ts';
import { ResendQueue } from './repair/resend-queue.ts';
import type { Sealing } from './sealing/sealing.ts';

type Resend = Extract<TransportCommand, { type: 'transport.resend' }>;

export class OwnPackets {
  readonly again: ResendQueue;
  readonly #path: PacketPath;
  readonly #sealing: Sealing;
  readonly #memberAt: (place: Endpoint) => PeerId | undefined;

  constructor(path: PacketPath, sealing: Sealing, memberAt: (place: Endpoint) => PeerId | undefined) {
    this.#path = path;
    this.#sealing = sealing;
    this.#memberAt = memberAt;
    this.again = new ResendQueue({
      clock: systemClock,
      sentBits: () => 8 * path.sentBytes,
      newWaitedMs: () => path.waitedMs,
      send: ({ ssrc, sequence, to }) => 8 * this.#sendAgain(ssrc, sequence, to),
    });
  }

  /** @returns whether it may leave */
  send(ssrc: number, packet: Uint8Array): boolean {
    if (!this.#sealing.seals(ssrc)) {
      this.#path.send(packet);
      return true;
    }
    const sealed = this.#sealing.seal(ssrc, packet);
    if (sealed !== undefined) this.#path.send(sealed, packet);
    return sealed !== undefined;
  }

  /** What was sent after this one goes again to those. */
  resend({ ssrc, afterSequence, slices, to, isAhead }: Resend, table: AddressedTable): void {
    const sequences = this.#path.storedAfter(ssrc, afterSequence, slices);
    const places = placesOf(table, to);
    this.again.add(sequences.flatMap((sequence) => places.map((place) => ({ ssrc, sequence, to: place, isAhead }))));
  }

  /** What is kept of a sealed stream is sealed. @returns how many bytes were sent */
  #sendAgain(ssrc: number, sequence: number, to: Endpoint): number {
    const peer = this.#memberAt(to);
    if (!this.#sealing.seals(ssrc) || peer === undefined || this.#sealing.isSealed(peer))
      return this.#path.resend(ssrc, sequence, to);
    const stored = this.#path.stored(ssrc, sequence);
    const clear = stored && this.#sealing.reopen(ssrc, stored);
    if (clear === undefined) return 0;
    this.#path.sendTo(clear, to);
    return clear.length;
  }
}
