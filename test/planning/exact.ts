/**
 * What the best plan of a small room can do, found by a linear and integer program solver instead of the planner's rules.
 * Limits on upload, lending and download; several streams a peer, and wants.
 */
import type { PlanInput, PlanPeer } from '../../machines/plan.ts';
import { SLICE_COUNT } from '../../machines/slices.ts';
import { legsFrom, patternsOf } from './patterns.ts';
import { expression, optimum, type Term } from './solver.ts';

/**
 * The fewest pairs of a source and a receiver that get anything through a relay, at the streams' least rates.
 * For rooms in which everybody watches everybody and sends one stream.
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
 * Max-min fair rates of the videos, bit/s, by `ID/STREAM`, if streams could be split at will: the lowest rate as high as can be, then
 * the lowest of those that can still rise, and so on. Audio has its fixed rate. For rooms without layers in which least rates fit.
 */
export function fairestRates(input: PlanInput): Map<string, number> {
  const streams = streamsOf(input);
  const rates = new Map<Sent, number>();
  for (const stream of streams) if (stream.media === 'audio') rates.set(stream, stream.maxBps / BPS_PER_UNIT);
  const open = (): Sent[] => streams.filter((stream) => !rates.has(stream));
  for (let rising = open(); rising.length > 0; rising = open()) {
    const level = highestRate(input, streams, { settled: rates, raised: rising, least: 0 });
    const stuck = rising.filter(
      (stream) =>
        highestRate(input, streams, { settled: rates, raised: [stream], least: level }) <= level * (1 + STUCK),
    );
    for (const stream of stuck.length > 0 ? stuck : rising) rates.set(stream, level);
  }
  return new Map(streams.map((stream) => [stream.name, (rates.get(stream) ?? 0) * BPS_PER_UNIT]));
}

/** A stream that somebody wants. */
interface Sent {
  /** `ID/STREAM` */
  readonly name: string;
  readonly media: 'audio' | 'video';
  readonly owner: number;
  /** Peer indices. */
  readonly receivers: readonly number[];
  readonly maxBps: number;
}

function streamsOf({ peers }: PlanInput): Sent[] {
  return peers.flatMap(({ id, streams = [] }, owner) =>
    streams.flatMap(({ name, media, maxBps }): Sent[] => {
      const receivers = peers.flatMap(({ wants }, index) => {
        const wanted = wants?.some((want) => want.source === id && (want.stream ?? name) === name) ?? true;
        return index !== owner && wanted ? [index] : [];
      });
      return receivers.length === 0 ? [] : [{ name: `${id}/${name}`, media, owner, receivers, maxBps }];
    }),
  );
}

/** How far off the solver's optimum may be, as a part of it. */
const SOLVER_PRECISION = 1e-6;
/** Who can rise by less than this part can't rise: what all the others may fall short of adds up. */
const STUCK = 1e-4;
/** The solver is at its best with numbers near 1. */
const BPS_PER_UNIT = 1_000_000;

/** Of which the highest common rate is looked for: streams that are settled, those that rise, and what all others have at least. */
interface Rising {
  readonly settled: ReadonlyMap<Sent, number>;
  readonly raised: readonly Sent[];
  readonly least: number;
}

/**
 * The highest rate that some streams can have in common. `f<s>_<j>` is how much of stream s is sent to everybody by j: by its owner
 * itself, or j gets one copy and forwards it to the others, to one more where it does not want the stream itself.
 */
function highestRate(
  { peers, headroom }: PlanInput,
  streams: readonly Sent[],
  { settled, raised, least }: Rising,
): number {
  const fanOut = (stream: number, by: number): string => `f${stream}_${by}`;
  const all = peers.map((_, index) => index);
  const rateOf = (stream: number): Term[] => all.map((by) => ({ factor: 1, variable: fanOut(stream, by) }));
  const rows = streams.flatMap((stream, index) => {
    const rate = expression(rateOf(index));
    const known = settled.get(stream);
    return [
      `${rate} <= ${stream.maxBps / BPS_PER_UNIT}`,
      `${rate} >= ${(known ?? (stream.media === 'audio' ? 0 : least)) * (1 - SOLVER_PRECISION)}`,
      ...(raised.includes(stream) ? [`${rate} - 1 level >= 0`] : []),
    ];
  });
  peers.forEach(({ uploadBps, lendBps = uploadBps, downloadBps }, index) => {
    const usable = (uploadBps * headroom) / BPS_PER_UNIT;
    const own = streams.flatMap(({ owner, receivers }, stream) =>
      owner === index
        ? all.map((by) => ({ factor: by === owner ? receivers.length : 1, variable: fanOut(stream, by) }))
        : [],
    );
    const forwarded = streams.flatMap(({ owner, receivers }, stream) => {
      const copies = receivers.length - (receivers.includes(index) ? 1 : 0);
      return owner === index ? [] : [{ factor: copies, variable: fanOut(stream, index) }];
    });
    rows.push(`${expression([...own, ...forwarded])} <= ${usable}`);
    rows.push(`${expression(forwarded)} <= ${Math.min(usable, lendBps / BPS_PER_UNIT)}`);
    if (downloadBps === undefined) return;
    const arriving = streams.flatMap(({ receivers }, stream) => (receivers.includes(index) ? rateOf(stream) : []));
    rows.push(`${expression(arriving)} <= ${downloadBps / BPS_PER_UNIT}`);
  });
  return optimum(`Maximize\n level\nSubject To\n${rows.join('\n')}\nEnd`) ?? 0;
}

/** With equal rates a load is a whole number of legs: what a limit has beyond that is of no use. */
function wholeIfEqual({ peers }: PlanInput, units: number): number {
  const equal = peers.every((peer) => fixedRate(peer) === fixedRate(peers[0]));
  return equal ? Math.floor(units + 1e-9) : units;
}

function fixedRate(peer: PlanPeer | undefined): number {
  return peer?.streams?.[0]?.minBps ?? 0;
}
