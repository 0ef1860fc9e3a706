/** Moments as RTCP writes them: NTP timestamps, seconds since 1900 in 32 bits and their fraction in 32 more (RFC 3550 section 4). */

/** Seconds from the NTP epoch (1900) to the Unix epoch (1970). */
const NTP_OFFSET_S = 2_208_988_800;
const FRACTION = 2 ** 32;

/** How many units of the short form, the middle 32 bits, are a second. */
export const SHORT_UNITS_PER_SECOND = 0x1_0000;

/** The two words of a moment that is given in milliseconds since the Unix epoch. */
export function ntpWords(unixMs: number): { readonly seconds: number; readonly fraction: number } {
  const second = Math.floor(unixMs / 1000);
  const fraction = Math.floor(((unixMs - 1000 * second) / 1000) * FRACTION);
  return { seconds: (second + NTP_OFFSET_S) >>> 0, fraction: Math.min(fraction, FRACTION - 1) };
}

/** The moment of two such words, in milliseconds since the Unix epoch. */
export function unixMsOf(seconds: number, fraction: number): number {
  return 1000 * (seconds - NTP_OFFSET_S) + (1000 * fraction) / FRACTION;
}

/** The short form of two such words: what a report block names a sender report by. */
export function shortNtp(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}
