/** The far end of a leg: the way there, what arrives at its end, and what is told of it in reports as RFC 8888 has them. */
import type { Feedback, Heard, Sent } from '../../machines/uplink/contract.ts';
import type { VirtualClock } from '../simulation/world/clock.ts';
import type { Random } from '../simulation/world/random.ts';
import { Line } from './line.ts';

export interface Way {
  readonly delayMs?: number;
  /** Of what goes there, as a share. */
  readonly loss?: number;
  /** Each packet is late by up to so much, and may overtake others. */
  readonly jitterMs?: number;
  /** Delays change so seldom, in ms, all packets between two changes are as late, and none overtakes another. Left out: with each packet. */
  readonly jittersEveryMs?: number;
  /** Ways of one are late alike: what is before them all does it, as a radio link of the sender's. */
  readonly air?: Air;
  /** Its last hop. */
  readonly narrowBps?: number;
  /** The receiver's clock goes wrong by so many parts in a million. */
  readonly skewPpm?: number;
  /** Reports that do not come back, as a share. */
  readonly feedbackLoss?: number;
  readonly feedbackMs?: number;
  /** What becomes of a report of a receiver that lies. */
  readonly lie?: (report: Feedback) => readonly Feedback[];
}

export interface Air {
  lateMs: number;
  untilMs: number;
}

/** Numbers that a report tells of again, since they may have come since. */
const TOLD_AGAIN = 32;
const NARROW_MS = 300;

interface Coming {
  readonly sent: Sent;
  readonly atMs: number;
}

interface Stream {
  highest: number;
  toldUpTo: number;
  readonly arrivals: Map<number, number>;
}

export class Receiver {
  readonly #leg: string;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #report: (report: Feedback) => void;
  readonly #narrow: Line | undefined;
  readonly #streams = new Map<number, Stream>();
  #way: Way;
  #coming: Coming[] = [];
  #clockStepMs = 0;
  readonly #ownAir: Air = { lateMs: 0, untilMs: 0 };
  isDead = false;
  delivered = 0;

  constructor(leg: string, way: Way, clock: VirtualClock, random: Random, report: (report: Feedback) => void) {
    this.#leg = leg;
    this.#way = way;
    this.#clock = clock;
    this.#random = random;
    this.#report = report;
    if (way.narrowBps !== undefined) this.#narrow = new Line({ bps: way.narrowBps, bufferMs: NARROW_MS });
    clock.setTimeout(() => this.#tell(), random.between(0, this.#intervalMs));
  }

  get #intervalMs(): number {
    return this.#way.feedbackMs ?? 50;
  }

  becomes(way: Way): void {
    this.#way = { ...this.#way, ...way };
  }

  setsClock(stepMs: number): void {
    this.#clockStepMs += stepMs;
  }

  /** A packet has left the sender's line at this moment. @returns whether it will arrive */
  send(sent: Sent, atMs: number): boolean {
    const { delayMs = 20, jitterMs = 0, loss = 0 } = this.#way;
    if (this.isDead || this.#random.chance(loss)) return false;
    const onLastHopMs = atMs + delayMs / 2;
    const waitMs = this.#narrow?.take(sent.bytes, onLastHopMs) ?? (this.#narrow === undefined ? 0 : undefined);
    if (waitMs === undefined) return false;
    const comesAtMs = onLastHopMs + waitMs + delayMs / 2 + this.#lateMs(jitterMs, atMs);
    this.#coming.push({ sent, atMs: comesAtMs });
    return true;
  }

  #lateMs(jitterMs: number, nowMs: number): number {
    const { jittersEveryMs = 0, air = this.#ownAir } = this.#way;
    if (jitterMs === 0) return 0;
    if (nowMs >= air.untilMs) {
      air.lateMs = this.#random.between(0, jitterMs);
      air.untilMs = nowMs + jittersEveryMs;
    }
    return air.lateMs;
  }

  #tell(): void {
    this.#clock.setTimeout(() => this.#tell(), this.#intervalMs);
    const nowMs = this.#clock.now();
    this.#take(nowMs);
    const packets = [...this.#streams].flatMap(([ssrc, stream]) => toldOf(ssrc, stream));
    const { delayMs = 20, feedbackLoss = 0, lie } = this.#way;
    if (packets.length === 0 || this.isDead || this.#random.chance(feedbackLoss)) return;
    const report = { leg: this.#leg, atMs: nowMs + delayMs, reportedAtMs: this.#ownTime(nowMs), packets };
    this.#clock.setTimeout(() => {
      for (const told of lie === undefined ? [report] : lie(report)) this.#report(told);
    }, delayMs);
  }

  #take(nowMs: number): void {
    const later: Coming[] = [];
    for (const coming of this.#coming) {
      if (coming.atMs > nowMs) later.push(coming);
      else this.#arrived(coming.sent, coming.atMs);
    }
    this.#coming = later;
  }

  #arrived({ ssrc, seq, bytes }: Sent, atMs: number): void {
    let stream = this.#streams.get(ssrc);
    if (stream === undefined) {
      stream = { highest: seq, toldUpTo: seq - 1, arrivals: new Map() };
      this.#streams.set(ssrc, stream);
    }
    stream.highest = Math.max(stream.highest, seq);
    stream.arrivals.set(seq, this.#ownTime(atMs));
    this.delivered += bytes;
  }

  /** In steps of the stamps of RFC 8888, 1/1024 s. */
  #ownTime(atMs: number): number {
    const own = 5_000_000 + atMs * (1 + (this.#way.skewPpm ?? 0) / 1e6) + this.#clockStepMs;
    return (Math.round((own * 1024) / 1000) * 1000) / 1024;
  }
}

function toldOf(ssrc: number, stream: Stream): Heard[] {
  const { highest, toldUpTo, arrivals } = stream;
  if (highest === toldUpTo) return [];
  const packets: Heard[] = [];
  for (let seq = Math.max(0, toldUpTo + 1 - TOLD_AGAIN); seq <= highest; seq += 1)
    packets.push({ ssrc, seq, arrivedAtMs: arrivals.get(seq) });
  for (const seq of arrivals.keys()) if (seq < highest - TOLD_AGAIN) arrivals.delete(seq);
  stream.toldUpTo = highest;
  return packets;
}
