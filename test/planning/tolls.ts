/** What of a plan goes over TURN servers, and the least that would have to. */
import type { Plan, PlanInput } from '../../machines/plan.ts';
import { SLICE_COUNT, sliceCount } from '../../machines/slices.ts';
import { edgesOf } from './exact-graph.ts';

type Toll = (from: string, to: string) => number;

/** 0: none; 1: from one to the other a copy goes over a server; infinite: it can't go. */
function tollBetween(input: PlanInput): Toll {
  const hasEdge = edgesOf(input);
  const isFree = edgesOf({ ...input, cut: input.costly ?? [] });
  return (from, to) => (hasEdge(from, to) ? Number(!isFree(from, to)) : Number.POSITIVE_INFINITY);
}

/** Copies of streams that a plan sends over servers; of a copy only the slices count that go that way. */
export function tollsOf(input: PlanInput, { routes }: Pick<Plan, 'routes'>): number {
  const toll = tollBetween(input);
  // A relay has its copy once, however many routes it serves.
  const legs = new Map<string, { readonly toll: number; slices: number }>();
  for (const { source, stream, slices, relay, receivers } of routes) {
    const hops = receivers.map((receiver) => [relay ?? source, receiver] as const);
    if (relay !== null) hops.push([source, relay]);
    for (const [from, to] of hops) {
      const name = `${source}/${stream} ${from} ${to}`;
      const leg = legs.get(name) ?? { toll: toll(from, to), slices: 0 };
      leg.slices |= slices;
      legs.set(name, leg);
    }
  }
  return total([...legs.values()].map((leg) => (leg.toll * sliceCount(leg.slices)) / SLICE_COUNT));
}

/**
 * The fewest such copies with which everybody who can be has everything, where all relay and want all. Every set of relays is tried:
 * for rooms of a few.
 */
export function leastTolls(input: PlanInput): number {
  const toll = tollBetween(input);
  const ids = input.peers.map(({ id }) => id);
  return total(
    ids.map((owner) => {
      const others = ids.filter((id) => id !== owner);
      const servable = others.filter((id) => others.some((via) => toll(owner, via) + toll(via, id) < Infinity));
      const costs = Array.from({ length: 1 << others.length }, (_, set) => {
        const isRelay = (id: string): boolean => (set & (1 << others.indexOf(id))) !== 0;
        const relays = others.filter(isRelay);
        const near = servable.filter((id) => !isRelay(id));
        return total([
          ...relays.map((relay) => toll(owner, relay)),
          ...near.map((id) => Math.min(toll(owner, id), ...relays.map((relay) => toll(relay, id)))),
        ]);
      });
      return Math.min(...costs);
    }),
  );
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
