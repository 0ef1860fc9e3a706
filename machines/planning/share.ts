/** How one source is sent: how many copies of each slice it sends itself, and how many its relays forward. Numbers, not names. */

/** What one relay forwards of one source. */
export interface Fan {
  readonly relay: number;
  /** By slice: to how many receivers. */
  readonly legs: readonly number[];
}

/** How one source is sent. */
export interface Share {
  readonly receivers: number;
  /** By slice: how many copies the source itself sends, those to relays included. */
  readonly direct: readonly number[];
  readonly fans: readonly Fan[];
}

/** Whether any receiver gets slices of the source on different paths. */
export function isSplit({ direct, fans }: Pick<Share, 'direct' | 'fans'>): boolean {
  return [direct, ...fans.map((fan) => fan.legs)].some((counts) => counts.some((count) => count !== counts[0]));
}
