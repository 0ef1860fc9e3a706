/** How long to wait before the peer is called again: at once, then slower, for a restart takes about a second. */

const FIRST_MS = 250;
const MOST_MS = 3_000;

/** @param failures how many tries in a row have failed, 1 or more. @returns ms */
export function backoffMs(failures: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}

/** So many tries in a row mean that the address itself may be old: a peer that was started anew prints another. */
export const TRIES_UNTIL_DOUBT = 8;
