/** The options that both simulator commands take. */
import { InvalidArgumentError, Option } from 'commander';
import { isPresetName, PRESET_NAMES, PRESETS, type PresetName } from '../script/presets.ts';

/** Fewer are no room; more take longer than anybody waits. */
export const PEERS = { least: 2, most: 100 };
/** Long enough for everybody to join and for the settled window. */
export const SECONDS = { least: 5, most: 3600 };
const SEEDS = { least: 0, most: 0xffff_ffff };
const RUNS = { least: 1, most: 1_000_000 };

interface Within {
  readonly least: number;
  readonly most: number;
}

/** A whole number within these limits; what is not says what is accepted. */
export function wholeNumber(limits: Within): (text: string) => number {
  return numberOf(/^\d+$/, 'a whole number', limits);
}

/** Of this form and within these limits. */
function numberOf(form: RegExp, what: string, { least, most }: Within): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (form.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give ${what} from ${least} to ${most}.`);
  };
}

function presetName(text: string): PresetName {
  if (isPresetName(text)) return text;
  throw new InvalidArgumentError(`There is no such preset. There are:\n${presetList()}`);
}

/** Every preset with what it stands for. */
export function presetList(): string {
  return PRESET_NAMES.map((name) => `  ${name.padEnd(8)} ${PRESETS[name].why}`).join('\n');
}

export const peersOption = new Option('--peers <n>', 'members at the start').argParser(wholeNumber(PEERS)).default(8);
export const seedOption = new Option('--seed <n>', 'the first seed').argParser(wholeNumber(SEEDS)).default(1);
export const presetOption = new Option('--preset <name>', PRESET_NAMES.join(', '))
  .argParser(presetName)
  .default('home');
export const secondsOption = new Option('--seconds <n>', 'virtual seconds of a run')
  // Rooms of forgers last for half a second, too.
  .argParser(numberOf(/^\d+(\.[05])?$/, 'whole or half seconds', SECONDS))
  .default(40);
export const runsOption = new Option('--runs <n>', 'runs, each with the next seed').argParser(wholeNumber(RUNS));
