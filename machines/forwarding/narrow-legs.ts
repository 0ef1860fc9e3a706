/**
 * What of the video leaves on a leg that carries too little: until the plan goes round it, and where nothing leads round it, each packet
 * too many would wait there, and make audio wait. Whole streams only: part of a picture is none. Pure.
 */
import type { NarrowLeg, PeerId } from '../messages.ts';
import type { RelayedRoute, SentStream } from '../ports.ts';
import { sliceBps, slicesOf } from '../slices.ts';

/** Sums of sixteenths of rates differ in the last bits by their order. */
const ROUNDING = 1e-9;

export interface Leaving {
  readonly own: readonly SentStream[];
  readonly relayed: readonly RelayedRoute[];
}

/** A stream on one leg. */
interface Passing {
  readonly ssrc: number;
  readonly bps: number;
  readonly isAudio: boolean;
  /** It serves others behind the leg: it is the last to go. */
  readonly isForOthers: boolean;
}

/**
 * The same without what does not fit these legs; audio stays whatever it takes.
 *
 * @param forOthers whether a hop of an own stream is one to a relay
 */
export function withinNarrowLegs(
  leaving: Leaving,
  narrow: readonly NarrowLeg[],
  forOthers: (ssrc: number, peer: PeerId) => boolean,
): Leaving {
  return narrow.reduce((left, leg) => withoutSsrcs(left, leg.peer, tooMuchOn(leg, left, forOthers)), leaving);
}

function tooMuchOn(
  { peer, bps }: NarrowLeg,
  { own, relayed }: Leaving,
  forOthers: (ssrc: number, peer: PeerId) => boolean,
) {
  const passing: Passing[] = [
    ...own.flatMap(({ ssrc, media, rateBps, hops }) =>
      hops
        .filter((hop) => hop.peer === peer)
        .map(({ slices }) => ({
          ...{ ssrc, isAudio: media === 'audio', bps: sliceBps(slices, rateBps) },
          isForOthers: forOthers(ssrc, peer),
        })),
    ),
    ...relayed.flatMap((route) =>
      route.legs
        .filter(({ receiver }) => receiver === peer)
        .map(({ slices }) => ({
          ...{ ssrc: route.ssrc, isAudio: route.media === 'audio', isForOthers: false },
          bps: shareOf(route, slices),
        })),
    ),
  ];
  passing.sort((a, b) => rankOf(a) - rankOf(b) || a.bps - b.bps || a.ssrc - b.ssrc);
  let spentBps = 0;
  const over = new Set<number>();
  for (const { ssrc, bps: ofStream, isAudio } of passing) {
    if (isAudio || spentBps + ofStream <= bps * (1 + ROUNDING)) spentBps += ofStream;
    else over.add(ssrc);
  }
  return over;
}

function rankOf({ isAudio, isForOthers }: Passing): number {
  return isAudio ? 0 : isForOthers ? 1 : 2;
}

/** Of what is promised for all legs, what one takes. */
export function shareOf({ legs, promisedBps }: RelayedRoute, slices: number): number {
  const all = legs.reduce((sum, leg) => sum + slicesOf(leg.slices).length, 0);
  return all === 0 ? 0 : (promisedBps * slicesOf(slices).length) / all;
}

function withoutSsrcs({ own, relayed }: Leaving, peer: PeerId, over: ReadonlySet<number>): Leaving {
  if (over.size === 0) return { own, relayed };
  return {
    own: own.map((of) => (over.has(of.ssrc) ? { ...of, hops: of.hops.filter((hop) => hop.peer !== peer) } : of)),
    relayed: relayed.map((of) =>
      over.has(of.ssrc) ? { ...of, legs: of.legs.filter(({ receiver }) => receiver !== peer) } : of,
    ),
  };
}
