/**
 * How fast packets leave of whom it is believed what its line carries: faster than plans use it, so that what a second holds too much is
 * caught up with, and reports and digests, which no plan counts, have room beside the media; slower than the line, whose router
 * would else hold what an encoder hands over at once.
 */
const SHARE_OF_REST = 2 / 3;

/** @param usedBps what plans use @param toldBps what the line is said to carry. Both in bit/s */
export function believedPaceBps(usedBps: number, toldBps: number): number {
  return usedBps + SHARE_OF_REST * (toldBps - usedBps);
}
