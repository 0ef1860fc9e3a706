/** Through whom the packets of one stream came: a small number for each, to stand beside every packet that is remembered. */
import { MAX_MEMBERS, type PeerId } from '../../machines/messages.ts';

interface Sender {
  readonly id: number;
  /** Arrival of its first packet, in ms. */
  readonly firstMs: number;
}

export class Senders {
  readonly #byName = new Map<PeerId, Sender>();

  /**
   * The number of a sender, a new one if it has none yet.
   *
   * @param remembered the numbers that stand beside packets: when a room has no more members than are known here, senders of whom
   *   no packet is remembered are forgotten. They are relays that have gone long ago
   */
  idOf(name: PeerId, nowMs: number, remembered: Iterable<number>): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known.id;
    if (this.#byName.size >= MAX_MEMBERS) this.#keepOnly(new Set(remembered));
    const id = this.#lowestFree();
    this.#byName.set(name, { id, firstMs: nowMs });
    return id;
  }

  names(): Map<number, PeerId> {
    return new Map([...this.#byName].map(([name, { id }]) => [id, name]));
  }

  firstArrivalMs(): Map<PeerId, number> {
    return new Map([...this.#byName].map(([name, { firstMs }]) => [name, firstMs]));
  }

  #keepOnly(remembered: ReadonlySet<number>): void {
    for (const [name, { id }] of this.#byName) if (!remembered.has(id)) this.#byName.delete(name);
  }

  #lowestFree(): number {
    const taken = new Set([...this.#byName.values()].map(({ id }) => id));
    let id = 0;
    while (taken.has(id)) id++;
    return id;
  }
}
