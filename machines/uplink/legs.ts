/** The legs of a peer: whom packets were sent to lately, at which rate, and what is known of their ways, gone ones among them. */
import type { PeerId } from '../messages.ts';
import { WAITING_MS } from './capacity-sample.ts';
import type { Demand, LegCap, Sent } from './contract.ts';
import { Leg } from './leg.ts';
import type { LegCapRule } from './leg-cap.ts';
import { LineRate } from './line-rate.ts';
import { knownReadings, type Reading } from './shared-queue.ts';

/** A leg of which nothing has been sent for so long is no leg. */
const LEG_GONE_MS = 10_000;
/** More than a room has members. A leg more, and the one unused longest is forgotten. */
const MOST_LEGS = 256;
const RATE_MS = 1000;

export class Legs {
  readonly #legs = new Map<PeerId, Leg>();
  /** Of legs that are none any more: a cap keeps packets away. */
  readonly #caps = new Map<PeerId, LegCapRule>();
  readonly #rates = new Map<PeerId, LineRate>();
  /** What receivers asked for when it was looked at last. */
  #asked: Demand['asked'];

  get all(): readonly Leg[] {
    return [...this.#legs.values()];
  }

  get size(): number {
    return this.#legs.size;
  }

  get(peer: PeerId): Leg | undefined {
    return this.#legs.get(peer);
  }

  /** @param upTo bytes that had left over all legs with it and before it */
  sent(packet: Sent, upTo: number): void {
    const leg = this.#legs.get(packet.leg) ?? this.#begin(packet.leg);
    leg.sent(packet, upTo);
    this.#rates.get(packet.leg)?.add(packet.bytes, packet.sentAtMs);
  }

  /** In the last second. */
  bpsOf(peer: PeerId, nowMs: number): number {
    return this.#rates.get(peer)?.bps(nowMs, RATE_MS) ?? 0;
  }

  forget(nowMs: number): void {
    for (const { peer, lastSentAtMs } of this.#legs.values())
      if (nowMs - (lastSentAtMs ?? nowMs) > LEG_GONE_MS) this.#drop(peer);
  }

  /** Whoever asks for less than before has found that its own line is full. */
  explain(asked: Demand['asked'], nowMs: number): void {
    if (asked === this.#asked) return;
    for (const [peer, bps] of asked ?? [])
      if (bps < (this.#asked?.get(peer) ?? Number.POSITIVE_INFINITY)) this.#capOf(peer)?.explain(nowMs);
    this.#asked = asked;
  }

  /** What legs wait whose ways are known. */
  readings(slot: number): readonly Reading[] {
    const all = this.all.flatMap((way) => {
      const queueMs = way.leastQueueMs(slot);
      return queueMs === undefined ? [] : [{ leg: way.peer, queueMs, way }];
    });
    return knownReadings(all, WAITING_MS);
  }

  /** Whom padding may go to. */
  forPadding({ legs, asked }: Demand): readonly PeerId[] {
    const uncapped = legs.filter((peer) => this.#capOf(peer)?.capBps === undefined);
    // Who says how much it can receive has no room for padding, if there is anybody else.
    const roomy = uncapped.filter((peer) => asked?.has(peer) !== true);
    return roomy.length > 0 ? roomy : uncapped;
  }

  caps(nowMs: number): LegCap[] {
    for (const [peer, cap] of this.#caps) if (!cap.expire(nowMs)) this.#caps.delete(peer);
    const inUse = [...this.#legs].flatMap(([peer, { cap }]) => capOf(peer, cap));
    return [...inUse, ...[...this.#caps].flatMap(([peer, cap]) => capOf(peer, cap))];
  }

  #capOf(peer: PeerId): LegCapRule | undefined {
    return this.#legs.get(peer)?.cap ?? this.#caps.get(peer);
  }

  #begin(peer: PeerId): Leg {
    if (this.#legs.size >= MOST_LEGS) this.#drop(this.#oldest());
    const leg = new Leg(peer, this.#caps.get(peer));
    this.#caps.delete(peer);
    this.#legs.set(peer, leg);
    this.#rates.set(peer, new LineRate());
    return leg;
  }

  #drop(peer: PeerId | undefined): void {
    const leg = this.#legs.get(peer ?? '');
    if (peer === undefined || leg === undefined) return;
    leg.cap.heard();
    if (this.#caps.size < MOST_LEGS) this.#caps.set(peer, leg.cap);
    this.#legs.delete(peer);
    this.#rates.delete(peer);
  }

  #oldest(): PeerId | undefined {
    const byAge = this.all.toSorted((a, b) => (a.lastSentAtMs ?? 0) - (b.lastSentAtMs ?? 0));
    return byAge[0]?.peer;
  }
}

function capOf(leg: PeerId, { state }: LegCapRule): LegCap[] {
  return state === undefined ? [] : [{ leg, ...state }];
}
