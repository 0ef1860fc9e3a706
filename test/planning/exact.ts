/**
 * What the best plan of a small room can do, found by a linear and integer program solver instead of the planner's rules.
 * Rooms in which everybody watches everybody, with limits on upload and lending.
 */
import type { PlanInput, PlanPeer } from '../../machines/plan.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';
import { legsFrom, patternsOf } from './patterns.ts';
import { expression, optimum } from './solver.ts';

/**
 * The fewest pairs of a source and a receiver that get anything through a relay, at the sources' least rates.
 *
 * @returns `null` where not even the best split into 16 slices serves everybody
 */
export function leastTwoHopPairs(input: PlanInput): number | null {
  const sources = input.peers.flatMap((_, source) =>
    patternsOf(source, input.peers.length).map((p) => ({ source, p })),
  );
  const copies = sources.map(({ source, p }, index) => ({ source, pattern: p, variable: `x${index}` }));
  const rows: string[] = [];
  const pairs: string[] = [];
  input.peers.forEach((_, source) => {
    const own = copies.filter((copy) => copy.source === source);
    rows.push(`${expression(own.map(({ variable }) => ({ factor: 1, variable })))} = ${SLICE_COUNT}`);
    input.peers.forEach((_, receiver) => {
      if (receiver === source) return;
      const pair = `h${source}_${receiver}`;
      pairs.push(pair);
      const relayed = own.flatMap(({ pattern, variable }) =>
        pattern.get(receiver) === receiver ? [] : [{ factor: 1, variable }],
      );
      if (relayed.length > 0) rows.push(`${expression([...relayed, { factor: -SLICE_COUNT, variable: pair }])} <= 0`);
    });
  });
  // In sixteenths of the least rate, so that where all rates are equal no rounding is left to the solver.
  const unit = Math.min(...input.peers.map(fixedRate)) / SLICE_COUNT;
  input.peers.forEach((peer, index) => {
    const legs = copies.map(({ source, pattern, variable }) => {
      const size = fixedRate(input.peers[source]) / SLICE_COUNT / unit;
      return { source, variable, factor: size * legsFrom(pattern, source, index) };
    });
    const usable = peer.uploadBps * input.headroom;
    rows.push(`${expression(legs)} <= ${wholeIfEqual(input, usable / unit)}`);
    const lent = Math.min(peer.lendBps ?? usable, usable);
    rows.push(`${expression(legs.filter(({ source }) => source !== index))} <= ${wholeIfEqual(input, lent / unit)}`);
  });
  const goal = expression(pairs.map((variable) => ({ factor: 1, variable })));
  const integers = copies.map(({ variable }) => variable).join(' ');
  const bounds = pairs.map((pair) => `0 <= ${pair} <= 1`).join('\n');
  const program = `Minimize\n ${goal}\nSubject To\n${rows.join('\n')}\nBounds\n${bounds}\nGeneral\n${integers} ${pairs.join(' ')}\nEnd`;
  const fewest = optimum(program);
  return fewest === null ? null : Math.round(fewest);
}

/**
 * Max-min fair rates, bit/s, by peer index, if streams could be split at will: the lowest rate as high as can be, then the lowest
 * of those that can still rise, and so on.
 */
export function fairestRates(input: PlanInput): number[] {
  const rates = new Map<number, number>();
  const open = (): number[] => input.peers.flatMap((_, source) => (rates.has(source) ? [] : [source]));
  for (let rising = open(); rising.length > 0; rising = open()) {
    const level = highestRate(input, rates, rising, 0);
    const stuck = rising.filter((source) => highestRate(input, rates, [source], level) <= level * (1 + STUCK));
    for (const source of stuck.length > 0 ? stuck : rising) rates.set(source, level);
  }
  return input.peers.map((_, source) => (rates.get(source) ?? 0) * BPS_PER_UNIT);
}

/** How far off the solver's optimum may be, as a part of it. */
const SOLVER_PRECISION = 1e-6;
/** Who can rise by less than this part can't rise: what all the others may fall short of adds up. */
const STUCK = 1e-4;
/** The solver is at its best with numbers near 1. */
const BPS_PER_UNIT = 1_000_000;

/**
 * The highest rate that some sources can have in common. `f<i>_<j>` is how much of source i is sent to everybody by j: by the
 * source itself where i = j, else j gets one copy and forwards it to the others.
 *
 * @param settled the rates of sources that are settled; @param least what all others have at least
 */
function highestRate(
  { peers, headroom }: PlanInput,
  settled: ReadonlyMap<number, number>,
  raised: readonly number[],
  least: number,
): number {
  const audience = peers.length - 1;
  const fanOut = (source: number, by: number): string => `f${source}_${by}`;
  const rows = peers.flatMap(({ uploadBps, lendBps = uploadBps, source: limits }, index) => {
    const usable = (uploadBps * headroom) / BPS_PER_UNIT;
    const rate = expression(peers.map((_, by) => ({ factor: 1, variable: fanOut(index, by) })));
    const others = peers.flatMap((_, other) => (other === index ? [] : [other]));
    const forwarded = others.map((other) => ({ factor: audience - 1, variable: fanOut(other, index) }));
    const own = [
      { factor: audience, variable: fanOut(index, index) },
      ...others.map((other) => ({ factor: 1, variable: fanOut(index, other) })),
    ];
    const known = settled.get(index);
    return [
      `${expression([...own, ...forwarded])} <= ${usable}`,
      `${expression(forwarded)} <= ${lendBps / BPS_PER_UNIT}`,
      `${rate} <= ${(limits?.maxBps ?? 0) / BPS_PER_UNIT}`,
      known === undefined
        ? `${rate} >= ${least * (1 - SOLVER_PRECISION)}`
        : `${rate} >= ${known * (1 - SOLVER_PRECISION)}`,
      ...(raised.includes(index) ? [`${rate} - 1 level >= 0`] : []),
    ];
  });
  return optimum(`Maximize\n level\nSubject To\n${rows.join('\n')}\nEnd`) ?? 0;
}

/** With equal rates a load is a whole number of legs: what a limit has beyond that is of no use. */
function wholeIfEqual({ peers }: PlanInput, units: number): number {
  const equal = peers.every((peer) => fixedRate(peer) === fixedRate(peers[0]));
  return equal ? Math.floor(units + 1e-9) : units;
}

function fixedRate(peer: PlanPeer | undefined): number {
  return peer?.source?.minBps ?? 0;
}
