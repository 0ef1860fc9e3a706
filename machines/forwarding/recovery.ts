/**
 * What a dead relay swallowed, and its sending again: whoever was served through it gets the packets after its last
 * report, along the first new way that stands. Pure.
 */
import type { PeerId } from '../messages.ts';
import { type Paths, unionOf } from '../paths.ts';

/** Slices that a receiver may lack from this extended sequence number on. */
export interface Swallowed {
  readonly receiver: PeerId;
  readonly slices: number;
  readonly afterSequence: number;
}

/** Packets to send again to a first hop. */
export interface Resend {
  readonly hop: PeerId;
  readonly slices: number;
  readonly afterSequence: number;
}

/**
 * What these paths lose with this relay. The relay's own copy too: until it is heard again nothing is sent to it, and if it
 * only stood still for a moment, it lacks what was sent meanwhile.
 */
export function swallowedBy(relay: PeerId, paths: Paths, afterSequence: number): Swallowed[] {
  const lost: Swallowed[] = [];
  for (const [receiver, ways] of paths) {
    const slices = receiver === relay ? unionOf(ways) : (ways.get(relay) ?? 0);
    if (slices !== 0) lost.push({ receiver, slices, afterSequence });
  }
  return lost;
}

/** The paths without a dead peer, as a way and as a receiver. */
export function withoutPeer(paths: Paths, peer: PeerId): Paths {
  const rest = new Map<PeerId, ReadonlyMap<PeerId | null, number>>();
  for (const [receiver, ways] of paths) {
    if (receiver === peer) continue;
    rest.set(receiver, new Map([...ways].filter(([via]) => via !== peer)));
  }
  return rest;
}

/** What of the swallowed can be sent again along these paths, one order a first hop, and what still has no way. */
export function recover(
  swallowed: readonly Swallowed[],
  paths: Paths,
): { readonly resends: readonly Resend[]; readonly rest: readonly Swallowed[] } {
  const resends = new Map<PeerId, Resend>();
  const rest: Swallowed[] = [];
  for (const lost of swallowed) {
    let missing = lost.slices;
    for (const [via, slices] of paths.get(lost.receiver) ?? []) {
      const found = slices & missing;
      if (found === 0) continue;
      missing &= ~found;
      const hop = via ?? lost.receiver;
      const before = resends.get(hop);
      resends.set(hop, {
        hop,
        slices: found | (before?.slices ?? 0),
        afterSequence: Math.min(lost.afterSequence, before?.afterSequence ?? lost.afterSequence),
      });
    }
    if (missing !== 0) rest.push({ ...lost, slices: missing });
  }
  return { resends: [...resends.values()], rest };
}
