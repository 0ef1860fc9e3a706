/** The figures of a comparison: medians, ratios of what was measured in the same round, and what has to be left out. */
import { median } from '../median.ts';
import type { Comparison } from './comparison.ts';
import type { Variant } from './forwarders/variants.ts';
import { LOADS, type Load } from './loads.ts';
import type { Measurement } from './measurement.ts';

/** Of a figure's rounds, the share that must be without fault. */
const GOOD_SHARE = 0.5;

/** Null is a figure that is void: {@link Figures.voids} tells why. */
export interface Row {
  readonly variant: Variant;
  readonly load: Load;
  /** Of all threads, for each packet that left. */
  readonly cpuUsPerPacket: number | null;
  /** To the C forwarder without GSO in this run; null where there is none. */
  readonly ratioToC: number | null;
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  /** Packets a second out, all receivers together. */
  readonly maxLosslessPps: number | null;
}

/** Of `variant` to `base`: what this packet path is held to. */
export interface Ratio {
  readonly variant: Variant;
  readonly base: Variant;
  readonly load: Load;
  readonly cpu: number | null;
  readonly p99: number | null;
  readonly lossless: number | null;
}

export interface Figures {
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly voids: readonly string[];
}

const HELD_TO: readonly (readonly [Variant, Variant])[] = [
  ['batched', 'c'],
  ['batched', 'c-gso'],
  ['batched-feedback', 'batched'],
  ['dgram-feedback', 'dgram'],
  ['dgram', 'dgram-bare'],
  ['gstreamer', 'batched'],
  ['werift', 'batched'],
];

export function figuresOf(comparison: Comparison): Figures {
  const variants = [...comparison.measured.keys()];
  const pairs = HELD_TO.filter((pair) => pair.every((variant) => variants.includes(variant)));
  return {
    rows: variants.flatMap((variant) => LOADS.map((load) => rowOf(comparison, variant, load))),
    ratios: pairs.flatMap(([variant, base]) => LOADS.map((load) => ratioOf(comparison, variant, base, load))),
    voids: [
      ...variants.flatMap((variant) => LOADS.flatMap((load) => voidsOf(comparison, variant, load))),
      ...[...comparison.rates].flatMap(([variant, { pps, fault }]) =>
        fault === null ? [] : [`${variant}, lossless rate: at least ${pps}/s, but then ${fault}`],
      ),
    ],
  };
}

function rowOf(comparison: Comparison, variant: Variant, load: Load): Row {
  const good = goodRounds(comparison, variant, load, variant).map(([own]) => own);
  return {
    variant,
    load,
    cpuUsPerPacket: figureOf(good.map(({ cpuUsPerPacket }) => cpuUsPerPacket)),
    ratioToC: ratioOf(comparison, variant, 'c', load).cpu,
    p50Us: figureOf(good.map(({ p50Us }) => p50Us)),
    p99Us: figureOf(good.map(({ p99Us }) => p99Us)),
    maxLosslessPps: rateOf(comparison, variant),
  };
}

function ratioOf(comparison: Comparison, variant: Variant, base: Variant, load: Load): Ratio {
  const good = goodRounds(comparison, variant, load, base);
  const [rate, baseRate] = [rateOf(comparison, variant), rateOf(comparison, base)];
  return {
    variant,
    base,
    load,
    cpu: figureOf(good.map(([own, other]) => own.cpuUsPerPacket / other.cpuUsPerPacket)),
    p99: figureOf(good.map(([own, other]) => own.p99Us / other.p99Us)),
    lossless: rate === null || baseRate === null ? null : rounded(rate / baseRate),
  };
}

/** The rounds in which both were measured without fault; none if those are too few. */
function goodRounds({ measured }: Comparison, variant: Variant, load: Load, base: Variant) {
  const own = measured.get(variant)?.[load] ?? [];
  const others = measured.get(base)?.[load] ?? [];
  const pairs = own.flatMap((measurement, round): [Measurement, Measurement][] => {
    const other = others[round];
    return other === undefined || measurement.fault !== null || other.fault !== null ? [] : [[measurement, other]];
  });
  return pairs.length >= GOOD_SHARE * own.length ? pairs : [];
}

function voidsOf(comparison: Comparison, variant: Variant, load: Load): string[] {
  const rounds = comparison.measured.get(variant)?.[load] ?? [];
  const faults = rounds.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  if (faults.length === 0) return [];
  const isVoid = goodRounds(comparison, variant, load, variant).length === 0;
  const consequence = isVoid ? 'void' : 'taken from the others';
  return [`${variant}, ${load}: ${consequence}, since in ${faults.length} of ${rounds.length} rounds ${faults[0]}`];
}

function rateOf({ rates }: Comparison, variant: Variant): number | null {
  const rate = rates.get(variant);
  return rate === undefined || rate.fault !== null ? null : rate.pps;
}

function figureOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : rounded(median(values));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
