/** What the plan of a room could make of one peer's uplink: more than this nobody needs to know of it. */
import type { PeerId, StreamInfo } from '../../machines/messages.ts';
import type { Demand } from '../../machines/uplink/contract.ts';
import { type Member, othersOf, selfOf, type View, wantsStream } from '../../machines/view.ts';

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
  { id, streams }: Member,
  receivers: readonly Member[],
  counts: (stream: StreamInfo) => boolean = () => true,
) {
  return receivers.reduce((sum, receiver) => {
    const best = new Map<string, number>();
    for (const stream of streams) {
      if (!counts(stream) || !wantsStream(receiver, id, stream)) continue;
      const key = stream.group === null ? `stream ${stream.name}` : `group ${stream.group}`;
      best.set(key, Math.max(best.get(key) ?? 0, stream.maxBps));
    }
    return sum + [...best.values()].reduce((all, bps) => all + bps, 0);
  }, 0);
}
