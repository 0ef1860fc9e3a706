/**
 * What a dead relay swallowed, and its sending again: whoever was served through it gets the packets after its last
 * report, along the first new way that stands. Pure.
 */
import type { PeerId, StreamName } from '../messages.ts';
import { mapStreams, pathsOf, type StreamPaths } from './own-streams.ts';
import { type Paths, unionOf } from './paths.ts';

/** Slices of a stream that a receiver may lack from this extended sequence number on. */
export interface Swallowed {
  readonly stream: StreamName;
  readonly receiver: PeerId;
  readonly slices: number;
  readonly afterSequence: number;
  /** They were sent again through this relay, which had not granted it: where it does not, they are lacking still. */
  readonly presuming?: PeerId;
  /** It is there and withholds them: what leads through it is no way. */
  readonly avoiding?: PeerId;
  /** The receiver is the relay that fell silent: once it is heard again, nobody else waits for its copy. */
  readonly isRelay?: true;
}

/** Packets of a stream to send again to a first hop. */
export interface Resend {
  readonly stream: StreamName;
  readonly hop: PeerId;
  readonly slices: number;
  readonly afterSequence: number;
  /** Before what is new: there is somebody who can show nothing new without them. */
  readonly isAhead: boolean;
}

/**
 * What these paths lose with this relay. The relay's own copy too: until it is heard again nothing is sent to it, and if it
 * only stood still for a moment, it lacks what was sent meanwhile.
 *
 * @param acknowledged how far the relay has come with a stream; undefined: nothing was expected of it
 */
export function swallowedBy(
  relay: PeerId,
  streams: StreamPaths,
  acknowledged: (stream: StreamName) => number | undefined,
): Swallowed[] {
  return [...streams].flatMap(([stream, paths]) => {
    const afterSequence = acknowledged(stream);
    if (afterSequence === undefined) return [];
    return [...paths].flatMap(([receiver, ways]) => {
      const isRelay = receiver === relay;
      const slices = isRelay ? unionOf(ways) : (ways.get(relay) ?? 0);
      return slices === 0 ? [] : [{ stream, receiver, slices, afterSequence, ...(isRelay ? { isRelay } : {}) }];
    });
  });
}

/** The paths without a dead peer, as a way and as a receiver. */
export function withoutPeer(streams: StreamPaths, peer: PeerId): StreamPaths {
  return mapStreams(streams, (paths) => pathsWithout(paths, peer));
}

function pathsWithout(paths: Paths, peer: PeerId): Paths {
  const rest = new Map<PeerId, ReadonlyMap<PeerId | null, number>>();
  for (const [receiver, ways] of paths) {
    if (receiver === peer) continue;
    rest.set(receiver, new Map([...ways].filter(([via]) => via !== peer)));
  }
  return rest;
}

/**
 * What of the swallowed can be sent again along these paths, one order a stream and first hop, and what may be needed again: it has no
 * way yet, or one that a relay has not granted.
 *
 * @param presumed relays that are used before they have answered
 */
export function recover(
  swallowed: readonly Swallowed[],
  streams: StreamPaths,
  presumed: ReadonlySet<PeerId> = new Set(),
): { readonly resends: readonly Resend[]; readonly rest: readonly Swallowed[] } {
  const resends = new Map<string, Resend>();
  const rest: Swallowed[] = [];
  for (const lost of swallowed) {
    const { presuming, ...unsent } = lost;
    const { stream, receiver, avoiding } = lost;
    let missing = lost.slices;
    for (const [via, slices] of pathsOf(streams, stream).get(receiver) ?? []) {
      const found = slices & missing;
      if (found === 0 || (via !== null && via === avoiding)) continue;
      missing &= ~found;
      // All who get the stream through another relay would get it twice; it asks that relay for what it misses.
      if (lost.isRelay && via !== null) continue;
      if (via !== null && presumed.has(via)) rest.push({ ...unsent, slices: found, presuming: via });
      if (via !== null && via === presuming) continue;
      const hop = via ?? receiver;
      const before = resends.get(`${stream} ${hop}`);
      resends.set(`${stream} ${hop}`, {
        stream,
        hop,
        slices: found | (before?.slices ?? 0),
        afterSequence: Math.min(lost.afterSequence, before?.afterSequence ?? lost.afterSequence),
        isAhead: lost.isRelay !== true || before?.isAhead === true,
      });
    }
    if (missing !== 0) rest.push({ ...unsent, slices: missing });
  }
  return { resends: [...resends.values()], rest };
}
