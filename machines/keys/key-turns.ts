/**
 * When the keys of the own streams change, and who is told which. All streams change together: a number, the epoch, says which keys are
 * meant. Pure: the time is given; the keys themselves are made and sealed elsewhere.
 */
import { Allowance, type Limit } from '../hearing/allowance.ts';
import type { PeerId } from '../messages.ts';
import { DELAYS } from '../timers.ts';

/** Epochs are numbered in a byte. */
const EPOCH_COUNT = 256;
/** How often a member that lacks keys is told them again. */
const ASKS: Limit = { burst: 4, perSecond: 1 };

export interface KeyedStream {
  readonly ssrc: number;
  /** Who is to have its key. */
  readonly holders: readonly PeerId[];
}

/** To whom the keys in force, and those that come, go now. */
export interface KeyTurn {
  /** Each by itself: those that have none yet, and those that lack some. */
  readonly alone: readonly PeerId[];
  /** All that hold any, in one message: the keys change. */
  readonly toAll: boolean;
}

interface Holder {
  /** The epoch of its process. */
  readonly incarnation: number;
  /** The streams whose key it has, by SSRC: those that it wanted when the keys last changed, and since. */
  held: Set<number>;
  /** It must be told, whatever it has. */
  lacks: boolean;
  readonly asks: Allowance;
}

const NEVER = Number.POSITIVE_INFINITY;

export class KeyTurns {
  #epoch = 0;
  /** Told, and not in force yet. */
  #next: { readonly epoch: number; readonly fromMs: number } | null = null;
  #changeMs = NEVER;
  #changedMs = Number.NEGATIVE_INFINITY;
  #isAnew = false;
  #streams: readonly KeyedStream[] = [];
  readonly #holders = new Map<PeerId, Holder>();

  /** What is sent is sealed with the keys of this one. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The one that comes; null: none. */
  get next(): number | null {
    return this.#next?.epoch ?? null;
  }

  /** When {@link due} is to be called next; at once where somebody waits. */
  get dueMs(): number {
    if (this.#isAnew || this.#untold().length > 0) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#changeMs, this.#next?.fromMs ?? NEVER);
  }

  /**
   * These are the own streams and the members, each with the epoch of its process, from now on. Where a member that has held a key is
   * gone, or has started anew, all keys change.
   */
  follow(streams: readonly KeyedStream[], members: ReadonlyMap<PeerId, number>, nowMs: number): void {
    this.#streams = streams;
    const there = new Set(streams.map(({ ssrc }) => ssrc));
    for (const [peer, { incarnation, held }] of this.#holders) {
      for (const ssrc of held) if (!there.has(ssrc)) held.delete(ssrc);
      if (members.get(peer) === incarnation) continue;
      this.#holders.delete(peer);
      if (held.size > 0) this.#changeSoon(nowMs);
    }
    for (const { holders } of streams) {
      for (const peer of holders) {
        const incarnation = members.get(peer);
        if (incarnation === undefined || this.#holders.has(peer)) continue;
        this.#holders.set(peer, { incarnation, held: new Set(), lacks: false, asks: new Allowance(ASKS) });
      }
    }
  }

  /** The numbers of a stream have begun anew: from now on another epoch is in force, whose keys receivers wait for. */
  beginAnew(nowMs: number): void {
    this.#epoch = this.#epochAfter();
    this.#next = null;
    this.#changedMs = nowMs;
    this.#isAnew = true;
  }

  /** A member says that it lacks keys. */
  asked(peer: PeerId, nowMs: number): void {
    const holder = this.#holders.get(peer);
    if (holder?.asks.take(1, nowMs)) holder.lacks = true;
  }

  /** What is due. The epoch may be another one afterwards, and whoever is to be told has been told. */
  due(nowMs: number): KeyTurn {
    if (this.#next !== null && nowMs >= this.#next.fromMs) {
      this.#epoch = this.#next.epoch;
      this.#next = null;
    }
    const changes = nowMs >= this.#changeMs && this.#next === null;
    if (changes) {
      this.#next = { epoch: this.#epochAfter(), fromMs: nowMs + DELAYS.keyAhead };
      this.#changeMs = NEVER;
      this.#changedMs = nowMs;
    }
    const alone = this.#untold();
    const toAll = changes || this.#isAnew;
    this.#isAnew = false;
    // Who wants a stream no more has its key until then.
    if (toAll) for (const holder of this.#holders.values()) holder.held = new Set();
    for (const { ssrc, holders } of this.#streams) for (const peer of holders) this.#holders.get(peer)?.held.add(ssrc);
    for (const holder of this.#holders.values()) holder.lacks = false;
    return { alone, toAll };
  }

  /** Whose keys this member is told, by SSRC. */
  streamsOf(peer: PeerId): number[] {
    return this.#streams.filter(({ holders }) => holders.includes(peer)).map(({ ssrc }) => ssrc);
  }

  /** Who has any key. */
  get holders(): PeerId[] {
    return [...this.#holders].flatMap(([peer, { held }]) => (held.size > 0 ? [peer] : []));
  }

  #untold(): PeerId[] {
    const untold = new Set<PeerId>();
    for (const { ssrc, holders } of this.#streams) {
      for (const peer of holders) {
        const holder = this.#holders.get(peer);
        if (holder !== undefined && (holder.lacks || !holder.held.has(ssrc))) untold.add(peer);
      }
    }
    return [...untold];
  }

  #epochAfter(): number {
    return ((this.#next?.epoch ?? this.#epoch) + 1) % EPOCH_COUNT;
  }

  /** Those that leave together change the keys once, and no change begins before the one before it is in force. */
  #changeSoon(nowMs: number): void {
    const atMs = Math.max(nowMs + DELAYS.keyChange, this.#changedMs + DELAYS.keyAhead);
    this.#changeMs = Math.min(this.#changeMs, atMs);
  }
}
