/** What shares cost their sources and relays, bit/s. */
import { SLICE_COUNT } from '../slices.ts';
import { type Room, wantsSource } from './room.ts';
import type { Share } from './share.ts';

export interface Loads {
  /** By peer index: what each sends of its own source. */
  readonly own: readonly number[];
  /** By peer index: what each forwards for others. */
  readonly forwarded: readonly number[];
}

export function loadsOf(room: Room, rates: readonly number[], shares: readonly Share[]): Loads {
  const forwarded = room.peers.map(() => 0);
  const own = shares.map((share, source) => {
    const rate = rates[source] ?? 0;
    for (const { relay, legs } of share.fans) {
      forwarded[relay] = (forwarded[relay] ?? 0) + (sum(legs) * rate) / SLICE_COUNT;
    }
    return ownLoad(room, source, share, rate);
  });
  return { own, forwarded };
}

/** A relay that does not watch needs a copy that serves nobody. */
export function ownLoad(room: Room, source: number, share: Share, rate: number): number {
  let copies = sum(share.direct);
  for (const { relay, legs } of share.fans) {
    if (!wantsSource(room, relay, source)) copies += legs.filter((count) => count > 0).length;
  }
  return (copies * rate) / SLICE_COUNT;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
