/** Says things in the person's language. A language is one file beside this one and one line in `LANGUAGES`. */
import { de } from './de.ts';
import { en } from './en.ts';
import { languageAmong } from './language.ts';
import { significant } from './number.ts';

export type TextKey = keyof typeof en;
export type Values = Readonly<Record<string, string | number>>;
/** Says one thing; `{name}` in it is replaced by the value of that name. */
export type Say = (key: TextKey, values?: Values) => string;

export const LANGUAGES: Readonly<Record<string, Readonly<Record<TextKey, string>>>> = { en, de };

const FALLBACK = 'en';

/** The first wish that there is a file for, else English. */
export function languageOf(wishes: readonly string[]): string {
  return languageAmong(wishes, LANGUAGES) ?? FALLBACK;
}

export function sayIn(language: string): Say {
  const texts = LANGUAGES[language] ?? en;
  return (key, values) => {
    const text = texts[key];
    // One pass: what a value brings is not looked at again, whatever somebody called himself.
    return values === undefined ? text : text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
  };
}

const MEGA = 1_000_000;
const KILO = 1_000;

/** `1.2 Mbit/s`, `300 kbit/s`. */
export function rateText(bps: number, language: string, say: Say): string {
  const mega = bps >= MEGA;
  const number = significant(bps / (mega ? MEGA : KILO), 2, language);
  return say(mega ? 'unit.mbit' : 'unit.kbit', { number });
}

/** `A, B and C`. */
export function listText(names: readonly string[], say: Say): string {
  const last = names.at(-1) ?? '';
  const before = names.slice(0, -1).join(', ');
  return before === '' ? last : say('list.and', { first: before, last });
}
