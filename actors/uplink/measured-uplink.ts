/**
 * Gives the uplink's controller its senses and its hands: it hears what leaves and what members say has come, and what it answers is
 * done at once: packets leave at its pace, padding goes out when it wants to know more, and the room is told what the uplink carries.
 */
import type { Endpoint, PacketPath } from '../../infra/path/contract.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { Demand, Feedback, Sent, UplinkState } from '../../machines/uplink/contract.ts';
import { Uplink } from '../../machines/uplink/uplink.ts';
import type { Clock } from '../clock.ts';
import type { UplinkListener } from '../media/feedback/feedback.ts';
import { PAYLOAD_SHARE, Prober } from './prober.ts';

/** It is asked no more often than this, but for what members report. In ms. */
const LEAST_WAKE_MS = 5;
/** Padding and media that leave together wait for nobody. */
const PROBE_PACE = 1.2;

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
  /** Hands over what has left by now. */
  readonly readSent: () => void;
  /** What plans may count on from now on, in bit/s of UDP payload; undefined: what was told of it is believed. */
  readonly onBudget: (bps: number | undefined) => void;
}

export class MeasuredUplink implements UplinkListener {
  readonly #options: MeasuredUplinkOptions;
  readonly #uplink: Uplink;
  readonly #prober: Prober;
  #state: UplinkState;
  #demand: Demand;
  #publishedBps: number | undefined;
  #endWait: (() => void) | undefined;
  #endOver: (() => void) | undefined;

  constructor(options: MeasuredUplinkOptions) {
    this.#options = options;
    const { clock, path, placeOf, ssrc } = options;
    this.#demand = options.demand();
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
    if (demand !== this.#demand) this.#uplink.wants(demand);
    this.#demand = demand;
  }

  #wake(): void {
    const { clock, path, readSent, onBudget } = this.#options;
    this.#hearDemand();
    readSent();
    const nowMs = clock.now();
    const state = this.#uplink.wake(nowMs);
    this.#state = state;
    path.setPace(PAYLOAD_SHARE * Math.max(state.paceBps, PROBE_PACE * (state.probe?.bps ?? 0)));
    this.#prober.follow(state.probe);
    this.#endWait?.();
    this.#endWait = clock.after(Math.max(LEAST_WAKE_MS, state.wakeAtMs - nowMs), () => this.#wake());
    const publishedBps = state.isToldBelieved ? undefined : state.publishedBps;
    if (publishedBps === this.#publishedBps) return;
    this.#publishedBps = publishedBps;
    onBudget(publishedBps === undefined ? undefined : Math.floor(PAYLOAD_SHARE * publishedBps));
  }
}
