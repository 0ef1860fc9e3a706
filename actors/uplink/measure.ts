/** Wires the uplink's controller to one peer: whom it can ask, what its plan could use, and what its profile then says. */
import { USED } from '../../machines/uplink/used.ts';
import type { View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';
import { DemandWatch } from './demand.ts';
import { MeasuredUplink, type MeasuredUplinkOptions } from './measured-uplink.ts';

/** What a profile says of an uplink, in bit/s of UDP payload. */
export interface ToldUpload {
  readonly uploadBps: number;
  readonly usableBps: number;
  readonly lendBps: number;
}

export interface MeasureOptions extends Pick<MeasuredUplinkOptions, 'clock' | 'path' | 'ssrc' | 'readSent'> {
  /** Whom the transport's table names now. */
  readonly members: () => readonly Pick<AddressedMember, 'peer' | 'address' | 'compatible'>[];
  readonly view: () => View | undefined;
  /** What others may have of it at most, bit/s. */
  readonly lendBps: number;
  /** `--headroom`, as a share. */
  readonly headroom: number;
  readonly onUpload: (told: ToldUpload) => void;
}

export function measureUplink(options: MeasureOptions): MeasuredUplink {
  const { clock, path, ssrc, members, view, readSent, lendBps, headroom, onUpload } = options;
  const demand = new DemandWatch(lendBps);
  return new MeasuredUplink({
    ...{ clock, path, ssrc, readSent },
    placeOf: (peer) => members().find((member) => member.peer === peer)?.address ?? undefined,
    demand: () => demand.of(view(), members()),
    onBudget: (bps) =>
      // A budget leaves some of the line free already: `--headroom` takes only what it wants beyond that.
      onUpload({ uploadBps: bps, usableBps: bps * Math.min(1, headroom / USED), lendBps: Math.min(bps, lendBps) }),
  });
}
