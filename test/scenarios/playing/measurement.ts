/** Counts what is delivered over a stretch of time, in windows that the receivers' memory can hold. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PeerId } from '../../../machines/messages.ts';
import { type Dilation, REAL_TIME } from '../../network/dilation/dilation.ts';
import {
  deliveriesIn,
  joinDeliveries,
  type PairDelivery,
  type Snapshot,
  type StreamWindow,
  windowsBetween,
} from '../judging/delivery.ts';
import type { Question } from './script.ts';

/** Receivers remember 32,768 sequence numbers of a source; packets go on coming while we ask. */
const WINDOW_PACKETS = 15_000;
/** How often it is looked whether a window is full, in ms. */
const LOOK_MS = 500;
/** How long packets that are on their way get to arrive, and how often it is looked whether they have, in ms. */
const FLIGHT_MS = 1_000;
const FLIGHT_LOOK_MS = 20;

/** Who is asked: everybody who is in the call. */
export interface Respondents {
  ask(question?: Question): Promise<Snapshot>;
  /** Whether a receiver wants anything of a source; left out: everybody all. */
  readonly wants?: (receiver: PeerId, source: PeerId) => boolean;
  /** How time passes for them; left out: as it does. */
  readonly dilation?: Dilation;
}

/** From its start until {@link finish}; every packet of the sources that are there falls into exactly one window. */
export class Measurement {
  readonly #room: Respondents;
  #since: Snapshot;
  #deliveries: readonly PairDelivery[] = [];

  private constructor(room: Respondents, since: Snapshot) {
    this.#room = room;
    this.#since = since;
  }

  static async start(room: Respondents): Promise<Measurement> {
    return new Measurement(room, await room.ask());
  }

  /** Lets the time pass. */
  async run(ms: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + ms;
    for (let rest = ms; rest > 0; rest = end - performance.now()) {
      await delay(Math.min(rest, LOOK_MS), undefined, { signal });
      if (rest > LOOK_MS) await this.#closeWindow(await this.#room.ask(), WINDOW_PACKETS);
    }
  }

  /** Ends the last window now; resolves when its packets have arrived or had the time to. */
  async finish(): Promise<readonly PairDelivery[]> {
    await this.#closeWindow(await this.#room.ask(), 0);
    return this.#deliveries;
  }

  async #closeWindow(until: Snapshot, leastPackets: number): Promise<void> {
    const windows = windowsBetween(this.#since, until);
    if (Math.max(0, ...windows.map(({ from, to }) => to - from)) < leastPackets) return;
    this.#since = until;
    this.#deliveries = joinDeliveries(this.#deliveries, await this.#count(windows));
  }

  async #count(windows: readonly StreamWindow[]): Promise<PairDelivery[]> {
    const { dilation = REAL_TIME } = this.#room;
    const deadline = dilation.nowMs() + FLIGHT_MS;
    for (;;) {
      const deliveries = deliveriesIn(windows, await this.#room.ask({ windows }), this.#room.wants);
      if (deliveries.every(({ lost }) => lost === 0) || dilation.nowMs() > deadline) return deliveries;
      await delay(FLIGHT_LOOK_MS);
    }
  }
}
