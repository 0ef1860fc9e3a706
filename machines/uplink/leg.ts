/** One leg: what was sent on it, what its receiver tells, and what that means for this leg alone. */
import type { PeerId } from '../messages.ts';
import { BaseDelay } from './base-delay.ts';
import { ClockWatch } from './clock-watch.ts';
import type { Feedback, Sent } from './contract.ts';
import { LegCapRule } from './leg-cap.ts';
import { LossFloor } from './loss-floor.ts';
import { Plausibility } from './plausibility.ts';
import { type InFlight, SentLog } from './sent-log.ts';
import { type Mark, Slots, slotAt } from './slots.ts';

/** Packets overtake each other by so much: what is missing among them may still come. */
const REORDER_MS = 20;
/** A receiver that says nothing for so long on top of a round trip has gone, or the way has. */
const SILENCE_MS = 400;
/** Of which it was sent something for so long: of one burst the only report may have been lost. */
const SPOKEN_TO_MS = 200;
/** The share of a new round trip in the mean. */
const ROUND_TRIP_SHARE = 0.1;
/** A window of the least waiting, in slots, and how far back it is widened where few packets are sent. */
const WINDOW_SLOTS = 2;
const MOST_WINDOW_SLOTS = 12;
const LEAST_MARKED = 3;
/** So long after a slot it is known what of it is lost. */
const SETTLED_SLOTS = 5;

export class Leg {
  readonly peer: PeerId;
  readonly slots = new Slots();
  readonly floor = new LossFloor();
  readonly cap: LegCapRule;
  /** Its packets wait, in the uplink or on its own way: no time to learn how long the way is. */
  isBusy = false;
  /** It has been seen while nothing waited in the uplink, so that what its packets take is its way's. */
  isWayKnown = false;
  readonly #log: SentLog;
  readonly #base = new BaseDelay();
  readonly #clock = new ClockWatch();
  readonly #plausibility = new Plausibility();
  #missing: InFlight[] = [];
  #newestToldMs: number | undefined;
  #waitingSinceMs: number | undefined;
  #roundTripMs: number | undefined;
  #flooredTo: number | undefined;

  /** @param cap what is known of its way from before */
  constructor(peer: PeerId, cap = new LegCapRule()) {
    this.peer = peer;
    this.cap = cap;
    this.#log = new SentLog(peer);
  }

  /** Departure of the newest packet of which the receiver has told. */
  get newestToldMs(): number | undefined {
    return this.#newestToldMs;
  }

  get lastSentAtMs(): number | undefined {
    return this.#log.lastSentAtMs;
  }

  /** From a departure to the report of it. */
  get roundTripMs(): number {
    return this.#roundTripMs ?? 0;
  }

  get disbelieved(): Plausibility['disbelieved'] {
    return this.#plausibility.disbelieved;
  }

