/** Bit rates in the reader's language: `2.5 Mbit/s`. */

/** Making one takes longer than all that a picture needs of it. */
const formats = new Map<string, readonly [Intl.NumberFormat, Intl.NumberFormat]>();

export function rateText(bps: number, language: string): string {
  const [value, unit] = bps >= 999_500 ? [bps / 1e6, 'Mbit/s'] : [bps / 1e3, 'kbit/s'];
  const [two, three] = formatsFor(language);
  return `${(value >= 100 ? three : two).format(value)} ${unit}`;
}

function formatsFor(language: string): readonly [Intl.NumberFormat, Intl.NumberFormat] {
  const known = formats.get(language);
  if (known !== undefined) return known;
  const withDigits = (maximumSignificantDigits: number) =>
    new Intl.NumberFormat(language, { maximumSignificantDigits });
  const made = [withDigits(2), withDigits(3)] as const;
  formats.set(language, made);
  return made;
}
