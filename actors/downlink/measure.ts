/** Wires the downlink's controller to one peer: whose reports pass its line, and what the room could make of it. */
import type { View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';
import { NearWatch } from '../uplink/near.ts';
import { DownlinkDemandWatch } from './demand.ts';
import { MeasuredDownlink, type MeasuredDownlinkOptions } from './measured-downlink.ts';

export interface MeasureDownlinkOptions extends Pick<MeasuredDownlinkOptions, 'clock' | 'readCame' | 'onLimit'> {
  /** Whom the transport's table names now. */
  readonly members: () => readonly Pick<AddressedMember, 'peer' | 'compatible' | 'address'>[];
  /** Whether an address is this machine's, other than of loopback. */
  readonly isOwn: (host: string) => boolean;
  readonly view: () => View | undefined;
}

export function measureDownlink({ members, isOwn, view, ...rest }: MeasureDownlinkOptions): MeasuredDownlink {
  const demand = new DownlinkDemandWatch();
  const watch = new NearWatch(isOwn);
  return new MeasuredDownlink({
    ...rest,
    demand: () => demand.of(view()),
    // Where all are in one network that is all that there is. What stays on this machine is no network.
    passesLine: (peer) => {
      const { here, near, isAll } = watch.of(members());
      return !(isAll ? here : near).has(peer);
    },
  });
}

/** @returns the lower one of what we were told and what the line has shown, in bit/s; null: no matter */
export function downloadOf(toldBps: number | null, seenBps: number | null): number | null {
  if (toldBps === null || seenBps === null) return toldBps ?? seenBps;
  return Math.min(toldBps, seenBps);
}
