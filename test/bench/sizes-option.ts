/** The option `--peers` of the benchmarks that compare rooms of several sizes. */
import { Option } from 'commander';
import { wholeNumber } from '../simulation/options.ts';

/** @param sizes taken where none is given */
export function sizesOption(of: string, sizes: readonly number[], limits: { least: number; most: number }): Option {
  const size = wholeNumber(limits);
  return new Option('--peers <n...>', of)
    .argParser<readonly number[]>((text, before) => [...(before === sizes ? [] : (before ?? [])), size(text)])
    .default(sizes, sizes.join(' '));
}
