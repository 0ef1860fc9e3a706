/** From how many legs each peer sends of a stream to which slices they are legs of. */
import { SLICE_COUNT } from '../../slices.ts';

/** One stream's legs by slice. */
export interface Layout {
  /** By slice: copies that the owner sends itself. */
  readonly direct: number[];
  /** By relay: legs that it forwards of each slice. */
  readonly fans: Map<number, number[]>;
}

/**
 * Every relay gets a slice from the owner itself, so a slice has no more relays than direct copies: where the owner sends a slice
 * once, one relay must forward it to everybody else. Slices with few direct copies are laid first, and relays of few legs are
 * used up first, so that most relays carry whole runs of slices.
 *
 * @param legs by sender, the owner or a relay: how many legs it sends; together 16 times the receivers
 * @returns `null` where the relays' legs can't be laid so
 */
export function layOut(owner: number, receivers: number, legs: ReadonlyMap<number, number>): Layout | null {
  const ownLegs = legs.get(owner) ?? 0;
  const copies = Math.floor(ownLegs / SLICE_COUNT);
  const longer = ownLegs - copies * SLICE_COUNT;
  if (ownLegs > receivers * SLICE_COUNT) return null;
  const direct = Array.from({ length: SLICE_COUNT }, (_, slice) => copies + (slice < longer ? 1 : 0));
  const left = new Map([...legs].filter(([sender, count]) => sender !== owner && count > 0));
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

/**
 * The same, but with as few receivers that hang on relays as so many direct copies allow: an owner that sends every slice `copies`
 * times has as many receivers that get everything direct. Among these are its largest relays. Each slice that it sends once more can
 * have one more relay, that gets only this slice direct.
 *
 * @returns `null` where the relays' legs can't be laid so
 */
export function layOutFewest(owner: number, receivers: number, legs: ReadonlyMap<number, number>): Layout | null {
  const ownLegs = legs.get(owner) ?? 0;
  const copies = Math.floor(ownLegs / SLICE_COUNT);
  const longer = ownLegs - copies * SLICE_COUNT;
  const open = Array.from({ length: SLICE_COUNT }, (_, slice) => receivers - copies - (slice < longer ? 1 : 0));
  const largestFirst = [...legs]
    .filter(([sender, count]) => sender !== owner && count > 0)
    .sort(([a, legsOfA], [b, legsOfB]) => legsOfB - legsOfA || a - b);
  const fans = new Map<number, number[]>();
  let slice = 0;
  for (const [relay, count] of largestFirst.slice(copies)) {
    const row = new Array<number>(SLICE_COUNT).fill(0);
    fans.set(relay, row);
    for (let left = count; left > 0; slice += 1) {
      const laid = Math.min(left, receivers - copies - 1);
      if (slice >= longer || laid === 0) return null;
      row[slice] = laid;
      open[slice] = (open[slice] ?? 0) - laid;
      left -= laid;
    }
  }
  for (const [relay, count] of largestFirst.slice(0, copies)) {
    const row = new Array<number>(SLICE_COUNT).fill(0);
    layRows(open, row, count);
    fans.set(relay, row);
  }
  const direct = Array.from({ length: SLICE_COUNT }, (_, at) => copies + (at < longer ? 1 : 0));
  return { direct, fans };
}

/**
 * Lay legs row by row: whole receivers first, so that only the last one is shared with the next relay.
 *
 * @param open by slice: legs that are not laid yet; become fewer
 * @param row by slice: the relay's legs; become more
 */
export function layRows(open: number[], row: number[], legs: number): void {
  let left = legs;
  while (left > 0) {
    let highest = 0;
    for (const count of open) if (count > highest) highest = count;
    if (highest === 0) return;
    let width = 0;
    let below = 0;
    for (const count of open) {
      if (count === highest) width += 1;
      else if (count > below) below = count;
    }
    const rows = Math.max(1, Math.min(highest - below, Math.floor(left / width)));
    for (let slice = 0; slice < SLICE_COUNT && left > 0; slice += 1) {
      if (open[slice] !== highest) continue;
      row[slice] = (row[slice] ?? 0) + rows;
      open[slice] = highest - rows;
      left -= rows;
    }
  }
}
