/** What the plan of a room could make of one peer's uplink: more than this nobody needs to know of it. */

import { isServed } from '../../machines/in-the-clear.ts';
import type { PeerId, StreamInfo } from '../../machines/messages.ts';
import type { Demand } from '../../machines/uplink/contract.ts';
import { changesRoom, type Member, othersOf, selfOf, type View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';

type Members = readonly Pick<AddressedMember, 'peer' | 'compatible' | 'address'>[];

/** Rates are of media: with headers, resends and reports it is so much on the wire. */
const ON_WIRE = 1.1;

/**
 * @param lendBps what others may have of it at most
 * @param legs whom something can be sent to
 */
export function demandOf(view: View, lendBps: number, legs: readonly PeerId[]): Demand {
  const self = selfOf(view);
  const others = othersOf(view);
  const ownBps = sendsAtMost(self, others);
  const shortBps = others.reduce((sum, member) => {
    const receivers = [self, ...others.filter((other) => other !== member)];
    return sum + Math.max(0, sendsAtMost(member, receivers) - member.usableBps);
  }, 0);
  return {
    legs,
    wantBps: ON_WIRE * (ownBps + Math.min(lendBps, shortBps)),
    audioBps: ON_WIRE * sendsAtMost(self, others, ({ media }) => media === 'audio'),
    capBps: undefined,
  };
}

/** What a member would send to its receivers itself, each stream at its best and of layers the highest one. */
function sendsAtMost(
  owner: Member,
  receivers: readonly Member[],
  counts: (stream: StreamInfo) => boolean = () => true,
) {
  return receivers.reduce((sum, receiver) => {
    const best = new Map<string, number>();
    for (const stream of owner.streams) {
      if (!counts(stream) || !isServed(owner, stream, receiver)) continue;
      const key = stream.group === null ? `stream ${stream.name}` : `group ${stream.group}`;
      best.set(key, Math.max(best.get(key) ?? 0, stream.maxBps));
    }
    return sum + [...best.values()].reduce((all, bps) => all + bps, 0);
  }, 0);
}

/** The demand as long as room and ways are the same: to count it anew takes 10 ms in a room of 250. */
export class DemandWatch {
  readonly #lendBps: number;
  #view: View | undefined;
  #members: Members | undefined;
  #demand: Demand = { legs: [], wantBps: 0, audioBps: 0, capBps: undefined };

  constructor(lendBps: number) {
    this.#lendBps = lendBps;
  }

  /** @param members whom a way may lead to */
  of(view: View | undefined, members: Members): Demand {
    const before = this.#view;
    this.#view = view;
    if (view === undefined || (members === this.#members && before !== undefined && !changesRoom(before, view)))
      return this.#demand;
    this.#members = members;
    const legs = members.filter(({ compatible, address }) => compatible && address !== null);
    this.#demand = demandOf(
      view,
      this.#lendBps,
      legs.map(({ peer }) => peer),
    );
    return this.#demand;
  }
}
