/** Wires the uplink's controller to one peer: whom it can ask, what its plan could use, and what its profile then says. */
import type { View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';
import { DemandWatch } from './demand.ts';
import { MeasuredUplink, type MeasuredUplinkOptions } from './measured-uplink.ts';
import { type ToldUpload, toldAsMeasured, toldAtFirst, type UploadChoice } from './upload.ts';

export interface MeasureOptions extends Pick<MeasuredUplinkOptions, 'clock' | 'path' | 'ssrc' | 'readSent'> {
  /** Whom the transport's table names now. */
  readonly members: () => readonly Pick<AddressedMember, 'peer' | 'address' | 'compatible'>[];
  readonly view: () => View | undefined;
  /** The same object as long as it is the same. */
  readonly choice: () => UploadChoice;
  readonly onUpload: (told: ToldUpload) => void;
}

export function measureUplink(options: MeasureOptions): MeasuredUplink {
  const { clock, path, ssrc, members, view, readSent, choice, onUpload } = options;
  const demand = new DemandWatch();
  return new MeasuredUplink({
    ...{ clock, path, ssrc, readSent },
    placeOf: (peer) => members().find((member) => member.peer === peer)?.address ?? undefined,
    demand: () => demand.of(view(), members(), choice()),
    onBudget: (bps) => onUpload(bps === undefined ? toldAtFirst(choice(), true) : toldAsMeasured(bps, choice())),
  });
}
