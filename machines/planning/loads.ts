/** What shares cost their sources and relays, bit/s. */
import { SLICE_COUNT } from '../slices.ts';
import { type Room, wantsSource } from './room.ts';
import type { Share } from './share.ts';
import { sum } from './sum.ts';

export interface Loads {
  /** By peer index: what each sends of its own source. */
  readonly own: readonly number[];
  /** By peer index: what each forwards for others. */
  readonly forwarded: readonly number[];
}

/** What is left at every peer, by index, bit/s; less than nothing where too much is planned. */
export interface UploadLeft {
  readonly usable: number[];
  /** Of what the peer lends. */
  readonly lent: number[];
}

export function leftOf(room: Room, rates: readonly number[], shares: readonly Share[]): UploadLeft {
  const { own, forwarded } = loadsOf(room, rates, shares);
  return {
    usable: room.peers.map(({ usableBps }, index) => usableBps - (own[index] ?? 0) - (forwarded[index] ?? 0)),
    lent: room.peers.map(({ lendBps }, index) => lendBps - (forwarded[index] ?? 0)),
  };
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
