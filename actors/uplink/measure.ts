/** Wires the uplink's controller to one peer: whom it can ask, what its plan could use, and what its profile then says. */
import type { View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';
import { type ProbeChoice, probeDemand } from '../uplink-report/agreed.ts';
import { DemandWatch } from './demand.ts';
import { MeasuredUplink, type MeasuredUplinkOptions } from './measured-uplink.ts';
import { type ToldUpload, toldAsMeasured, toldAtFirst, type UploadChoice } from './upload.ts';

export interface MeasureOptions extends Pick<MeasuredUplinkOptions, 'clock' | 'path' | 'ssrc' | 'readSent'> {
  /** Whom the transport's table names now. */
  readonly members: () => readonly Pick<AddressedMember, 'peer' | 'address' | 'compatible'>[];
  /** Whether an address is this machine's, other than of loopback. */
  readonly isOwn: (host: string) => boolean;
  readonly view: () => View | undefined;
  /** The same object as long as it is the same. */
  readonly choice: () => UploadChoice;
  /** Left out: what the plan could use is looked for. */
  readonly probes?: ProbeChoice | undefined;
  readonly onUpload: (told: ToldUpload) => void;
}

export function measureUplink(options: MeasureOptions): MeasuredUplink {
  const { clock, path, isOwn, ssrc, members, view, readSent, choice, probes, onUpload } = options;
  const demand = new DemandWatch(isOwn);
  return new MeasuredUplink({
    ...{ clock, path, ssrc, readSent },
    placeOf: (peer) => members().find((member) => member.peer === peer)?.address ?? undefined,
    passesLine: (peer) => demand.passesLine(peer),
    demand: () =>
      probes === undefined ? demand.of(view(), members(), choice()) : probeDemand(view(), members(), probes),
    onBudget: (bps) => onUpload(bps === undefined ? toldAtFirst(choice(), true) : toldAsMeasured(bps, choice())),
  });
}
