/** Arithmetic on slice masks. Bit k of a mask stands for the packets whose RTP sequence number mod 16 is k. */

export const SLICE_COUNT = 16;
export const ALL_SLICES = 0xffff;

/**
 * The order in which slices are laid and granted. Whoever fills them from the first on gives runs of them more copies than others;
 * a run of sequence numbers would be a burst: at 20 packets/s, five slices to everybody keep an uplink busy for a quarter of a
 * second. By the order of bit reversal (van der Corput) each run is spread evenly over the sixteen.
 */
const ORDER = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];

/** The mask of the slice at this place of the order, counted from 0. */
export function sliceBit(position: number): number {
  return 1 << (ORDER[position] ?? 0);
}

/** The slices of a mask, 0 to 15. */
export function slicesOf(mask: number): number[] {
  const slices: number[] = [];
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) if ((mask >> slice) & 1) slices.push(slice);
  return slices;
}

/** How many slices a mask holds. */
export function sliceCount(mask: number): number {
  let count = 0;
  for (let rest = mask & ALL_SLICES; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** The lowest so many slices of a mask, or all of it. */
export function firstSlices(mask: number, count: number): number {
  let rest = mask & ALL_SLICES;
  for (let taken = 0; taken < count; taken++) rest &= rest - 1;
  return mask & ALL_SLICES & ~rest;
}

/** What a mask of a source costs per copy, in bit/s. */
export function sliceBps(mask: number, rateBps: number): number {
  return (rateBps * sliceCount(mask)) / SLICE_COUNT;
}

/** The 4 hex digits a mask is shown as. */
export function sliceHex(mask: number): string {
  return mask.toString(16).padStart(4, '0');
}
