/**
 * A peer that measures its uplink by its real parts, prober and feedback among them, in a process whose timers are late, behind a line
 * of a known rate. Its sources send pictures: lumps, each with what the room was told last.
 */
import { Feedback } from '../../../actors/media/feedback/feedback.ts';
import { MeasuredUplink } from '../../../actors/uplink/measured-uplink.ts';
import { PAYLOAD_SHARE } from '../../../actors/uplink/prober.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { Pace } from '../../../infra/path/pace/pace.ts';
import type { Demand, UplinkState } from '../../../machines/uplink/contract.ts';
import { VirtualClock } from '../../simulation/world/clock.ts';
import { Random } from '../../simulation/world/random.ts';
import { quantile } from '../house.ts';
import { Line, type LineShape } from '../line.ts';
import { EventLoop } from './event-loop.ts';
import { type Datagram, ModelPath } from './model-path.ts';

const DELAY_MS = 40;
const PAYLOAD = 1200;
const PICTURE_MS = 33;
/** How often the line is looked at. */
export const LOOK_MS = 10;
/** RTCP and checks of pairs, to each receiver: on the line, and no packets of RTP. */
const OTHER_MS = 100;
const OTHER_BYTES = 80;
const PACER_MS = 2;

export interface WiredShape extends LineShape {
  readonly receivers?: number;
  /** To so many of them media go, if not to all. */
  readonly shownTo?: number;
  readonly wantBps?: number;
  /** Its sources send nothing below this, and no more than that. */
  readonly leastBps?: number;
  readonly mostBps?: number;
  readonly capBps?: number;
  /** What media has that no plan counts, as a share of it: seals. */
  readonly unplanned?: number;
  /** Of what comes back, as a share. */
  readonly feedbackLoss?: number;
}

interface Look {
  readonly atMs: number;
  readonly queueMs: number;
  readonly estimateBps: number;
}

interface Receiver {
  readonly id: string;
  readonly place: Endpoint;
  readonly loop: EventLoop;
  readonly path: ModelPath;
  readonly feedback: Feedback;
}

/** A time of day that is the same in each run: reports round it. */
const unixMs = (nowMs: number) => 1_700_000_000_000 + nowMs;

const HOME: Endpoint = { host: '192.0.2.1', port: 1 };

export class WiredHouse {
  readonly clock = new VirtualClock();
  readonly line: Line;
  readonly looks: Look[] = [];
  readonly uplink: MeasuredUplink;
  publishedBps: number;
  dropped = 0;
  readonly #shape: WiredShape;
  readonly #random: Random;
  readonly #loop: EventLoop;
  readonly #path: ModelPath;
  readonly #pace = new Pace();
  readonly #receivers: readonly Receiver[];
  readonly #waiting: Endpoint[] = [];
  readonly #sequences = new Map<Endpoint, number>();
  readonly #feedback: Feedback;
  #owedBytes = 0;

