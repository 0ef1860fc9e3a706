/** Bit rates in the reader's language: `2.5 Mbit/s`. */
import { significant } from '../text/number.ts';

export function rateText(bps: number, language: string): string {
  const [value, unit] = bps >= 999_500 ? [bps / 1e6, 'Mbit/s'] : [bps / 1e3, 'kbit/s'];
  return `${significant(value, value >= 100 ? 3 : 2, language)} ${unit}`;
}
