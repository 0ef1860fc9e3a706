/**
 * Gives the uplink's controller its senses and its hands: it hears what leaves and what members say has come, and what it answers is
 * done at once: packets leave at its pace, padding goes out when it wants to know more, and the room is told what the uplink carries.
 */
import type { Endpoint, PacketPath } from '../../infra/path/contract.ts';
import { type LinePart, MAX_NARROW, type NarrowLeg, type PeerId } from '../../machines/messages.ts';
import { sameData } from '../../machines/same-data.ts';
import { Calm } from '../../machines/uplink/calm.ts';
import type { Demand, Feedback, LegCap, Sent, UplinkState } from '../../machines/uplink/contract.ts';
import { Uplink } from '../../machines/uplink/uplink.ts';
import type { Clock } from '../clock.ts';
import type { UplinkListener } from '../media/feedback/feedback.ts';
import { PAYLOAD_SHARE, Prober } from './prober.ts';

/** It is asked no more often than this, but for what members report. In ms. */
const LEAST_WAKE_MS = 5;

/** What plans may count on from now on, in bit/s of UDP payload. */
export interface LineBudget {
  /** Of the line; null where what was told of it is believed. */
  readonly line: LinePart | null;
  /** Beside it, for members that are reached without it. */
  readonly nearBps: number;
}

export interface MeasuredUplinkOptions {
  readonly clock: Clock;
  /** Of padding: no stream has it. */
  readonly ssrc: number;
  readonly path: Pick<PacketPath, 'sendPadding' | 'sentBytes' | 'setPace'>;
  readonly placeOf: (peer: PeerId) => Endpoint | undefined;
  /** Whom packets go to and what the plan could use; the same object as long as that is the same. */
  readonly demand: () => Demand;
  /** Whether what goes to a member tells of the line. */
  readonly passesLine: (peer: PeerId) => boolean;
  /** Another number: what was measured until now was no line. */
  readonly line: () => number;
  /** What is to go to members without passing the line, in bit/s of UDP payload. */
  readonly nearBps: () => number;
  /** Hands over what has left by now. */
  readonly readSent: () => void;
  readonly onBudget: (budget: LineBudget) => void;
  /** The legs that carry less than their share from now on, likewise; the slowest ones where there are many. */
  readonly onNarrow: (legs: readonly NarrowLeg[]) => void;
}

export class MeasuredUplink implements UplinkListener {
  readonly #options: MeasuredUplinkOptions;
  #uplink: Uplink;
  readonly #prober: Prober;
  #state: UplinkState;
  #demand: Demand;
  #line: number;
  readonly #near = new Calm();
  #published: LineBudget = { line: null, nearBps: 0 };
  #narrow: readonly NarrowLeg[] = [];
  #endWait: (() => void) | undefined;
  #endOver: (() => void) | undefined;

  constructor(options: MeasuredUplinkOptions) {
    this.#options = options;
    const { clock, path, placeOf, ssrc } = options;
    this.#demand = options.demand();
    this.#line = options.line();
    this.#uplink = new Uplink(this.#demand);
    // Not in the turn in which it sent: the answer may be the next order.
    const onOver = () => {
      this.#endOver = clock.after(0, () => this.#probed());
    };
    this.#prober = new Prober({ clock, path, placeOf, ssrc, onOver });
    this.#state = this.#uplink.wake(clock.now());
  }

  /** From now on it may send. */
  start(): void {
    this.#wake();
  }

  /** What is known of the uplink. */
  get state(): UplinkState {
    return this.#state;
  }

  readonly sent = (packets: readonly Sent[]): void => {
    this.#uplink.sent(packets.filter(({ leg }) => this.#options.passesLine(leg)));
  };

  readonly reported = (report: Feedback): void => {
    this.#uplink.reported(report);
    if (this.#endWait !== undefined) this.#wake();
  };

  stop(): void {
    this.#endWait?.();
    this.#endWait = undefined;
    this.#endOver?.();
    this.#prober.stop();
  }

  #probed(): void {
    this.#options.readSent();
    this.#uplink.probed();
    this.#wake();
  }

  #hearDemand(): void {
    const demand = this.#options.demand();
    const line = this.#options.line();
    if (line !== this.#line) {
      this.#uplink = new Uplink(demand);
      this.#prober.forget();
    } else if (demand !== this.#demand) this.#uplink.wants(demand);
    [this.#demand, this.#line] = [demand, line];
  }

  #wake(): void {
    const { clock, path, readSent } = this.#options;
    this.#hearDemand();
    readSent();
    const nowMs = clock.now();
    const state = this.#uplink.wake(nowMs);
    this.#state = state;
    const nearBps = this.#options.nearBps();
    this.#near.take(nearBps, nowMs);
    // Media that waits may leave with a probe, as part of it: any faster, and it would wait in the router's queue instead.
    path.setPace(nearBps + PAYLOAD_SHARE * Math.max(state.paceBps, state.probe?.bps ?? 0));
    this.#prober.follow(state.probe);
    this.#endWait?.();
    this.#endWait = clock.after(Math.max(LEAST_WAKE_MS, state.wakeAtMs - nowMs), () => this.#wake());
    this.#tellNarrow(state.caps);
    this.#tellBudget(state, this.#near.bps ?? 0);
  }

  #tellBudget({ isToldBelieved, publishedBps, isShort }: UplinkState, nearBps: number): void {
    const isKnown = !isToldBelieved && publishedBps !== undefined;
    const line = isKnown ? { bps: Math.floor(PAYLOAD_SHARE * publishedBps), isShort } : null;
    const budget = { line, nearBps: Math.floor(nearBps) };
    if (sameData(budget, this.#published)) return;
    this.#published = budget;
    this.#options.onBudget(budget);
  }

  /** A leg that says nothing is not narrow: others find out whether it is there at all. */
  #tellNarrow(caps: readonly LegCap[]): void {
    if (caps.length + this.#narrow.length === 0) return;
    const legs = caps
      .filter(({ why }) => why === 'queue')
      .map(({ leg: peer, publishedBps }) => ({ peer, bps: Math.floor(PAYLOAD_SHARE * publishedBps) }))
      .sort((a, b) => a.bps - b.bps)
      .slice(0, MAX_NARROW);
    if (sameData(legs, this.#narrow)) return;
    this.#narrow = legs;
    this.#options.onNarrow(legs);
  }
}
