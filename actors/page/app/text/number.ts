/** Numbers in the reader's language. Making a format takes longer than all that a page needs of it, so each is made once. */

const formats = new Map<string, Intl.NumberFormat>();

/** @param digits significant ones at most */
export function significant(value: number, digits: number, language: string): string {
  return formatOf(`${language} ${digits}`, language, { maximumSignificantDigits: digits }).format(value);
}

export function percentText(percent: number, language: string): string {
  return formatOf(`${language} %`, language, { style: 'percent' }).format(percent / 100);
}

function formatOf(key: string, language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const format = formats.get(key) ?? new Intl.NumberFormat(language, options);
  formats.set(key, format);
  return format;
}
