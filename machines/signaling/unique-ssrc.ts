/**
 * One SSRC, one stream (RFC 3550 section 8.2). Whoever takes an SSRC that it knows to be another's takes the next instead; where
 * two meet and neither could know, whoever started later yields. Nobody is made to yield again and again: to each member once,
 * and to so many in all. With 32 random bits, honest peers never come near that. Pure.
 */
import type { PeerId, StreamInfo } from '../messages.ts';
import { othersOf, selfOf, type View, withMember } from '../view.ts';

/** A member that would drive others from SSRC to SSRC, under ever new names, gets no further than this. */
export const MOST_YIELDS = 8;

/** Streams of ours, each with an SSRC that no other member's stream has, nor another of ours. */
export function withFreeSsrcs(view: View, streams: readonly StreamInfo[]): readonly StreamInfo[] {
  const taken = new Set(othersOf(view).flatMap((member) => member.streams.map(({ ssrc }) => ssrc)));
  if (!streams.some(({ ssrc }) => taken.has(ssrc))) return streams;
  for (const { ssrc } of streams) taken.add(ssrc);
  return streams.map((stream) => {
    if (!othersOf(view).some((member) => hasSsrc(member, stream.ssrc))) return stream;
    const ssrc = nextFree(stream.ssrc, taken);
    taken.add(ssrc);
    return { ...stream, ssrc };
  });
}

/**
 * The same of streams that change: one that we have already keeps its SSRC, also where somebody has taken it since, and whoever
 * changes it need not know which that is.
 */
export function withKeptSsrcs(view: View, streams: readonly StreamInfo[]): readonly StreamInfo[] {
  const kept = new Map(selfOf(view).streams.map(({ name, ssrc }) => [name, ssrc]));
  const all = streams.map((stream) => ({ ...stream, ssrc: kept.get(stream.name) ?? stream.ssrc }));
  const free = withFreeSsrcs(view, all);
  return all.map((stream, index) => (kept.has(stream.name) ? stream : (free[index] ?? stream)));
}

/**
 * The view after we have met this member: with other SSRCs for those of our streams that collide with its, where it is for us to
 * yield; else the same object.
 */
export function yieldingTo(view: View, from: PeerId, yielded: ReadonlySet<PeerId>): View {
  const self = selfOf(view);
  const other = view.members.get(from);
  if (other === undefined || yielded.has(from) || yielded.size >= MOST_YIELDS) return view;
  const isLater = self.epoch > other.epoch || (self.epoch === other.epoch && self.id > other.id);
  if (!isLater || !self.streams.some(({ ssrc }) => hasSsrc(other, ssrc))) return view;
  return withMember(view, { ...self, streams: withFreeSsrcs(view, self.streams) });
}

function hasSsrc({ streams }: { readonly streams: readonly StreamInfo[] }, ssrc: number): boolean {
  return streams.some((stream) => stream.ssrc === ssrc);
}

/** A full-period generator over 32 bits (Knuth's multiplier and increment), so that a taken SSRC never leads back to itself. */
function nextFree(taken: number, all: ReadonlySet<number>): number {
  let ssrc = taken;
  do ssrc = (Math.imul(ssrc, 1_664_525) + 1_013_904_223) >>> 0;
  while (all.has(ssrc));
  return ssrc;
}