  isSilent(nowMs: number): boolean {
    if (this.#waitingSinceMs === undefined || nowMs - this.#waitingSinceMs <= SILENCE_MS + this.roundTripMs)
      return false;
    return this.#isSpokenToInVain;
  }

  sent(packet: Sent, upTo: number): void {
    const hasPaused = packet.sentAtMs - (this.lastSentAtMs ?? packet.sentAtMs) > SILENCE_MS;
    if (hasPaused && !this.#isSpokenToInVain) this.#waitingSinceMs = undefined;
    this.#log.add(packet, upTo);
    this.slots.sent(packet.sentAtMs, packet.bytes);
    this.#waitingSinceMs ??= packet.sentAtMs;
  }

  /** All has been told of, or what has not will not be. */
  isTold(nowMs: number): boolean {
    const { lastSentAtMs } = this;
    if (lastSentAtMs === undefined || lastSentAtMs === this.#newestToldMs) return true;
    return nowMs - lastSentAtMs > SILENCE_MS + this.roundTripMs;
  }

  get #isSpokenToInVain(): boolean {
    return (this.lastSentAtMs ?? 0) - (this.#waitingSinceMs ?? Number.POSITIVE_INFINITY) >= SPOKEN_TO_MS;
  }

  /** See {@link BaseDelay.lengthen}. */
  lengthen(ms: number): void {
    this.#base.lengthen(ms);
  }

  /** How long its way is has to be learnt anew. */
  forgetWay(): void {
    this.#base.forget();
  }

  /** @param onMark for each packet of which it is known now how long it waited */
  reported(feedback: Feedback, onMark: (mark: Mark) => void): void {
    if (!this.#plausibility.admits(feedback)) return;
    const { atMs } = feedback;
    if (this.#clock.wasSet(feedback)) this.#base.forget();
    const before = this.#newestToldMs;
    const missing: InFlight[] = [];
    for (const heard of feedback.packets) {
      const packet = this.#log.find(heard.ssrc, heard.seq);
      if (packet === undefined) this.disbelieved.neverSent += 1;
      else if (heard.arrivedAtMs !== undefined) this.#arrived(packet, heard.arrivedAtMs, feedback, onMark);
      else if (packet.fate === 'unknown') missing.push(packet);
    }
    this.#settle(missing);
    if (this.#newestToldMs === before || this.#newestToldMs === undefined) return;
    const roundTripMs = atMs - this.#newestToldMs;
    const known = this.#roundTripMs ?? roundTripMs;
    this.#roundTripMs = known + ROUND_TRIP_SHARE * (roundTripMs - known);
    this.#waitingSinceMs = (this.lastSentAtMs ?? 0) > this.#newestToldMs ? atMs : undefined;
  }

  /** The least waiting of the newest packets up to this slot, in ms; undefined where too few were sent to tell. */
  leastQueueMs(slot: number): number | undefined {
    let [marked, least] = [0, Number.POSITIVE_INFINITY];
    for (let back = 0; back < MOST_WINDOW_SLOTS; back += 1) {
      if (back >= WINDOW_SLOTS && marked >= LEAST_MARKED) break;
      const at = this.slots.at(slot - back);
      marked += at?.marked ?? 0;
      least = Math.min(least, at?.least?.queueMs ?? least);
    }
    return marked >= LEAST_MARKED ? least : undefined;
  }

  /** Learns what is lost of itself, from slots that are known whole up to this one. */
  learnFloor(slot: number, isFree: boolean, nowMs: number): void {
    const settled = slot - SETTLED_SLOTS;
    const from = this.#flooredTo ?? settled;
    this.#flooredTo = settled;
    if (isFree && settled > from) this.floor.take(this.slots.between(from + 1, settled), nowMs);
  }

  #arrived(packet: InFlight, arrivedAtMs: number | 'sometime', feedback: Feedback, onMark: (mark: Mark) => void): void {
    const { bytes, sentAtMs, upTo, ownUpTo } = packet;
    if (packet.fate === 'arrived') return;
    if (arrivedAtMs !== 'sometime' && !this.#plausibility.allows(feedback, arrivedAtMs, sentAtMs)) return;
    if (packet.fate === 'lost') this.slots.found(sentAtMs, bytes);
    packet.fate = 'arrived';
    this.#newestToldMs = Math.max(this.#newestToldMs ?? sentAtMs, sentAtMs);
    if (packet.resent || arrivedAtMs === 'sometime') {
      this.slots.arrivedSometime(sentAtMs, bytes);
      return;
    }
    const queueMs = this.#base.take(arrivedAtMs - sentAtMs, feedback.atMs, this.isBusy);
    const mark = { sentAtMs, queueMs, upTo, ownUpTo };
    this.slots.arrived(mark, bytes);
    onMark(mark);
  }

  /** What is missing is lost when a packet that left much later has come, or when the next report misses it too. */
  #settle(missing: InFlight[]): void {
    const newest = this.#newestToldMs;
    if (newest === undefined) return;
    const isOld = ({ sentAtMs }: InFlight) => sentAtMs < newest - REORDER_MS;
    for (const packet of [...this.#missing, ...missing]) {
      if (packet.fate !== 'unknown' || !isOld(packet)) continue;
      packet.fate = 'lost';
      this.slots.lost(packet.sentAtMs, packet.bytes);
    }
    this.#missing = missing.filter((packet) => packet.fate === 'unknown');
  }
}

/** Slots that are known whole: all that left before what these legs have told of. */
export function lastWholeSlot(horizonMs: number): number {
  return slotAt(horizonMs) - 1;
}
