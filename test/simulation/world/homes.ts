/** Where members sit: what a new process of each starts with. */
import type { PeerId } from '../../../machines/messages.ts';
import type { Join } from '../script/script.ts';
import type { Identities } from './bus/identities.ts';
import type { VirtualClock } from './clock.ts';
import { AccessLine, type Outlet } from './network/access-line.ts';
import { Uplink } from './network/uplink.ts';

export interface Home {
  join: Join;
  uplink: Outlet;
  /** What its line holds on the way to it; null: nothing waits there. */
  readonly downlink: AccessLine | null;
  /** How far its machine's clock was set back, in ms. */
  behindMs: number;
  /** By which key it is known, of those of {@link Identities}. */
  identity: string;
}

export class Homes {
  readonly #clock: VirtualClock;
  /** Packets a second of every source. */
  readonly #packetsPerSecond: number;
  readonly #homes = new Map<PeerId, Home>();
  /** Of those that measure, by router: all in one home have one line, that of who came first. */
  readonly #lineOf = new Map<string, AccessLine>();

  constructor(clock: VirtualClock, packetsPerSecond: number) {
    this.#clock = clock;
    this.#packetsPerSecond = packetsPerSecond;
  }

  of(peer: PeerId): Home | undefined {
    return this.#homes.get(peer);
  }

  get peers(): PeerId[] {
    return [...this.#homes.keys()];
  }

  enter(join: Join): void {
    const { downlinkBps, peer } = join;
    const downlink = downlinkBps === undefined ? null : new AccessLine(downlinkBps, this.#clock);
    const uplink = this.newUplink(join, join.uploadBps);
    this.#homes.set(peer, { join, uplink, downlink, behindMs: 0, identity: peer });
  }

  leave(peer: PeerId): void {
    this.#homes.delete(peer);
  }

  newUplink({ auto, bucketBytes, place }: Join, rateBps: number): Outlet {
    if (auto !== true) return new Uplink(rateBps, this.#packetsPerSecond);
    const router = typeof place === 'object' ? place.router : undefined;
    const shared = router === undefined ? undefined : this.#lineOf.get(router);
    const line = shared ?? new AccessLine(rateBps, this.#clock, bucketBytes);
    if (router !== undefined) this.#lineOf.set(router, line);
    return line;
  }
}
