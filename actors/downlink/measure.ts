/** Wires the downlink's controller to one peer: whose reports pass its line, and what the room could make of it. */
import { isLoopback } from '../../infra/network/scope.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';
import { DownlinkDemandWatch } from './demand.ts';
import { MeasuredDownlink, type MeasuredDownlinkOptions } from './measured-downlink.ts';

export interface MeasureDownlinkOptions extends Pick<MeasuredDownlinkOptions, 'clock' | 'readCame' | 'onLimit'> {
  /** Whom the transport's table names now. */
  readonly members: () => readonly Pick<AddressedMember, 'peer' | 'address'>[];
  /** Whether an address is this machine's, other than of loopback. */
  readonly isOwn: (host: string) => boolean;
  readonly view: () => View | undefined;
}

export function measureDownlink({ members, isOwn, view, ...rest }: MeasureDownlinkOptions): MeasuredDownlink {
  const demand = new DownlinkDemandWatch();
  const here = new HereWatch(members, isOwn);
  return new MeasuredDownlink({
    ...rest,
    demand: () => demand.of(view()),
    passesLine: (peer) => !here.has(peer),
  });
}

/** Who is on this machine, found anew where the members are others. */
class HereWatch {
  readonly #members: MeasureDownlinkOptions['members'];
  readonly #isOwn: MeasureDownlinkOptions['isOwn'];
  #known: ReturnType<MeasureDownlinkOptions['members']> = [];
  #here: ReadonlySet<PeerId> = new Set();

  constructor(members: MeasureDownlinkOptions['members'], isOwn: MeasureDownlinkOptions['isOwn']) {
    this.#members = members;
    this.#isOwn = isOwn;
  }

  has(peer: PeerId): boolean {
    const members = this.#members();
    if (members !== this.#known) {
      const here = members.filter(({ address }) => address !== null && this.#isHere(address.host));
      this.#here = new Set(here.map(({ peer: of }) => of));
      this.#known = members;
    }
    return this.#here.has(peer);
  }

  #isHere(host: string): boolean {
    return isLoopback(host) || this.#isOwn(host);
  }
}

/** @returns the lower one of what we were told and what the line has shown, in bit/s; null: no matter */
export function downloadOf(toldBps: number | null, seenBps: number | null): number | null {
  if (toldBps === null || seenBps === null) return toldBps ?? seenBps;
  return Math.min(toldBps, seenBps);
}
