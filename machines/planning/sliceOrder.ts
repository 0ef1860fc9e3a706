/**
 * In which order slices are laid. Planning fills them from the first on, so that those with more copies, or with another relay,
 * come in runs; a run of sequence numbers would be a burst of copies: at 20 packets/s, five slices to everybody keep an uplink busy
 * for a quarter of a second. By the order of bit reversal (van der Corput) each run is spread evenly over the sixteen.
 */
const ORDER = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];

/** The mask of the slice at this place of the order, counted from 0. */
export function sliceBit(position: number): number {
  return 1 << (ORDER[position] ?? 0);
}
