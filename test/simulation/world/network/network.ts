/** The packet network: every peer's uplink is a queue that overflows, every pair of peers a link that delays and loses. */
import { Line } from '../../../uplink/line.ts';
import type { LinkConditions } from '../../script/presets.ts';
import type { VirtualClock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Outlet } from './access-line.ts';

/** What a link suffers besides its preset's conditions. */
export interface Trouble {
  readonly loss: number;
  readonly latencyMs: number;
  /** It carries no more than this, bit/s. */
  readonly narrowBps?: number | undefined;
}

/** What a narrow link holds before it drops, in ms. */
const NARROW_MS = 300;

class Link {
  readonly #random: Random;
  readonly #conditions: LinkConditions;
  readonly #latencyMs: number;
  readonly troubles = new Map<Trouble, Line | null>();

  constructor(random: Random, conditions: LinkConditions) {
    this.#random = random;
    this.#conditions = conditions;
    this.#latencyMs = random.between(...conditions.latencyMs);
  }

  suffers(trouble: Trouble): void {
    const { narrowBps } = trouble;
    this.troubles.set(trouble, narrowBps === undefined ? null : new Line({ bps: narrowBps, bufferMs: NARROW_MS }));
  }

  /** How long a packet waits where the link is narrow, in ms; undefined: it is dropped there. */
  queueMs(bits: number, atMs: number): number | undefined {
    let queueMs = 0;
    for (const line of this.troubles.values()) {
      const waitMs = line === null ? 0 : line.take(bits / 8, atMs + queueMs);
      if (waitMs === undefined) return undefined;
      queueMs += waitMs;
    }
    return queueMs;
  }

  /** How often the packet that is sent now arrives: 0 where it is lost. {@link delayMs} says when, for each copy. */
  copies(): number {
    let lost = this.#random.chance(this.#conditions.loss);
    for (const trouble of this.troubles.keys()) if (this.#random.chance(trouble.loss)) lost = true;
    if (lost) return 0;
    return this.#random.chance(this.#conditions.duplication) ? 2 : 1;
  }

  delayMs(): number {
    let latencyMs = this.#latencyMs;
    for (const trouble of this.troubles.keys()) latencyMs += trouble.latencyMs;
    return latencyMs + this.#random.next() * this.#conditions.jitterMs;
  }
}

/** What a packet is to an uplink. */
export interface Load {
  readonly bits: number;
  /** Audio or a report: it passes the sender's own queue. */
  readonly urgent: boolean;
  /** It has waited for its turn at the uplink. */
  readonly hasWaited: boolean;
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
  send(uplink: Outlet, from: string, to: string, load: Load, arrive: () => void): boolean {
    const waitMs = load.hasWaited ? 0 : uplink.take(load.bits, this.#clock.now(), load.urgent);
    if (waitMs === undefined) return true;
    const link = this.#link(from, to);
    const copies = link.copies();
    if (copies === 0) return false;
    const queueMs = link.queueMs(load.bits, this.#clock.now() + waitMs);
    if (queueMs === undefined) return false;
    for (let copy = 0; copy < copies; copy++) this.#clock.setTimeout(arrive, waitMs + queueMs + link.delayMs());
    return true;
  }

  /** A link suffers from now on, until the returned function is called. */
  trouble(from: string, to: string, trouble: Trouble): () => void {
    const link = this.#link(from, to);
    link.suffers(trouble);
    return () => link.troubles.delete(trouble);
  }

  #link(from: string, to: string): Link {
    const known = this.#links.get(from)?.get(to);
    if (known !== undefined) return known;
    const link = new Link(this.#random.fork(`${from}>${to}`), this.#conditions);
    this.#links.set(from, (this.#links.get(from) ?? new Map<string, Link>()).set(to, link));
    return link;
  }
}
