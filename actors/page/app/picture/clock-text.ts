/** Times of day in the reader's language. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** `14:03:27`, or with `.123` where things follow each other fast. */
export function clockText(atMs: number, language: string, withMs = false): string {
  const key = `${language} ${withMs}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(language, {
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
      ...(withMs ? { fractionalSecondDigits: 3 } : {}),
    });
    formats.set(key, format);
  }
  return format.format(atMs);
}
