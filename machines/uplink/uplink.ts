/**
 * One budget over all legs of a peer: what its uplink carries now, found from what is sent and what the next hops say of its arrival.
 * It takes what happened and answers what may be sent and when it wants to be asked again; it has no clock, no luck and no socket.
 *
 * A queue that all legs see is the uplink's, and all legs send less. A queue that one leg sees is on its own way, and that leg gets a
 * cap of its own. What a receiver says can slow its own leg; that more may be sent needs more than one of them, where there are more.
 */

import type { PeerId } from '../messages.ts';
import { believedPaceBps } from './believed-pace.ts';
import { Calm } from './calm.ts';
import { Capacity, FULL_MS, LEAST_BPS, LOSES } from './capacity.ts';
import { OVER_ALL, OVER_OWN, sampleOf, WAITING_MS } from './capacity-sample.ts';
import type { Demand, Feedback, LegCap, Limit, Sent, UplinkState } from './contract.ts';
import { deliveredOf, LOSS_SLOTS, lossOf } from './delivered.ts';
import { Foreign } from './foreign.ts';
import { horizonOf } from './horizon.ts';
import { Leg, lastWholeSlot } from './leg.ts';
import type { LegCapRule } from './leg-cap.ts';
import { LineRate } from './line-rate.ts';
import { Probing } from './probing.ts';
import { excessLoss, type SharedLoss, sharedLoss } from './shared-loss.ts';
import { type Reading, type SharedQueue, sharedQueueOf } from './shared-queue.ts';
import { SLOT_MS } from './slots.ts';
import { USED, usedShare } from './used.ts';

const PACE = 1.1;
/** Before anything is known. */
const FIRST_BUDGET_BPS = 500_000;
/** Before it is known what each leg loses of itself, less is taken for that. */
const LOSES_MUCH = 0.15;
/** So many others have to be free for one leg to be said to be slow alone. */
const LEAST_FREE = 2;
/** A leg of which nothing has been sent for so long is no leg. */
const LEG_GONE_MS = 10_000;
/** More than a room has members. A leg more, and the one unused longest is forgotten. */
const MOST_LEGS = 256;
const RATE_MS = 1000;
const FOREIGN_RATE_MS = 1500;
const SHORT_RATE_MS = 250;
const IDLE_SHARE = 0.5;
const WAKE_MS = 50;
/** Of a packet of usual size, on the wire. */
const PACKET_BITS = 8 * 1228;
/** Of a line of 1 Mbit/s. Of a slower one a little is taken for a queue: a line that others fill looks slow too. */
const MOST_PACKET_MS = 10;
const NO_LOSS: SharedLoss = { share: 0, isPlain: false };
const NO_QUEUE: SharedQueue = { queueMs: 0, clean: new Set() };

export class Uplink {
  readonly #legs = new Map<PeerId, Leg>();
  /** Of legs that are none any more: a cap keeps packets away. */
  readonly #caps = new Map<PeerId, LegCapRule>();
  readonly #capacity = new Capacity();
  readonly #probing = new Probing();
  readonly #foreign = new Foreign();
  readonly #rate = new LineRate();
  readonly #legRates = new Map<PeerId, LineRate>();
  readonly #calm = new Calm();
  #demand: Demand;
  #upTo = 0;
  #queue: SharedQueue = NO_QUEUE;
  #judgedSlot = Number.NEGATIVE_INFINITY;
  #isSilent = false;
  #wasSearching = true;
  /** What receivers asked for when it was looked at last. */
  #asked: Demand['asked'];
  /** The cap that was believed last. */
  #toldBps: number | undefined;

  constructor(demand: Demand) {
    this.#demand = demand;
  }

  /** What the plan could use has changed. */
  wants(demand: Demand): void {
    this.#demand = demand;
  }

  sent(batch: readonly Sent[]): void {
    for (const packet of batch) {
      this.#upTo += packet.bytes;
      this.#rate.add(packet.bytes, packet.sentAtMs);
      this.#legFor(packet.leg).sent(packet, this.#upTo);
      this.#legRates.get(packet.leg)?.add(packet.bytes, packet.sentAtMs);
      this.#probing.running?.sent(packet.sentAtMs, this.#upTo);
    }
  }

  /** All has left that the probe asked for, or no more will. */
  probed(): void {
    this.#probing.running?.over();
  }

