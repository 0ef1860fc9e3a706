/**
 * Gives the downlink's controller its senses: it hears what comes and when members' reports were written, and the room is told at most
 * what the line carries.
 */

import type { Came, DownlinkDemand, DownlinkState, Written } from '../../machines/downlink/contract.ts';
import { Downlink } from '../../machines/downlink/downlink.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { Clock } from '../clock.ts';
import type { DownlinkListener } from '../media/feedback/feedback.ts';
import { runAfter } from '../run-after.ts';
import { PAYLOAD_SHARE } from '../uplink/prober.ts';

/** How often it judges, in ms. */
const WAKE_MS = 100;

export interface MeasuredDownlinkOptions {
  readonly clock: Clock;
  /** The same object as long as it is the same. */
  readonly demand: () => DownlinkDemand;
  /** Whether what comes from a member passes our line: what stays on this machine does not. */
  readonly passesLine: (peer: PeerId) => boolean;
  /** Hands over what has come by now. */
  readonly readCame: () => void;
  /** What may be asked for from now on, in bit/s of UDP payload; null: all that is wanted. */
  readonly onLimit: (bps: number | null) => void;
}

export class MeasuredDownlink implements DownlinkListener {
  readonly #options: MeasuredDownlinkOptions;
  readonly #downlink: Downlink;
  #state: DownlinkState;
  #demand: DownlinkDemand;
  #publishedBps: number | undefined;
  #endWait: (() => void) | undefined;

  constructor(options: MeasuredDownlinkOptions) {
    this.#options = options;
    this.#demand = options.demand();
    this.#downlink = new Downlink(this.#demand);
    this.#state = this.#downlink.wake(options.clock.now());
  }

  start(): void {
    this.#endWait = runAfter(this.#options.clock, WAKE_MS, (lateMs) => this.#wake(lateMs));
  }

  stop(): void {
    this.#endWait?.();
    this.#endWait = undefined;
  }

  /** What is known of the downlink. */
  get state(): DownlinkState {
    return this.#state;
  }

  readonly isFull = (): boolean => this.#state.isFull;

  readonly came = (packets: readonly Came[]): void => {
    const { passesLine } = this.#options;
    this.#downlink.came(packets.filter(({ from }) => from === undefined || passesLine(from)));
  };

  readonly written = (report: Written): void => {
    if (this.#options.passesLine(report.from)) this.#downlink.written(report);
  };

  #wake(lateMs: number): void {
    const { clock, demand, readCame, onLimit } = this.#options;
    this.start();
    const wanted = demand();
    if (wanted !== this.#demand) this.#downlink.wants(wanted);
    this.#demand = wanted;
    readCame();
    this.#state = this.#downlink.wake(clock.now(), lateMs);
    const { publishedBps } = this.#state;
    if (publishedBps === this.#publishedBps) return;
    this.#publishedBps = publishedBps;
    onLimit(publishedBps === undefined ? null : Math.floor(PAYLOAD_SHARE * publishedBps));
  }
}
