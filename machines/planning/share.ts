/** How one stream is sent: how many copies of each slice its owner sends, and how many relays forward. Numbers, not names. */
import { SLICE_COUNT } from '../slices.ts';
import type { Tree } from './reach/tree.ts';
import { type Room, receives, sum } from './room.ts';

/** What one relay forwards of one stream. */
export interface Fan {
  readonly relay: number;
  /** By slice: to how many receivers. */
  readonly legs: readonly number[];
}

/** How one stream is sent. */
export interface Share {
  readonly receivers: number;
  /** By slice: how many copies the owner itself sends, those to relays included. */
  readonly direct: readonly number[];
  readonly fans: readonly Fan[];
  /** By slice, where not everybody reaches everybody: who sends to whom. */
  readonly trees?: readonly Tree[];
}

/** Whether any receiver gets slices of the stream on different paths. */
export function isSplit({ direct, fans }: Pick<Share, 'direct' | 'fans'>): boolean {
  return [direct, ...fans.map((fan) => fan.legs)].some((counts) => counts.some((count) => count !== counts[0]));
}

/** What shares cost, by peer index, bit/s. */
export interface Loads {
  /** What each sends of its own streams. */
  readonly own: readonly number[];
  /** What each forwards for others. */
  readonly forwarded: readonly number[];
}

export function loadsOf(room: Room, rates: readonly number[], shares: readonly Share[]): Loads {
  const forwarded = room.peers.map(() => 0);
  const own = room.peers.map(() => 0);
  for (const [stream, share] of shares.entries()) {
    const rate = rates[stream] ?? 0;
    for (const { relay, legs } of share.fans) {
      forwarded[relay] = (forwarded[relay] ?? 0) + (sum(legs) * rate) / SLICE_COUNT;
    }
    const owner = room.streams[stream]?.owner ?? 0;
    own[owner] = (own[owner] ?? 0) + ownLoad(room, stream, share, rate);
  }
  return { own, forwarded };
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

/** What a stream costs its owner, bit/s. A relay that does not want it needs a copy that serves nobody. */
export function ownLoad(room: Room, stream: number, share: Share, rate: number): number {
  let copies = sum(share.direct);
  for (const { relay, legs } of share.fans) {
    if (!receives(room, relay, stream)) copies += legs.filter((count) => count > 0).length;
  }
  return (copies * rate) / SLICE_COUNT;
}
