/** A command's options as a table: the same words as its `--help`. */
import type { Command, Option } from 'commander';
import { table } from './markdown.ts';

export function optionTable(command: Command): string {
  return tableOf(shownOf(command).map(rowOf));
}

/** The options of a command that has most of another's: which it lacks, in words, and those that it has beside them or otherwise. */
export function differenceTable(command: Command, other: Command): string {
  const rows = shownOf(command).map(rowOf);
  const same = new Set(shownOf(other).map((option) => rowOf(option).join()));
  const lacks = shownOf(other).filter(({ long }) => !shownOf(command).some((own) => own.long === long));
  const names = lacks.map(({ long }) => `\`${long}\``);
  const told = `It has the options of a peer but ${names.slice(0, -1).join(', ')} and ${names.at(-1)}, and these:`;
  return [told, '', tableOf(rows.filter((row) => !same.has(row.join())))].join('\n');
}

function shownOf({ options }: Command): readonly Option[] {
  return options.filter(({ hidden }) => !hidden);
}

const tableOf = (rows: readonly (readonly string[])[]) => table(['option', 'meaning', 'default'], rows);

function rowOf(option: Option): string[] {
  // A default that is no fixed value is told in the text, as `--help` has it.
  const [, text = '', told] = /^(.*?)(?: \(default: (.*)\))?$/s.exec(option.description) ?? [];
  return [`\`${option.flags}\``, text, told ?? defaultOf(option)];
}

function defaultOf({ mandatory, negate, defaultValue, defaultValueDescription }: Option): string {
  if (mandatory) return 'must be given';
  if (negate || defaultValue === undefined) return '';
  return `\`${defaultValueDescription ?? String(defaultValue)}\``;
}
