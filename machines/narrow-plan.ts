/**
 * A plan for a room in which some legs carry little. It goes round a leg on which it would put more than that, as it goes round a TURN
 * server, if nobody else pays for it: else it stays, and the sender leaves out on that leg what does not fit. Pure, and the same at all.
 */
import type { NarrowLeg, PeerId } from './messages.ts';
import { type Plan, type PlanInput, planRoom } from './plan.ts';
import { sliceBps } from './slices.ts';

/** A way round may cost a stream this share of its rate: plans are no more exact. */
const COST = 0.05;
/** Sums of rates are no more exact than this. */
const ROUNDING = 1e-6;

export interface NarrowPair extends NarrowLeg {
  readonly from: PeerId;
}

/** The room with those legs as the last resort that would carry too much. */
export function aroundNarrow(input: PlanInput, narrow: readonly NarrowPair[]): PlanInput {
  if (narrow.length === 0) return input;
  // Whatever runs: what goes round a leg would make it look free, and all would come back.
  const anew = { ...input, inForce: [] };
  const plan = planRoom(anew);
  const loads = loadsOn(plan);
  const over = narrow.filter(({ from, peer, bps }) => (loads.get(`${from} ${peer}`) ?? 0) > bps * (1 + ROUNDING));
  if (over.length === 0) return input;
  const costly = [...(input.costly ?? []), ...over.map(({ from, peer }) => [from, peer] as const)];
  return isPaidByNobody(plan, planRoom({ ...anew, costly })) ? { ...input, costly } : input;
}

/** By `FROM TO`, what goes from one to the other, in bit/s. */
function loadsOn({ routes, rates }: Plan): Map<string, number> {
  const loads = new Map<string, number>();
  const add = (from: PeerId, to: PeerId, bps: number) => {
    const key = `${from} ${to}`;
    loads.set(key, (loads.get(key) ?? 0) + bps);
  };
  for (const { source, stream, slices, relay, receivers } of routes) {
    const bps = sliceBps(slices, rates[`${source}/${stream}`] ?? 0);
    if (relay !== null) add(source, relay, bps);
    for (const receiver of receivers) add(relay ?? source, receiver, bps);
  }
  return loads;
}

function isPaidByNobody(before: Plan, after: Plan): boolean {
  return keepsRates(before.rates, after.rates) && after.unserved.length <= before.unserved.length;
}

/** Whether no stream loses more of its rate than a way round may cost. */
export function keepsRates(before: Plan['rates'], after: Plan['rates']): boolean {
  return Object.entries(before).every(([stream, bps]) => (after[stream] ?? 0) >= (1 - COST) * bps);
}
