/**
 * One budget over all legs of a peer: what its uplink carries now, found from what is sent and what the next hops say of its arrival.
 * It takes what happened and answers what may be sent and when it wants to be asked again; it has no clock, no luck and no socket.
 *
 * A queue that all legs see is the uplink's, and all legs send less. A queue that one leg sees is on its own way, and that leg gets a
 * cap of its own. What a receiver says can slow its own leg; that more may be sent needs more than one of them, where there are more.
 */

import { believedPaceBps } from './believed-pace.ts';
import { Calm } from './calm.ts';
import { Capacity, FULL_MS, LOSES, packetMs } from './capacity.ts';
import { OVER_ALL, OVER_OWN, sampleOf, WAITING_MS } from './capacity-sample.ts';
import type { Demand, Feedback, Limit, Sent, UplinkState } from './contract.ts';
import { deliveredOf, LOSS_SLOTS, lossOf } from './delivered.ts';
import { Foreign } from './foreign.ts';
import { HomeShare } from './home-share.ts';
import { horizonOf } from './horizon.ts';
import { type Leg, lastWholeSlot } from './leg.ts';
import { Legs } from './legs.ts';
import { LineRate } from './line-rate.ts';
import { Probing } from './probing.ts';
import { excessLoss, lossOfFull, type SharedLoss, sharedLoss } from './shared-loss.ts';
import { emptied, NO_QUEUE, type SharedQueue, sharedQueueOf } from './shared-queue.ts';
import { SLOT_MS } from './slots.ts';
import { ToldLine } from './told-line.ts';
import { USED, usedShare } from './used.ts';

/** Of the budget: faster, so that what a moment holds too much is caught up with; not where packets wait. */
const PACE = 1.1;
const PACE_WAITING = 1;
const PACE_AFTER_PROBE = 0.85;
/** Longer, and what is relayed far away would come late. */
const DRAINS_MS = 100;
/** Before anything is known. */
const FIRST_BUDGET_BPS = 500_000;
/** Before it is known what each leg loses of itself, less is taken for that. */
const LOSES_MUCH = 0.15;
/** So many others have to be free for one leg to be said to be slow alone. */
const LEAST_FREE = 2;
const RATE_MS = 1000;
const FOREIGN_RATE_MS = 1500;
const SHORT_RATE_MS = 250;
const IDLE_SHARE = 0.5;
const WAKE_MS = 50;
/** A queue grows so fast, in ms a ms, where the line carries much less than before: no probe does that to one that is known. */
const FALLEN_SLOPE = 0.6;
/** What was sent so long ago has been told of, or there are other worries. */
const MOST_UNKNOWN_MS = 250;
const NO_LOSS: SharedLoss = { share: 0, isPlain: false };

export class Uplink {
  readonly #legs = new Legs();
  readonly #told: ToldLine;
  readonly #capacity = new Capacity();
  readonly #probing = new Probing();
  readonly #foreign = new Foreign();
  readonly #home = new HomeShare();
  readonly #rate = new LineRate();
  readonly #calm = new Calm();
  #upTo = 0;
  #queue: SharedQueue = NO_QUEUE;
  /** How suddenly it grows, in ms a ms; 0: not so. */
  #growth = 0;
  #judgedSlot = Number.NEGATIVE_INFINITY;
  /** The last one in which the uplink's queue was full. */
  #fullSlot = Number.NEGATIVE_INFINITY;
  #isSilent = false;
  #hadFound = false;

  constructor(demand: Demand) {
    this.#told = new ToldLine(demand);
  }

  /** What the plan could use has changed. */
  wants(demand: Demand): void {
    this.#told.demand = demand;
  }

  sent(batch: readonly Sent[]): void {
    for (const packet of batch) {
      this.#upTo += packet.bytes;
      this.#rate.add(packet.bytes, packet.sentAtMs);
      this.#legs.sent(packet, this.#upTo);
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
    this.#legs.explain(this.#told.demand.asked, nowMs);
    this.#legs.forget(nowMs);
    this.#hearSilence(nowMs);
    const horizonMs = horizonOf(this.#legs.all, nowMs);
    const slot = lastWholeSlot(horizonMs);
    if (slot > this.#judgedSlot && Number.isFinite(slot)) {
      const before = this.#judgedSlot;
      this.#judgedSlot = slot;
      this.#judge(slot, before, nowMs);
    }
    this.#probe(horizonMs, nowMs);
    this.#publish(nowMs);
    this.#share(nowMs);
    return this.#state(nowMs);
  }

  #believe(nowMs: number): void {
    const capBps = this.#told.news();
    if (capBps === undefined) return;
    this.#capacity.set(capBps / USED);
    this.#calm.take(capBps, nowMs, true);
  }

  get #isBelieved(): boolean {
    return this.#told.isBelieved(this.#capacity.bps);
  }

  #judge(slot: number, before: number, nowMs: number): void {
    const legs = this.#legs.all;
    const readings = this.#legs.readings(slot);
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

