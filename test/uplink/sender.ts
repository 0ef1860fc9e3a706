/** A peer that sends at its budget: media to its legs in turn, audio whatever happens, padding where the controller asks for it. */
import type { LinePart } from '../../machines/messages.ts';
import type { Feedback, Sent, UplinkState } from '../../machines/uplink/contract.ts';
import { Uplink } from '../../machines/uplink/uplink.ts';
import type { VirtualClock } from '../simulation/world/clock.ts';
import type { Random } from '../simulation/world/random.ts';
import type { Line } from './line.ts';
import { Receiver, type Way } from './receiver.ts';

export interface SenderShape {
  readonly ways: readonly Way[];
  /** What its sources would send if they could. */
  readonly demandBps: number;
  readonly capBps?: number;
  /** Its sources send what they want, whatever the budget is. */
  readonly ignoresBudget?: boolean;
  /** Streams of 24 kbit/s, one to each leg, that no pacer holds back. */
  readonly hasAudio?: boolean;
  /** Its pictures are of one rate: with less than this nothing is sent. */
  readonly leastBps?: number;
}

const PACKET_BYTES = 1200;
const AUDIO_BYTES = 60;
const AUDIO_MS = 20;
const AUDIO_BPS = (8000 * AUDIO_BYTES) / AUDIO_MS;
const [MEDIA, PADDING, AUDIO] = [1, 2, 3];
/** Nothing to send: look again. */
const IDLE_MS = 2;

export class Sender {
  readonly uplink: Uplink;
  readonly receivers: readonly Receiver[];
  state: UplinkState;
  demandBps: number;
  /** Bytes of media and audio that went into the line, and what was dropped there. */
  sentBytes = 0;
  paddingBytes = 0;
  dropped = 0;
  offered = 0;
  audioDropped = 0;
  readonly #clock: VirtualClock;
  readonly #line: Line;
  readonly #shape: SenderShape;
  readonly #legs: readonly string[];
  readonly #numbers = new Map<string, number>();
  /** By leg: when its share of what has been sent would be over. */
  readonly #turns: number[];
  /** By leg: what of media goes there. */
  #shares: readonly number[];
  #mediaDueMs = 0;
  #paddingTurn = 0;
  #capBps: number | undefined;
  #theirs: readonly LinePart[] | undefined;
  #untold: Sent[] = [];
  #wakeAtMs = 0;

