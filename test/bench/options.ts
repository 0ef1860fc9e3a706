/** Options that several benchmarks take. */
import { InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../simulation/command/options.ts';

/** For an option that takes a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a number above 0.');
}

/**
 * The option `--peers` of the benchmarks that compare rooms of several sizes.
 * @param sizes taken where none is given
 */
export function sizesOption(of: string, sizes: readonly number[], limits: { least: number; most: number }): Option {
  const size = wholeNumber(limits);
  return new Option('--peers <n...>', of)
    .argParser<readonly number[]>((text, before) => [...(before === sizes ? [] : (before ?? [])), size(text)])
    .default(sizes, sizes.join(' '));
}