  #follow(legs: readonly Leg[], slot: number, nowMs: number): void {
    const { queueMs, clean } = this.#queue;
    const before = this.#capacity.bps;
    const isWaiting = queueMs >= WAITING_MS;
    const isSeen = before !== undefined && !this.#isBelieved;
    if (isSeen && this.#sharesWithOthers(before, isWaiting ? queueMs : 0, slot, nowMs)) return;
    const cleanSlots = legs.filter(({ peer }) => clean.has(peer)).map(({ slots }) => slots);
    const sample = sampleOf(cleanSlots, slot, OVER_ALL, (first, last) => lossOfFull(legs, first, last));
    const isBusy = this.#rate.bps(nowMs, RATE_MS) >= IDLE_SHARE * (before ?? 0);
    if (queueMs > FULL_MS) this.#fullSlot = slot;
    const delivered = this.#delivered(legs, slot);
    const slope = isWaiting && sample !== undefined ? sample.slope : 0;
    this.#growth = slope > FALLEN_SLOPE ? slope : 0;
    const isShared = (this.#told.demand.theirs?.length ?? 0) > 0;
    const isOwn = this.#capacity.see({ queueMs, sample, isBusy, isShared, delivered }, nowMs);
    if (isOwn) for (const leg of legs) leg.floor.accept(lossOf(leg, slot));
    const after = this.#capacity.bps;
    if (before === undefined || after === undefined || after >= before) return;
    const longerMs = packetMs(after) - packetMs(before);
    for (const leg of legs) leg.lengthen(longerMs);
    this.#probing.fell(before, after, nowMs);
  }

  /** What came where the line may drop without a queue: what a full queue has dropped is not held against it once more. */
  #delivered(legs: readonly Leg[], slot: number): ReturnType<typeof deliveredOf> {
    const sentBps = this.#rate.bps((slot + 1) * SLOT_MS, LOSS_SLOTS * SLOT_MS);
    const isIdle = sentBps < IDLE_SHARE * (this.#capacity.bps ?? 0);
    return isIdle || slot - this.#fullSlot < LOSS_SLOTS ? undefined : deliveredOf(legs, slot, sentBps);
  }

  /** @returns whether another program fills the line, so that what is seen of it tells nothing of what it carries */
  #sharesWithOthers(capacityBps: number, queueMs: number, slot: number, nowMs: number): boolean {
    const sentBps = { long: this.#rate.bps(nowMs, FOREIGN_RATE_MS), short: this.#rate.bps(nowMs, SHORT_RATE_MS) };
    const found = this.#foreign.watch(queueMs, sentBps, capacityBps, nowMs);
    if (!this.#foreign.isThere) return false;
    const loss = sharedLoss(this.#legs.all, slot - LOSS_SLOTS, slot).share;
    const share = found ?? this.#foreign.share(capacityBps, loss, nowMs);
    this.#capacity.set(Math.min(share, Math.max(capacityBps, this.#told.targetBps)));
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
    const sentBps = this.#legs.bpsOf(leg.peer, nowMs);
    const isLonger = leg.cap.take(
      { ownQueueMs: Math.max(0, ownQueueMs - this.#roundMs), isClean, isAlone, sample, sentBps },
      this.#capacity.bps ?? 0,
      nowMs,
    );
    if (isLonger) leg.forgetWay();
  }

  #probe(horizonMs: number, nowMs: number): void {
    const probing = this.#probing;
    const { demand, targetBps } = this.#told;
    probing.running?.wake(nowMs, this.#queue.queueMs > FULL_MS);
    const legs = this.#legs.all;
    const last = lastWholeSlot(horizonMs);
    const { share: loss, isPlain } = Number.isFinite(last) ? sharedLoss(legs, last - LOSS_SLOTS, last) : NO_LOSS;
    const isLossy = isPlain && loss > (this.#isFloorKnown ? LOSES : LOSES_MUCH);
    const awayMs = Math.max(0, ...legs.map(({ roundTripMs }) => roundTripMs));
    if (probing.isDue(nowMs, horizonMs, awayMs)) {
      const found = probing.finish(loss, isLossy, this.#capacity.bps, nowMs);
      if (found !== undefined) this.#capacity.set(found);
    }
    const capacityBps = this.#capacity.bps;
    const isAlone = !this.#foreign.isThere && !this.#home.isYielding;
    const isFree = this.#queue.queueMs < WAITING_MS && !isLossy && isAlone && !this.#isSilent;
    const sentBps = this.#rate.bps(nowMs, RATE_MS);
    const isIdle = sentBps < IDLE_SHARE * (capacityBps ?? 0);
    const silent = demand.legs.filter((peer) => this.#legs.get(peer)?.isSilent(nowMs) === true);
    const wish = {
      targetBps,
      capacityBps,
      isFree,
      sentBps,
      isIdle,
      legs: this.#legs.forPadding(demand),
      silent,
      upTo: this.#upTo,
    };
    probing.start(wish, demand.capBps, nowMs);
  }

  get #isFloorKnown(): boolean {
    return this.#legs.all.every(({ floor }) => floor.share !== undefined);
  }

  #hearSilence(nowMs: number): void {
    const legs = this.#legs.all.filter(({ lastSentAtMs }) => lastSentAtMs !== undefined);
    const silent = legs.filter((leg) => leg.isSilent(nowMs));
    const isSilent = silent.length > 0 && silent.length === legs.length;
    // That nobody answers says nothing of what the line carries.
    if (isSilent && !this.#isBelieved) this.#capacity.silence(nowMs);
    else if (this.#isSilent) this.#probing.searchAnew();
    this.#isSilent = isSilent;
    if (isSilent) return;
    for (const leg of legs) if (!silent.includes(leg)) leg.cap.heard();
    for (const leg of silent) leg.cap.silent(this.#legs.bpsOf(leg.peer, nowMs), nowMs);
  }

  #publish(nowMs: number): void {
    const capacityBps = this.#capacity.bps;
    const { hasFound } = this.#probing;
    const isFound = hasFound && !this.#hadFound;
    this.#hadFound = hasFound;
    if (capacityBps === undefined) return;
    const usableBps = this.#isBelieved ? this.#told.demand.capBps : undefined;
    this.#calm.take(usableBps ?? this.#told.bounded(USED * capacityBps), nowMs, isFound);
  }

  /** With others behind the same router. */
  #share(nowMs: number): void {
    const [capacityBps, bps] = [this.#capacity.bps, this.#calm.bps];
    if (capacityBps === undefined || bps === undefined) return;
    const foundBps = USED * capacityBps;
    this.#home.sees(foundBps);
    const { theirs = [] } = this.#told.demand;
    const isKnown = !this.#isBelieved && !this.#foreign.isThere;
    const own = { bps, isShort: this.#told.isShort(bps) };
    const sharedBps = this.#home.shares(own, isKnown ? theirs : [], foundBps, nowMs);
    if (sharedBps === undefined) return;
    if (sharedBps < bps) this.#capacity.set(Math.min(foundBps, sharedBps) / USED);
    this.#calm.take(sharedBps, nowMs, true);
  }

  /** What waits by now, in ms: a queue that suddenly grows has grown on since what is known of it left. */
  #queueNowMs(nowMs: number): number {
    const unknownMs = Math.min(MOST_UNKNOWN_MS, nowMs - (this.#judgedSlot + 1) * SLOT_MS);
    return this.#queue.queueMs + this.#growth * Math.max(0, unknownMs);
  }

  #budgetBps(nowMs: number): number {
    const capacityBps = this.#capacity.bps;
    if (capacityBps === undefined) return this.#told.bounded(FIRST_BUDGET_BPS);
    // A queue that others fill is not emptied by giving way.
    return this.#told.bounded(capacityBps * usedShare(this.#foreign.isThere ? 0 : this.#queueNowMs(nowMs)));
  }

  /** What a probe may have left in the line leaves it while nobody has told of that yet: media waits here, where audio passes it. */
  #paceShare(nowMs: number): number {
    const { running } = this.#probing;
    const isAsking = running !== undefined && running.order.bps > (this.#capacity.bps ?? 0);
    if (isAsking && nowMs - (running.endedAtMs ?? Number.NEGATIVE_INFINITY) < DRAINS_MS) return PACE_AFTER_PROBE;
    return this.#queue.queueMs >= WAITING_MS ? PACE_WAITING : PACE;
  }

  get #limitedBy(): Limit {
    const capacityBps = this.#capacity.bps;
    if (capacityBps === undefined) return 'unmeasured';
    if (this.#isSilent) return 'silence';
    if (this.#foreign.isThere) return 'foreign';
    return this.#told.limitOf(capacityBps);
  }

  #state(nowMs: number): UplinkState {
    const budgetBps = this.#budgetBps(nowMs);
    const running = this.#probing.running;
    const { capBps } = this.#told.demand;
    const isToldBelieved = this.#isBelieved && this.#calm.bps === capBps;
    return {
      isToldBelieved,
      capacityBps: this.#capacity.bps,
      budgetBps,
      paceBps: isToldBelieved
        ? believedPaceBps(budgetBps, this.#told.demand.toldBps ?? budgetBps / USED)
        : this.#paceShare(nowMs) * budgetBps,
      publishedBps: this.#calm.bps,
      isShort: this.#told.isShort(this.#calm.bps ?? 0),
      caps: this.#legs.caps(nowMs),
      probe: running?.endedAtMs === undefined ? running?.order : undefined,
      limitedBy: this.#limitedBy,
      queueMs: this.#queue.queueMs,
      wakeAtMs: Math.max(nowMs + 1, Math.min(nowMs + WAKE_MS, this.#probing.dueAtMs(nowMs))),
    };
  }
}
