/** A command's options as a table: the same words as its `--help`. */
import type { Command, Option } from 'commander';
import { table } from './markdown.ts';

export function optionTable(command: Command): string {
  const shown = command.options.filter(({ hidden }) => !hidden);
  return table(['option', 'meaning', 'default'], shown.map(rowOf));
}

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
