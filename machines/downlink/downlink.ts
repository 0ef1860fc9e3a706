/**
 * What the downlink of a peer carries, found from when members' reports come and from how much comes. When a packet was sent a receiver
 * does not know; but reports tell when they were written, and those of all members come through the one line: what the least of them waits
 * is its queue. While it has one, what comes is what it carries. It takes what happened and answers what may be asked for; it has no
 * clock, no luck and no socket.
 *
 * What one member says can make its own reports look late, and no others: for a full line it takes all that report but one, two at least.
 * With one alone it can't be told from a full uplink, and that one's sender gives way by itself.
 *
 * A busy computer is no full line: all reports seem late to a process that runs late itself, so that what it runs late is none of the queue.
 */
import type { PeerId } from '../messages.ts';
import { Calm } from '../uplink/calm.ts';
import { LEAST_BPS } from '../uplink/capacity.ts';
import { LineRate } from '../uplink/line-rate.ts';
import { knownReadings, type Reading, sharedQueueOf } from '../uplink/shared-queue.ts';
import { USED } from '../uplink/used.ts';
import type { Came, DownlinkDemand, DownlinkState, Written } from './contract.ts';
import { DownlinkLimit } from './limit.ts';
import { Way } from './way.ts';

/** Less is jitter, or a line nearly in full use: each packet waits for another now and then. */
const WAITING_MS = 12;
/** A queue that must be acted on. */
const FULL_MS = 25;
/** Fewer ways, or fewer of those that report, do not tell the line from them: each waits while its member's own line is full. */
const FEWEST_WAYS = 2;
const FEWEST_SHARE = 0.5;
/** More than a room has members. */
const MOST_WAYS = 256;
/** Who has not reported for so long is forgotten. */
const WAY_GONE_MS = 10_000;
const SHORT_RATE_MS = 250;
const LONG_RATE_MS = 1000;
/** Of what it carries, while something waits: a quarter of a second of it has left in one second more. */
const DRAINING = 0.8;
/** What comes waits for us as well, where we are late ourselves: so long after we were, what waited may still be among what is judged. */
const LATE_COUNTS_MS = 1000;
/** A queue that stays though we ask for less is none: we are in another network, and all ways are longer. */
const LONGER_MS = 10_000;

export class Downlink {
  readonly #ways = new Map<PeerId, Way>();
  readonly #rate = new LineRate();
  readonly #limit = new DownlinkLimit();
  readonly #calm = new Calm();
  #demand: DownlinkDemand;
  #queueMs = 0;
  #isLimited = false;
  #late: { readonly atMs: number; readonly lateMs: number }[] = [];

  constructor(demand: DownlinkDemand) {
    this.#demand = demand;
  }

  /** What the room could make of it has changed. */
  wants(demand: DownlinkDemand): void {
    this.#demand = demand;
  }

  came(packets: readonly Came[]): void {
    for (const { bytes, atMs } of packets) this.#rate.add(bytes, atMs);
  }

  written(report: Written): void {
    const way = this.#ways.get(report.from) ?? this.#newWay(report.from);
    way?.came(report);
  }

  /**
   * Judges what has come since the last time. To be called ten times a second.
   *
   * @param lateMs how much later this is than it should be: a busy computer reads late what has come in time
   */
  wake(nowMs: number, lateMs = 0): DownlinkState {
    this.#late = [...this.#late.filter(({ atMs }) => nowMs - atMs < LATE_COUNTS_MS), { atMs: nowMs, lateMs }];
    for (const [peer, way] of this.#ways) if (nowMs - way.lastMs > WAY_GONE_MS) this.#ways.delete(peer);
    const readings = this.#readings(nowMs);
    const canTell = readings.length >= Math.max(FEWEST_WAYS, FEWEST_SHARE * this.#ways.size);
    const { queueMs, clean } = sharedQueueOf(readings);
    const waitedForUsMs = Math.max(...this.#late.map((late) => late.lateMs));
    this.#queueMs = canTell ? Math.max(0, queueMs - waitedForUsMs) : 0;
    const isWaiting = this.#queueMs >= WAITING_MS;
    for (const { leg } of readings) {
      const way = this.#ways.get(leg);
      if (way !== undefined) way.isBusy = isWaiting || !clean.has(leg);
    }
    const isStep = canTell && this.#follow(isWaiting, nowMs);
    this.#publish(isStep, nowMs);
    return {
      capacityBps: this.#limit.carriesBps,
      publishedBps: this.#isLimited ? this.#calm.bps : undefined,
      queueMs: this.#queueMs,
      isFull: this.#queueMs >= FULL_MS,
    };
  }

  #follow(isWaiting: boolean, nowMs: number): boolean {
    const cameBps = { short: this.#rate.bps(nowMs, SHORT_RATE_MS), long: this.#rate.bps(nowMs, LONG_RATE_MS) };
    const isFull = this.#queueMs >= FULL_MS;
    const isStep = this.#limit.take({ isWaiting, isFull, cameBps, isLimited: this.#isLimited }, nowMs);
    if (this.#limit.fullForMs(nowMs) > LONGER_MS) for (const way of this.#ways.values()) way.forget();
    return isStep;
  }

  #readings(nowMs: number): readonly Reading[] {
    const all = [...this.#ways].flatMap(([leg, way]) => {
      const queueMs = way.leastQueueMs(nowMs);
      return queueMs === undefined ? [] : [{ leg, queueMs, way }];
    });
    return knownReadings(all, WAITING_MS);
  }

  #publish(isStep: boolean, nowMs: number): void {
    const { carriesBps } = this.#limit;
    if (carriesBps === undefined) return;
    const { wantBps, audioBps } = this.#demand;
    const share = this.#limit.isFull ? DRAINING : USED;
    this.#calm.take(Math.max(audioBps, LEAST_BPS, share * carriesBps), nowMs, isStep);
    this.#isLimited = (this.#calm.bps ?? wantBps) < wantBps;
  }

  #newWay(peer: PeerId): Way | undefined {
    if (this.#ways.size >= MOST_WAYS) return undefined;
    const way = new Way();
    this.#ways.set(peer, way);
    return way;
  }
}
