/** What the room could make of one peer's downlink: a limit above that is none. */
import type { DownlinkDemand } from '../../machines/downlink/contract.ts';
import { changesRoom, othersOf, selfOf, type View } from '../../machines/view.ts';
import { ON_WIRE, sendsAtMost } from '../uplink/demand.ts';

const NOTHING: DownlinkDemand = { wantBps: 0, audioBps: 0 };

function downlinkDemandOf(view: View): DownlinkDemand {
  const self = selfOf(view);
  const others = othersOf(view);
  return {
    wantBps: ON_WIRE * others.reduce((sum, member) => sum + sendsAtMost(member, [self]), 0),
    audioBps:
      ON_WIRE * others.reduce((sum, member) => sum + sendsAtMost(member, [self], ({ media }) => media === 'audio'), 0),
  };
}

/** The demand as long as the room is the same. */
export class DownlinkDemandWatch {
  #view: View | undefined;
  #demand = NOTHING;

  of(view: View | undefined): DownlinkDemand {
    const before = this.#view;
    this.#view = view;
    if (view === before || view === undefined) return this.#demand;
    if (before === undefined || changesRoom(before, view)) this.#demand = downlinkDemandOf(view);
    return this.#demand;
  }
}
