/** Who brings packets of a member's streams that are not what the member has sent: whom to take none of them from any more. Pure: the time is given. */
import { Allowance, type Limit } from '../hearing/allowance.ts';
import type { PeerId, StreamName } from '../messages.ts';

/** Packets that no key opens: of one hop so many at once, and so many a second, may be damaged on the way. */
const BROKEN: Limit = { burst: 16, perSecond: 4 };
/** So many packets of a hop must be unchecked in a row, and for so long, in ms, until it is not by chance: digests are lost too. */
const UNCHECKED_IN_A_ROW = 16;
const UNCHECKED_MS = 3000;
/** The same is said again no sooner than after this. In ms. */
const SAID_AGAIN_MS = 10_000;

/**
 * `forged`: the source says that it has not sent it. `broken`: no key opens it. `unchecked`: nothing is known of it, for long: digests
 * do not come.
 */
export type Fault = 'forged' | 'broken' | 'unchecked';

export interface FaultyHop {
  readonly owner: PeerId;
  readonly stream: StreamName;
  /** Who brought it: the owner itself, or what seems to be it, or a relay. */
  readonly via: PeerId;
  readonly fault: Fault;
}

/** Forged packets that were played, in total. */
export interface Forgery {
  readonly owner: PeerId;
  readonly via: PeerId;
  readonly packets: number;
}

interface Hop {
  forged: number;
  readonly broken: Allowance;
  unchecked: number;
  genuineMs: number;
  readonly saidMs: Map<Fault, number>;
}

type Brought = Omit<FaultyHop, 'fault'>;

export class HopFaults {
  /** By owner, then by who brought it. */
  readonly #hops = new Map<PeerId, Map<PeerId, Hop>>();

  /** Forgets all that is about others than these. */
  keepOnly(members: { has(peer: PeerId): boolean }): void {
    for (const [owner, hops] of this.#hops) {
      if (!members.has(owner)) this.#hops.delete(owner);
      for (const via of hops.keys()) if (!members.has(via)) hops.delete(via);
    }
  }

  /** Forgets what is about the streams of this one: another process sends them. */
  forget(owner: PeerId): void {
    this.#hops.delete(owner);
  }

  /** Whether nothing of this owner's streams is taken from there. */
  isRefused(owner: PeerId, via: PeerId): boolean {
    return owner !== via && (this.#hops.get(owner)?.get(via)?.forged ?? 0) > 0;
  }

  get forgeries(): Forgery[] {
    return [...this.#hops].flatMap(([owner, hops]) =>
      [...hops].flatMap(([via, { forged }]) => (forged === 0 ? [] : [{ owner, via, packets: forged }])),
    );
  }

  /** It is what the owner has sent. */
  genuine({ owner, via }: Omit<Brought, 'stream'>, nowMs: number): void {
    const hop = this.#hopOf(owner, via, nowMs);
    hop.unchecked = 0;
    hop.genuineMs = nowMs;
  }

  /** @returns what is to be said of it now, if anything */
  faulty({ owner, stream, via }: Brought, fault: Fault, nowMs: number): FaultyHop[] {
    const hop = this.#hopOf(owner, via, nowMs);
    if (!isGrave(hop, fault, nowMs)) return [];
    const saidMs = hop.saidMs.get(fault) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - saidMs < SAID_AGAIN_MS) return [];
    hop.saidMs.set(fault, nowMs);
    return [{ owner, stream, via, fault }];
  }

  #hopOf(owner: PeerId, via: PeerId, nowMs: number): Hop {
    const hops = this.#hops.get(owner) ?? new Map<PeerId, Hop>();
    this.#hops.set(owner, hops);
    const known = hops.get(via);
    if (known !== undefined) return known;
    const hop = { forged: 0, broken: new Allowance(BROKEN), unchecked: 0, genuineMs: nowMs, saidMs: new Map() };
    hops.set(via, hop);
    return hop;
  }
}

/** Counts it. One forged packet is enough; of all else some is to be expected. */
function isGrave(hop: Hop, fault: Fault, nowMs: number): boolean {
  if (fault === 'forged') hop.forged++;
  if (fault === 'unchecked') hop.unchecked++;
  if (fault === 'broken') return !hop.broken.take(1, nowMs);
  return fault === 'forged' || (hop.unchecked >= UNCHECKED_IN_A_ROW && nowMs - hop.genuineMs >= UNCHECKED_MS);
}