  constructor(shape: WiredShape, seed = 1) {
    this.#shape = shape;
    this.publishedBps = PAYLOAD_SHARE * (shape.capBps ?? 0);
    this.line = new Line(shape);
    this.#random = new Random(seed);
    this.#loop = new EventLoop(this.clock, this.#random.fork('sender'));
    this.#path = new ModelPath(this.#loop, (datagram) => this.#leaves(datagram));
    this.#receivers = Array.from({ length: shape.receivers ?? 3 }, (_, index) => this.#receiver(index));
    const demand: Demand = {
      legs: this.#receivers.map(({ id }) => id),
      ...{ wantBps: shape.wantBps ?? 200e6, audioBps: 0, capBps: shape.capBps },
    };
    const feedback = new Feedback({
      ...{ path: this.#path, clock: this.#loop, ssrc: () => 1, unixMs },
      uplink: { sent: (packets) => this.uplink.sent(packets), reported: (report) => this.uplink.reported(report) },
    });
    this.uplink = new MeasuredUplink({
      ...{
        ssrc: 1,
        clock: this.#loop,
        path: this.#path,
        demand: () => demand,
        passesLine: () => true,
        line: () => 0,
        nearBps: () => 0,
        readSent: () => this.#feedback.catchUp(),
      },
      placeOf: (peer) => this.#receivers.find(({ id }) => id === peer)?.place,
      onNarrow: () => undefined,
      onBudget: ({ line }) => {
        this.publishedBps = line?.bps ?? PAYLOAD_SHARE * (shape.capBps ?? 0);
      },
    });
    feedback.follow({
      members: this.#receivers.map(({ id, place }) => ({ peer: id, address: place, from: [place], compatible: true })),
      paceBps: 0,
    });
    this.#feedback = feedback;
    this.uplink.start();
    this.#show();
    this.#pacePackets();
    this.#talk();
    this.#look();
  }

  get state(): UplinkState {
    return this.uplink.state;
  }

  run(ms: number): void {
    this.clock.runUntil(this.clock.now() + ms);
  }

  get firstAtMs(): number {
    return this.looks.find(({ estimateBps }) => estimateBps > 0)?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** How far from the line the middle of half a second before this moment is, as a share of it. */
  errorAt(atMs: number): number {
    const near = this.looks.filter((look) => look.atMs <= atMs && look.atMs > atMs - 500);
    return (
      quantile(
        near.map(({ estimateBps }) => estimateBps),
        0.5,
      ) /
        this.line.bps -
      1
    );
  }

  queueP95(fromMs: number): number {
    return quantile(
      this.looks.filter(({ atMs }) => atMs >= fromMs).map(({ queueMs }) => queueMs),
      0.95,
    );
  }

  /** From when on the estimate is within so much of the line, in ms after `fromMs`. */
  followedAfter(fromMs: number, within: number): number {
    const look = this.looks.find(
      ({ atMs, estimateBps }) => atMs > fromMs && Math.abs(estimateBps / this.line.bps - 1) <= within,
    );
    return (look?.atMs ?? Number.POSITIVE_INFINITY) - fromMs;
  }

  #receiver(index: number): Receiver {
    const loop = new EventLoop(this.clock, this.#random.fork(`receiver ${index}`));
    const place = { host: '192.0.2.2', port: 2 + index };
    const id = `${index}`;
    const path = new ModelPath(loop, ({ rtcp }) => {
      if (rtcp === undefined || this.#random.chance(this.#shape.feedbackLoss ?? 0)) return;
      this.clock.setTimeout(() => this.#loop.whenFree(() => this.#feedback.take(id, rtcp)), DELAY_MS);
    });
    const feedback = new Feedback({ path, clock: loop, ssrc: () => 2 + index, unixMs });
    feedback.follow({ members: [{ peer: 'A', address: HOME, from: [HOME], compatible: true }], paceBps: 20e6 });
    return { id, place, loop, path, feedback };
  }

  #leaves({ to, bytes, rtp }: Datagram): void {
    const waitMs = this.line.take(bytes, this.clock.now());
    const receiver = this.#receivers.find(({ place }) => place === to);
    if (waitMs === undefined) this.dropped += 1;
    if (waitMs === undefined || receiver === undefined || rtp === undefined) return;
    const { loop, path } = receiver;
    this.clock.setTimeout(() => loop.whenFree(() => path.arrived(HOME, rtp, bytes)), waitMs + DELAY_MS);
  }

  /** A picture to each receiver, of so many packets as the room's plan leaves it. */
  #show(): void {
    const { leastBps = 0, mostBps = Number.POSITIVE_INFINITY, unplanned = 0 } = this.#shape;
    const bps = (1 + unplanned) * Math.min(mostBps, this.publishedBps);
    if (bps >= leastBps) this.#owedBytes += (bps * PICTURE_MS) / 8000;
    const places = this.#receivers.slice(0, this.#shape.shownTo).map(({ place }) => place);
    const packets = Math.floor(this.#owedBytes / (PAYLOAD * places.length));
    this.#owedBytes -= packets * PAYLOAD * places.length;
    for (let index = 0; index < packets; index += 1) this.#waiting.push(...places);
    this.#loop.after(PICTURE_MS, () => this.#show());
  }

  #pacePackets(): void {
    this.#pace.rateBps = this.#path.paceBps;
    while (this.#waiting.length > 0 && this.#pace.waitMs(this.#loop.now()) <= 0) {
      const place = this.#waiting.shift() ?? HOME;
      const sequence = this.#sequences.get(place) ?? 0;
      this.#sequences.set(place, (sequence + 1) & 0xffff);
      this.#path.sendRtp(7, sequence, PAYLOAD, place);
      this.#pace.spend(PAYLOAD, this.#loop.now());
    }
    this.#loop.after(PACER_MS, () => this.#pacePackets());
  }

  #talk(): void {
    for (const { place } of this.#receivers) this.#path.sendTo(new Uint8Array(OTHER_BYTES), place);
    this.#loop.after(OTHER_MS, () => this.#talk());
  }

  #look(): void {
    const atMs = this.clock.now();
    this.looks.push({ atMs, queueMs: this.line.queueMs(atMs), estimateBps: this.state.capacityBps ?? 0 });
    this.clock.setTimeout(() => this.#look(), LOOK_MS);
  }
}