  constructor(shape: SenderShape, line: Line, clock: VirtualClock, random: Random, name = '') {
    this.#shape = shape;
    this.#capBps = shape.capBps;
    this.#line = line;
    this.#clock = clock;
    this.demandBps = shape.demandBps;
    this.#legs = shape.ways.map((_, index) => `${name}${index}`);
    this.#turns = this.#legs.map(() => 0);
    this.uplink = new Uplink(this.#demand);
    this.receivers = shape.ways.map(
      (way, index) =>
        new Receiver(this.#legs[index] ?? '', way, clock, random.fork(`${name}way${index}`), (report) =>
          this.#told(report),
        ),
    );
    this.state = this.uplink.wake(clock.now());
    this.#shares = this.#shareOut();
    this.#send();
    this.#keepAwake();
    if (shape.hasAudio === true) this.#speak();
  }

  /** Bytes that have arrived at all its receivers. */
  get delivered(): number {
    return this.receivers.reduce((sum, { delivered }) => sum + delivered, 0);
  }

  wants(demandBps: number): void {
    this.demandBps = demandBps;
    this.uplink.wants(this.#demand);
    this.#shares = this.#shareOut();
  }

  /** Another figure than before. */
  tells(capBps: number): void {
    this.#capBps = capBps;
    this.uplink.wants(this.#demand);
  }

  /** What others behind the same router say that they have of its line. */
  hears(theirs: readonly LinePart[]): void {
    this.#theirs = theirs;
    this.uplink.wants(this.#demand);
  }

  get #demand() {
    return {
      theirs: this.#theirs,
      legs: this.#legs,
      wantBps: this.demandBps,
      audioBps: this.#audioBps,
      capBps: this.#capBps,
    };
  }

  get #audioBps(): number {
    return this.#shape.hasAudio === true ? this.#legs.length * AUDIO_BPS : 0;
  }

  #shareOut(): number[] {
    const budgetBps = this.#shape.ignoresBudget === true ? Number.POSITIVE_INFINITY : this.state.budgetBps;
    let leftBps = Math.max(0, Math.min(this.demandBps, budgetBps) - this.#audioBps);
    if (leftBps < (this.#shape.leastBps ?? 0)) leftBps = 0;
    const caps = new Map(this.state.caps.map(({ leg, capBps }) => [leg, capBps]));
    const capOf = (index: number) => caps.get(this.#legs[index] ?? '') ?? Number.POSITIVE_INFINITY;
    const shares = this.#legs.map(() => 0);
    const lowestFirst = this.#legs.map((_, index) => index).sort((a, b) => capOf(a) - capOf(b));
    lowestFirst.forEach((index, done) => {
      const share = Math.min(leftBps / (lowestFirst.length - done), capOf(index));
      shares[index] = share;
      leftBps -= share;
    });
    return shares;
  }

  /** One packet, of media if its time has come, else of padding; and when the next one is due. */
  #send(): void {
    const nowMs = this.#clock.now();
    const shares = this.#shares;
    const mediaBps = shares.reduce((sum, share) => sum + share, 0);
    const { probe } = this.state;
    const padsBps = probe !== undefined && probe.bps > mediaBps ? probe.bps : 0;
    const bps = Math.max(mediaBps, padsBps);
    if (nowMs >= this.#mediaDueMs && mediaBps > 0) {
      this.#mediaDueMs = Math.max(this.#mediaDueMs, nowMs - 10) + (8000 * PACKET_BYTES) / mediaBps;
      this.#put(this.#nextLeg(shares), MEDIA, PACKET_BYTES);
    } else if (padsBps > 0 && probe !== undefined) {
      this.#paddingTurn += 1;
      const leg = probe.legs[this.#paddingTurn % probe.legs.length] ?? '';
      this.#put(this.#legs.indexOf(leg), PADDING, PACKET_BYTES);
    }
    const nextMs = bps > 0 ? (8000 * PACKET_BYTES) / bps : IDLE_MS;
    this.#clock.setTimeout(
      () => this.#send(),
      padsBps > 0 ? nextMs : Math.min(nextMs, Math.max(0.1, this.#mediaDueMs - nowMs)),
    );
  }

  #nextLeg(shares: readonly number[]): number {
    let next = 0;
    for (let index = 1; index < this.#turns.length; index += 1)
      if ((this.#turns[index] ?? 0) < (this.#turns[next] ?? 0)) next = index;
    const newest = Math.max(...this.#turns);
    this.#turns[next] = Math.max(this.#turns[next] ?? 0, newest - 1e6) + 1e9 / Math.max(1, shares[next] ?? 1);
    return next;
  }

  #speak(): void {
    this.#clock.setTimeout(() => this.#speak(), AUDIO_MS);
    this.#legs.forEach((_, index) => {
      if (!this.#put(index, AUDIO, AUDIO_BYTES)) this.audioDropped += 1;
    });
  }

  #put(index: number, kind: number, bytes: number): boolean {
    const nowMs = this.#clock.now();
    const leg = this.#legs[index] ?? '';
    const seq = this.#numbers.get(`${kind} ${leg}`) ?? 0;
    this.#numbers.set(`${kind} ${leg}`, seq + 1);
    const sent = { leg, ssrc: kind, seq, bytes, sentAtMs: nowMs, resent: false };
    this.#untold.push(sent);
    if (kind === PADDING) this.paddingBytes += bytes;
    else this.sentBytes += bytes;
    this.offered += 1;
    const waitMs = this.#line.take(bytes, nowMs);
    if (waitMs === undefined) this.dropped += 1;
    else this.receivers[index]?.send(sent, nowMs + waitMs);
    const isProbeOver = this.state.probe !== undefined && this.#isProbed();
    if (isProbeOver) this.#wake();
    return waitMs !== undefined;
  }

  #probedFrom = 0;
  #probedId = 0;
  /** Whether what the probe asked for has left. */
  #isProbed(): boolean {
    const { probe } = this.state;
    const upTo = this.sentBytes + this.paddingBytes;
    if (probe !== undefined && probe.id !== this.#probedId) [this.#probedId, this.#probedFrom] = [probe.id, upTo];
    return probe !== undefined && upTo - this.#probedFrom >= probe.bytes;
  }

  #told(report: Feedback): void {
    this.#hand();
    this.uplink.reported(report);
    this.#wake();
  }

  #hand(): void {
    this.uplink.sent(this.#untold);
    this.#untold = [];
  }

  #wake(): void {
    this.#hand();
    this.state = this.uplink.wake(this.#clock.now());
    this.#shares = this.#shareOut();
    this.#wakeAtMs = this.state.wakeAtMs;
  }

  #keepAwake(): void {
    if (this.#clock.now() >= this.#wakeAtMs) this.#wake();
    this.#clock.setTimeout(() => this.#keepAwake(), Math.max(1, this.#wakeAtMs - this.#clock.now()));
  }
}