  /** Of a leg that nothing was sent to nothing can be told. */
  reported(feedback: Feedback): void {
    const leg = this.#legs.get(feedback.leg);
    leg?.reported(feedback, (mark) => this.#probing.running?.marked(leg.peer, mark));
  }

  /** Judges what has been told since the last time. */
  wake(nowMs: number): UplinkState {
    this.#believe(nowMs);
    this.#explain(nowMs);
    this.#forget(nowMs);
    this.#hearSilence(nowMs);
    const horizonMs = horizonOf([...this.#legs.values()], nowMs);
    const slot = lastWholeSlot(horizonMs);
    if (slot > this.#judgedSlot && Number.isFinite(slot)) {
      const before = this.#judgedSlot;
      this.#judgedSlot = slot;
      this.#judge(slot, before, nowMs);
    }
    this.#probe(horizonMs, nowMs);
    this.#publish(nowMs);
    return this.#state(nowMs);
  }

  /** What is told of the line is news of it, and no less than what was seen before. */
  #believe(nowMs: number): void {
    const { capBps } = this.#demand;
    if (capBps === this.#toldBps) return;
    this.#toldBps = capBps;
    if (capBps === undefined) return;
    this.#capacity.set(capBps / USED);
    this.#calm.take(capBps, nowMs, true);
  }

  #explain(nowMs: number): void {
    const { asked } = this.#demand;
    if (asked === this.#asked) return;
    for (const [peer, bps] of asked ?? [])
      if (bps < (this.#asked?.get(peer) ?? Number.POSITIVE_INFINITY))
        (this.#legs.get(peer)?.cap ?? this.#caps.get(peer))?.explain(nowMs);
    this.#asked = asked;
  }

  /** Nothing was seen of the line that contradicts what is told of it. */
  get #isBelieved(): boolean {
    const { capBps } = this.#demand;
    return capBps !== undefined && (this.#capacity.bps ?? 0) >= capBps / USED;
  }

  #judge(slot: number, before: number, nowMs: number): void {
    const legs = [...this.#legs.values()];
    const readings = this.#readingsOf(legs, slot);
    // Where hardly anything is sent what waited leaves, at the pace of time.
    if (readings.length > 0) this.#queue = sharedQueueOf(readings, this.#roundMs);
    else this.#queue = emptied(this.#queue, (slot - before) * SLOT_MS);
    const { queueMs, clean } = this.#queue;
    const isWaiting = queueMs >= WAITING_MS;
    for (const leg of legs) leg.learnFloor(slot, !isWaiting && !leg.isBusy, nowMs);
    this.#follow(legs, slot, nowMs);
    for (const { leg, queueMs: ofLeg } of readings) {
      const of = this.#legs.get(leg);
      if (of === undefined) continue;
      of.isBusy = isWaiting || !clean.has(leg);
      this.#capLeg(of, ofLeg - queueMs, readings.length, slot, nowMs);
    }
  }

  /**
   * What legs wait whose ways are known: of one that is new in a full uplink the queue would be taken for its way, so that it seems to
   * wait for nothing where all others do. It counts once the others are free.
   */
  #readingsOf(legs: readonly Leg[], slot: number): Reading[] {
    const all = legs.flatMap((leg) => {
      const queueMs = leg.leastQueueMs(slot);
      return queueMs === undefined ? [] : [{ leg, queueMs }];
    });
    const known = all.filter(({ leg }) => leg.isWayKnown);
    const isFree = known.every(({ queueMs }) => queueMs < WAITING_MS);
    if (isFree) for (const { leg } of all) leg.isWayKnown = true;
    return (isFree ? all : known).map(({ leg, queueMs }) => ({ leg: leg.peer, queueMs }));
  }

  #follow(legs: readonly Leg[], slot: number, nowMs: number): void {
    const { queueMs, clean } = this.#queue;
    const before = this.#capacity.bps;
    const isWaiting = queueMs >= WAITING_MS;
    const isSeen = before !== undefined && !this.#isBelieved;
    if (isSeen && this.#sharesWithOthers(before, isWaiting ? queueMs : 0, slot, nowMs)) return;
    const cleanSlots = legs.filter(({ peer }) => clean.has(peer)).map(({ slots }) => slots);
    const sample = sampleOf(cleanSlots, slot, OVER_ALL, (first, last) => sharedLoss(legs, first, last).share);
    const isBusy = this.#rate.bps(nowMs, RATE_MS) >= IDLE_SHARE * (before ?? 0);
    const sentBps = this.#rate.bps((slot + 1) * SLOT_MS, LOSS_SLOTS * SLOT_MS);
    const delivered = sentBps < IDLE_SHARE * (before ?? 0) ? undefined : deliveredOf(legs, slot, sentBps);
    const isOwn = this.#capacity.see({ queueMs, sample, isBusy, delivered }, nowMs);
    if (isOwn) for (const leg of legs) leg.floor.accept(lossOf(leg, slot));
    const after = this.#capacity.bps;
    if (before === undefined || after === undefined || after >= before) return;
    const longerMs = packetMs(after) - packetMs(before);
    for (const leg of legs) leg.lengthen(longerMs);
    this.#probing.fell(after, nowMs);
  }

  /** @returns whether another program fills the line, so that what is seen of it tells nothing of what it carries */
  #sharesWithOthers(capacityBps: number, queueMs: number, slot: number, nowMs: number): boolean {
    const sentBps = { long: this.#rate.bps(nowMs, FOREIGN_RATE_MS), short: this.#rate.bps(nowMs, SHORT_RATE_MS) };
    const found = this.#foreign.watch(queueMs, sentBps, capacityBps, nowMs);
    if (!this.#foreign.isThere) return false;
    const loss = sharedLoss([...this.#legs.values()], slot - LOSS_SLOTS, slot).share;
    const share = found ?? this.#foreign.share(capacityBps, loss, nowMs);
    this.#capacity.set(Math.min(share, Math.max(capacityBps, this.#targetBps)));
    return true;
  }

  /** How long the line takes for a packet to each leg. */
  get #roundMs(): number {
    return this.#legs.size * packetMs(this.#capacity.bps);
  }

  #capLeg(leg: Leg, ownQueueMs: number, legs: number, slot: number, nowMs: number): void {
    const { clean, queueMs } = this.#queue;
    const isClean = clean.has(leg.peer);
    const isAlone = queueMs < WAITING_MS && clean.size >= LEAST_FREE && 2 * clean.size >= legs;
    const sample = isClean
      ? undefined
      : sampleOf([leg.slots], slot, OVER_OWN, (first, last) => excessLoss(leg, first, last));
    const sentBps = this.#legRates.get(leg.peer)?.bps(nowMs, RATE_MS) ?? 0;
    const isLonger = leg.cap.take(
      { ownQueueMs: Math.max(0, ownQueueMs - this.#roundMs), isClean, isAlone, sample, sentBps },
      this.#capacity.bps ?? 0,
      nowMs,
    );
    if (isLonger) leg.forgetWay();
  }

  #probe(horizonMs: number, nowMs: number): void {
    const probing = this.#probing;
    probing.running?.wake(nowMs, this.#queue.queueMs > FULL_MS);
    const legs = [...this.#legs.values()];
    const last = lastWholeSlot(horizonMs);
    const { share: loss, isPlain } = Number.isFinite(last) ? sharedLoss(legs, last - LOSS_SLOTS, last) : NO_LOSS;
    const isLossy = isPlain && loss > (this.#isFloorKnown ? LOSES : LOSES_MUCH);
    const awayMs = Math.max(0, ...legs.map(({ roundTripMs }) => roundTripMs));
    if (probing.isDue(nowMs, horizonMs, awayMs)) {
      const found = probing.finish(loss, isLossy, this.#capacity.bps, nowMs);
      if (found !== undefined) this.#capacity.set(found);
    }
    const capacityBps = this.#capacity.bps;
    const isFree = this.#queue.queueMs < WAITING_MS && !isLossy && !this.#foreign.isThere && !this.#isSilent;
    const sentBps = this.#rate.bps(nowMs, RATE_MS);
    const isIdle = sentBps < IDLE_SHARE * (capacityBps ?? 0);
    const { legs: reached, asked } = this.#demand;
    const uncapped = reached.filter(
      (peer) => (this.#legs.get(peer)?.cap ?? this.#caps.get(peer))?.capBps === undefined,
    );
    // Who says how much it can receive has no room for padding, if there is anybody else.
    const roomy = uncapped.filter((peer) => asked?.has(peer) !== true);
    const silent = this.#demand.legs.filter((peer) => this.#legs.get(peer)?.isSilent(nowMs) === true);
    const wish = {
      targetBps: this.#targetBps,
      capacityBps,
      isFree,
      sentBps,
      isIdle,
      legs: roomy.length > 0 ? roomy : uncapped,
      silent,
      upTo: this.#upTo,
    };
    probing.start(wish, this.#demand.capBps, nowMs);
  }

  get #isFloorKnown(): boolean {
    return [...this.#legs.values()].every(({ floor }) => floor.share !== undefined);
  }

  /** What the line has to carry for the plan to have all that it wants and may have. */
  get #targetBps(): number {
    const { wantBps, capBps } = this.#demand;
    return Math.min(wantBps, capBps ?? wantBps) / USED;
  }

  #hearSilence(nowMs: number): void {
    const legs = [...this.#legs.values()].filter(({ lastSentAtMs }) => lastSentAtMs !== undefined);
    const silent = legs.filter((leg) => leg.isSilent(nowMs));
    const isSilent = silent.length > 0 && silent.length === legs.length;
    // That nobody answers says nothing of what the line carries.
    if (isSilent && !this.#isBelieved) this.#capacity.silence(nowMs);
    else if (this.#isSilent) this.#probing.searchAnew();
    this.#isSilent = isSilent;
    if (isSilent) return;
    for (const leg of legs) if (!silent.includes(leg)) leg.cap.heard();
    for (const leg of silent) leg.cap.silent(this.#legRates.get(leg.peer)?.bps(nowMs, RATE_MS) ?? 0, nowMs);
  }

  #publish(nowMs: number): void {
    const capacityBps = this.#capacity.bps;
    const isFound = this.#wasSearching && !this.#probing.isSearching;
    this.#wasSearching = this.#probing.isSearching;
    if (capacityBps === undefined) return;
    const usableBps = this.#isBelieved ? this.#demand.capBps : undefined;
    this.#calm.take(usableBps ?? this.#bounded(USED * capacityBps), nowMs, isFound);
  }

  #bounded(bps: number): number {
    const { audioBps, capBps } = this.#demand;
    return Math.min(capBps ?? Number.POSITIVE_INFINITY, Math.max(audioBps, LEAST_BPS, bps));
  }

  get #budgetBps(): number {
    const capacityBps = this.#capacity.bps;
    if (capacityBps === undefined) return this.#bounded(FIRST_BUDGET_BPS);
    // A queue that others fill is not emptied by giving way.
    return this.#bounded(capacityBps * usedShare(this.#foreign.isThere ? 0 : this.#queue.queueMs));
  }

  get #limitedBy(): Limit {
    const { wantBps, capBps } = this.#demand;
    const capacityBps = this.#capacity.bps;
    if (capacityBps === undefined) return 'unmeasured';
    if (this.#isSilent) return 'silence';
    if (this.#foreign.isThere) return 'foreign';
    if (capacityBps < this.#targetBps) return 'line';
    return capBps !== undefined && capBps < wantBps ? 'cap' : 'plan';
  }

  #state(nowMs: number): UplinkState {
    const budgetBps = this.#budgetBps;
    const running = this.#probing.running;
    const { capBps } = this.#demand;
    const isToldBelieved = this.#isBelieved && this.#calm.bps === capBps;
    return {
      isToldBelieved,
      capacityBps: this.#capacity.bps,
      budgetBps,
      paceBps: isToldBelieved ? believedPaceBps(budgetBps, this.#demand.toldBps ?? budgetBps / USED) : PACE * budgetBps,
      publishedBps: this.#calm.bps,
      caps: [...this.#legs].flatMap(([peer, { cap }]) => capOf(peer, cap)).concat(this.#keptCaps(nowMs)),
      probe: running?.endedAtMs === undefined ? running?.order : undefined,
      limitedBy: this.#limitedBy,
      queueMs: this.#queue.queueMs,
      wakeAtMs: Math.max(nowMs + 1, Math.min(nowMs + WAKE_MS, this.#probing.dueAtMs)),
    };
  }

  #legFor(peer: PeerId): Leg {
    const known = this.#legs.get(peer);
    if (known !== undefined) return known;
    if (this.#legs.size >= MOST_LEGS) this.#drop(this.#oldest());
    const leg = new Leg(peer, this.#caps.get(peer));
    this.#caps.delete(peer);
    this.#legs.set(peer, leg);
    this.#legRates.set(peer, new LineRate());
    return leg;
  }

  #forget(nowMs: number): void {
    for (const { peer, lastSentAtMs } of this.#legs.values())
      if (nowMs - (lastSentAtMs ?? nowMs) > LEG_GONE_MS) this.#drop(peer);
  }

  #drop(peer: PeerId | undefined): void {
    const leg = this.#legs.get(peer ?? '');
    if (peer === undefined || leg === undefined) return;
    leg.cap.heard();
    if (this.#caps.size < MOST_LEGS) this.#caps.set(peer, leg.cap);
    this.#legs.delete(peer);
    this.#legRates.delete(peer);
  }

  #keptCaps(nowMs: number): LegCap[] {
    for (const [peer, cap] of this.#caps) if (!cap.expire(nowMs)) this.#caps.delete(peer);
    return [...this.#caps].flatMap(([peer, cap]) => capOf(peer, cap));
  }

  #oldest(): PeerId | undefined {
    const byAge = [...this.#legs.values()].sort((a, b) => (a.lastSentAtMs ?? 0) - (b.lastSentAtMs ?? 0));
    return byAge[0]?.peer;
  }
}

/** A queue into which nothing goes. */
function emptied({ queueMs, clean }: SharedQueue, ms: number): SharedQueue {
  return queueMs > ms ? { queueMs: queueMs - ms, clean } : NO_QUEUE;
}

/** How long the line takes for one packet. */
function packetMs(capacityBps: number | undefined): number {
  return capacityBps === undefined ? 0 : Math.min(MOST_PACKET_MS, (1000 * PACKET_BITS) / capacityBps);
}

function capOf(leg: PeerId, { state }: LegCapRule): LegCap[] {
  return state === undefined ? [] : [{ leg, ...state }];
}
