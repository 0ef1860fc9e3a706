/** Bit rates as people write and read them. */

/** Above any uplink, far below where bit/s lose precision in a double. */
const MAX_BPS = 100_000_000_000;

const FACTORS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9 };

/**
 * A number, a decimal prefix, a unit of bits. "bps" is taken in small letters only: `MBps` is read as megabytes by
 * half of those who write it.
 */
const RATE = /^(?<number>\d+(?:\.\d+)?)\s*(?<prefix>[kmg]?)(?:bits?|bit\/s|bps)?$/i;
const BYTES = /B(?:ps|\/s)?$/;

/** A text that is no rate. The message says what is accepted. */
export class RateError extends Error {
  override readonly name = 'RateError';
  readonly code = 'rate.invalid';

  constructor(problem: string) {
    super(`${problem} Write a rate in bits per second, like 800k, 5mbit, 2.5Mbit/s or 1200000.`);
  }
}

/**
 * Reads a rate: `800k`, `5mbit`, `2.5Mbps`, `2.5Mbit/s`, `1200000`. Prefixes are decimal: k is 1,000.
 *
 * @returns bit/s, a whole number
 * @throws {RateError} `rate.invalid`
 */
export function parseRate(text: string): number {
  const trimmed = text.trim();
  if (BYTES.test(trimmed)) throw new RateError(`"${text}" counts bytes.`);
  const groups = RATE.exec(trimmed)?.groups;
  if (groups === undefined) throw new RateError(`"${text}" is not a rate.`);
  const bps = Math.round(Number(groups.number) * (FACTORS[(groups.prefix ?? '').toLowerCase()] ?? 1));
  if (bps > MAX_BPS) throw new RateError(`"${text}" is more than 100 Gbit/s.`);
  return bps;
}

const STEPS = [
  { factor: 1e9, unit: 'Gbit/s' },
  { factor: 1e6, unit: 'Mbit/s' },
  { factor: 1e3, unit: 'kbit/s' },
] as const;

/** A rate in bit/s with three digits that count: `2.5 Mbit/s`, `800 kbit/s`. */
export function formatRate(bps: number): string {
  // Half a unit in the third digit early, so that 999,999 bit/s are 1 Mbit/s and not 1,000 kbit/s.
  const step = STEPS.find(({ factor }) => bps >= factor * 0.9995);
  if (step === undefined) return `${Math.round(bps)} bit/s`;
  return `${Number((bps / step.factor).toPrecision(3))} ${step.unit}`;
}
