/** Wires the uplink's controller to one peer: whom it can ask, what its plan could use, and what its profile then says. */
import type { PacketPath } from '../../infra/path/contract.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { View } from '../../machines/view.ts';
import { type AddressedTable, placesOf } from '../media/addressed-table.ts';
import { type ProbeChoice, probeDemand } from '../uplink-report/agreed.ts';
import { DemandWatch } from './demand.ts';
import { MeasuredUplink, type MeasuredUplinkOptions } from './measured-uplink.ts';
import { bpsTo } from './near.ts';
import { type ToldUpload, toldAsMeasured, toldAtFirst, type UploadChoice } from './upload.ts';

type MeasuredPath = Pick<PacketPath, 'sendPadding' | 'sentBytes' | 'sentTo' | 'setPace'>;
type Table = Pick<AddressedTable, 'members' | 'own' | 'relayed'>;

export interface MeasureOptions extends Pick<MeasuredUplinkOptions, 'clock' | 'ssrc' | 'readSent'> {
  readonly path: MeasuredPath;
  /** The transport's, as it is now. */
  readonly table: () => Table;
  /** Whether an address is this machine's, other than of loopback. */
  readonly isOwn: (host: string) => boolean;
  readonly view: () => View | undefined;
  /** The same object as long as it is the same. */
  readonly choice: () => UploadChoice;
  /** Left out: what the plan could use is looked for. */
  readonly probes?: ProbeChoice | undefined;
  readonly onUpload: (told: ToldUpload) => void;
  readonly onNarrow: MeasuredUplinkOptions['onNarrow'];
}

export function measureUplink(options: MeasureOptions): MeasuredUplink {
  const { clock, path, isOwn, ssrc, table, view, readSent, choice, probes, onUpload, onNarrow } = options;
  const watch = new DemandWatch(isOwn);
  return new MeasuredUplink({
    ...{ clock, ssrc, readSent, onNarrow },
    path: lineOf(path, () => placesNear(table(), watch.near)),
    placeOf: (peer) => table().members.find((member) => member.peer === peer)?.address ?? undefined,
    passesLine: (peer) => !watch.near.has(peer),
    line: () => watch.line,
    demand: () =>
      probes === undefined ? watch.of(view(), table().members, choice()) : probeDemand(view(), table().members, probes),
    // A figure is for all that leaves.
    nearBps: () => (choice().uploadBps === null ? bpsTo(table(), watch.near) : 0),
    onBudget: ({ line, nearBps }) =>
      onUpload(line === null ? toldAtFirst(choice(), true, nearBps) : toldAsMeasured(line, nearBps, choice())),
  });
}

function placesNear(table: Table, near: ReadonlySet<PeerId>) {
  return near.size === 0 ? [] : placesOf(table, [...near]);
}

/** The path as the line sees it: what goes to these places does not pass. */
function lineOf(path: MeasuredPath, near: () => ReturnType<typeof placesOf>): MeasuredUplinkOptions['path'] {
  return {
    get sentBytes() {
      return near().reduce((bytes, place) => bytes - path.sentTo(place), path.sentBytes);
    },
    sendPadding: (...args) => path.sendPadding(...args),
    setPace: (bps) => path.setPace(bps),
  };
}
