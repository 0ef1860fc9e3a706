/** Where the members of a room sit, and where they move to, drawn as a preset says. */

import type { Nats } from '../../script/presets.ts';
import type { Random } from '../random.ts';
import type { Behind, Place } from './place.ts';

export class Terrain {
  /** Whether anything stands between members; else all sit in one network. */
  readonly hasNats: boolean;
  readonly #random: Random;
  readonly #nats: Nats;
  readonly #routers: Behind[] = [];
  readonly #places = new Map<string, Place>();

  /** @param random of the room, with so many members at the start */
  constructor(random: Random, nats: Nats, members: number) {
    this.#random = random.fork('nats');
    this.#nats = nats;
    this.hasNats = members <= nats.upTo && this.#random.chance(nats.rooms);
  }

  /**
   * Who joins first is in the open and stays there: where routers refuse each other there is somebody to go through, and somebody who
   * tells as what it sees others. So is a plain endpoint, which names no addresses.
   */
  placeOf(peer: string, compatible: boolean): Place | undefined {
    if (!this.hasNats) return undefined;
    const isFirst = this.#places.size === 0;
    return this.#settle(peer, isFirst || !compatible ? 'open' : this.#draw(this.#random.fork(`nat of ${peer}`)));
  }

  /** Where a member moves to; undefined: it stays where it is. */
  move(peer: string, at: number): Place | undefined {
    return this.isAnchor(peer) ? undefined : this.#settle(peer, this.#draw(this.#random.fork(`${peer} moves ${at}`)));
  }

  isBehindRouter(peer: string): boolean {
    return typeof this.#places.get(peer) === 'object';
  }

  /** Whether the room rests on this member's being there. */
  isAnchor(peer: string): boolean {
    const [first] = this.#places.keys();
    return peer === first;
  }

  #settle(peer: string, place: Place): Place {
    this.#places.set(peer, place);
    return place;
  }

  #draw(random: Random): Place {
    const { behind, beside, symmetric } = this.#nats;
    if (!random.chance(behind)) return 'open';
    const known = random.chance(beside) ? random.pick(this.#routers) : undefined;
    if (known !== undefined) return known;
    const nat = random.chance(symmetric) ? 'symmetric' : 'cone';
    const fresh: Behind = { router: `r${this.#routers.length + 1}`, nat };
    this.#routers.push(fresh);
    return fresh;
  }
}
