/** The packet network: every peer's uplink is a queue that overflows, every pair of peers a link that delays and loses. */
import type { VirtualClock } from './clock.ts';
import type { LinkConditions } from './presets.ts';
import type { Random } from './random.ts';
import type { Uplink } from './uplink.ts';

/** What a link suffers besides its preset's conditions. */
export interface Trouble {
  readonly loss: number;
  readonly latencyMs: number;
}

class Link {
  readonly #random: Random;
  readonly #conditions: LinkConditions;
  readonly #latencyMs: number;
  readonly troubles = new Set<Trouble>();

  constructor(random: Random, conditions: LinkConditions) {
    this.#random = random;
    this.#conditions = conditions;
    this.#latencyMs = random.between(...conditions.latencyMs);
  }

  /** How often the packet that is sent now arrives: 0 where it is lost. {@link delayMs} says when, for each copy. */
  copies(): number {
    let lost = this.#random.chance(this.#conditions.loss);
    for (const trouble of this.troubles) if (this.#random.chance(trouble.loss)) lost = true;
    if (lost) return 0;
    return this.#random.chance(this.#conditions.duplication) ? 2 : 1;
  }

  delayMs(): number {
    let latencyMs = this.#latencyMs;
    for (const trouble of this.troubles) latencyMs += trouble.latencyMs;
    return latencyMs + this.#random.next() * this.#conditions.jitterMs;
  }
}

/** What a packet is to an uplink. */
export interface Load {
  readonly bits: number;
  /** Audio or a report: it passes the sender's own queue. */
  readonly urgent: boolean;
}

export class Network {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #conditions: LinkConditions;
  readonly #links = new Map<string, Map<string, Link>>();

  constructor(clock: VirtualClock, random: Random, conditions: LinkConditions) {
    this.#clock = clock;
    this.#random = random;
    this.#conditions = conditions;
  }

  /**
   * Sends a packet from one peer's uplink to another peer; `arrive` runs for every copy that comes through.
   *
   * @returns false where the link has lost it; what the uplink dropped its owner has sent too much of
   */
  send(uplink: Uplink, from: string, to: string, load: Load, arrive: () => void): boolean {
    const waitMs = uplink.take(load.bits, this.#clock.now(), load.urgent);
    if (waitMs === undefined) return true;
    const link = this.#link(from, to);
    const copies = link.copies();
    for (let copy = 0; copy < copies; copy++) this.#clock.setTimeout(arrive, waitMs + link.delayMs());
    return copies > 0;
  }

  /** A link suffers from now on, until the returned function is called. */
  trouble(from: string, to: string, trouble: Trouble): () => void {
    const { troubles } = this.#link(from, to);
    troubles.add(trouble);
    return () => troubles.delete(trouble);
  }

  #link(from: string, to: string): Link {
    const known = this.#links.get(from)?.get(to);
    if (known !== undefined) return known;
    const link = new Link(this.#random.fork(`${from}>${to}`), this.#conditions);
    this.#links.set(from, (this.#links.get(from) ?? new Map<string, Link>()).set(to, link));
    return link;
  }
}
