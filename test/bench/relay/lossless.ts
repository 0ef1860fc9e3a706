/** The search for the highest rate that a forwarder passes on without loss. */

import type { Forwarder } from './forwarders/variants.ts';
import { paceAt, paceOf, RECEIVERS } from './loads.ts';
import { isSent, receiversFault, senderFault } from './measurement.ts';
import type { Traffic } from './traffic.ts';

/** Somewhat more than passes under saturation is where the search begins. */
const ABOVE_SATURATION = 1.5;
/** Each halves the range: to within 1 % of its beginning. */
export const HALVINGS = 7;
const TRIAL_MS = 400;
/** A trial counts as lossless if not more than this is missing: other programs on the machine pause us. */
const LOSSLESS_SHARE = 1e-4;
/** Failed trials of a rate before it counts as too high. */
const TRIALS = 3;

export class RateSearch {
  readonly #forwarder: Forwarder;
  readonly #traffic: Traffic;
  #passed = 0;
  #failed: number;
  /** Of the lowest rate that failed: what stood in the way, if it was not the forwarder. */
  #fault: string | null = null;

  constructor(forwarder: Forwarder, traffic: Traffic) {
    this.#forwarder = forwarder;
    this.#traffic = traffic;
    const { arrived, elapsedMs } = traffic.run(forwarder.port, paceOf('saturation'), TRIAL_MS);
    this.#failed = (ABOVE_SATURATION * 1000 * arrived) / RECEIVERS / elapsedMs;
  }

  halve(): void {
    const rate = (this.#passed + this.#failed) / 2;
    let fault: string | null = null;
    for (let trial = 0; trial < TRIALS; trial++) {
      const passage = this.#traffic.run(this.#forwarder.port, paceAt(rate), TRIAL_MS);
      fault = senderFault(passage) ?? receiversFault(passage);
      // Bursts that come late come closer together: who passes on those would have passed on the others.
      if (isSent(passage) && passage.arrived >= (1 - LOSSLESS_SHARE) * passage.sent * RECEIVERS) {
        this.#passed = rate;
        return;
      }
    }
    this.#failed = rate;
    this.#fault = fault;
  }

  /** Packets a second, all receivers together; with a fault it passes at least so many. */
  get result(): { readonly pps: number; readonly fault: string | null } {
    return { pps: Math.round(this.#passed * RECEIVERS), fault: this.#fault };
  }
}
