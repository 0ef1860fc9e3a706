/** From how many legs each peer sends of a source to which slices they are legs of. */
import { SLICE_COUNT } from '../slices.ts';

/** One source's legs by slice. */
export interface Layout {
  /** By slice: copies that the source sends itself. */
  readonly direct: number[];
  /** By relay: legs that it forwards of each slice. */
  readonly fans: Map<number, number[]>;
}

/**
 * Every relay gets a slice from the source itself, so a slice has no more relays than direct copies: where the source sends a slice
 * once, one relay must forward it to everybody else. Slices with few direct copies are laid first, and relays of few legs are
 * used up first, so that most relays carry whole runs of slices.
 *
 * @param legs by sender, the source or a relay: how many legs it sends; together 16 times the receivers
 * @returns `null` where the relays' legs can't be laid so
 */
export function layOut(source: number, receivers: number, legs: ReadonlyMap<number, number>): Layout | null {
  const ownLegs = legs.get(source) ?? 0;
  const copies = Math.floor(ownLegs / SLICE_COUNT);
  const longer = ownLegs - copies * SLICE_COUNT;
  if (ownLegs > receivers * SLICE_COUNT) return null;
  const direct = Array.from({ length: SLICE_COUNT }, (_, slice) => copies + (slice < longer ? 1 : 0));
  const left = new Map([...legs].filter(([sender, count]) => sender !== source && count > 0));
  const fans = new Map([...left.keys()].map((relay) => [relay, new Array<number>(SLICE_COUNT).fill(0)]));
  for (let slice = SLICE_COUNT - 1; slice >= 0; slice -= 1) {
    const most = direct[slice] ?? 0;
    let open = receivers - most;
    for (let used = 1; open > 0; used += 1) {
      const relay = smallestPart(left, used === most ? open : 1);
      if (used > most || relay === null) return null;
      const part = left.get(relay) ?? 0;
      const laid = Math.min(open, part);
      const row = fans.get(relay);
      if (row !== undefined) row[slice] = (row[slice] ?? 0) + laid;
      open -= laid;
      if (part > laid) left.set(relay, part - laid);
      else left.delete(relay);
    }
  }
  return { direct, fans };
}

/** The relay with the fewest legs to lay, but no fewer than needed. */
function smallestPart(parts: ReadonlyMap<number, number>, least: number): number | null {
  let best: number | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [relay, legs] of parts) {
    if (legs < least || legs >= fewest) continue;
    best = relay;
    fewest = legs;
  }
  return best;
}
