/**
 * Ways to share a room's upload, as tests of what they can carry: `uploads[i]` is what peer i has and `rates[i]` what its
 * source runs at, both in bit/s; everybody watches everybody. Each is its rule at its best, with nothing lost to messages.
 */

/** Of a copy, or of an upload in copies: sums and quotients of rates are exact to some fifteen digits. */
const ROUNDING = 1e-9;

export type Carries = (uploads: readonly number[], rates: readonly number[]) => boolean;

/** A full mesh: everybody sends a copy to everybody. */
export const mesh: Carries = (uploads, rates) =>
  uploads.every((upload, index) => fits((uploads.length - 1) * (rates[index] ?? 0), upload));

/**
 * The prototype's rule: who cannot reach everybody sends one copy to a relay, which passes it to all the others; a relay
 * has one client and is nobody's client itself. What matters is then only that the k-th most demanding client fits into
 * the k-th largest spare upload.
 */
export const oneClientEach: Carries = (uploads, rates) => {
  const others = uploads.length - 1;
  const demands: number[] = [];
  const spares: number[] = [];
  for (const [index, upload] of uploads.entries()) {
    const rate = rates[index] ?? 0;
    if (fits(others * rate, upload)) spares.push(upload - others * rate);
    else if (fits(rate, upload)) demands.push((others - 1) * rate);
    else return false;
  }
  demands.sort(descending);
  spares.sort(descending);
  return demands.every((demand, index) => fits(demand, spares[index] ?? 0));
};

/**
 * Whole streams through any number of relays, with any number of clients each. A source that sends k copies itself can
 * have k relays, for each needs one. Packed greedily: who can send fewest copies chooses first. Where all rates are equal
 * this finds everything that counting whole copies allows, in every room that was tried.
 */
export const wholeStreams: Carries = (uploads, rates) => {
  const left = uploads.map((upload, index) => upload - (rates[index] ?? 0));
  if (left.some((spare, index) => spare < -ROUNDING * (uploads[index] ?? 0))) return false;
  const copies = (peer: number, rate: number) => Math.floor((left[peer] ?? 0) / rate + ROUNDING);
  const take = (peer: number, bps: number) => {
    left[peer] = (left[peer] ?? 0) - bps;
  };
  const own = (index: number) => (uploads[index] ?? 0) / (rates[index] ?? 0);
  const order = [...uploads.keys()].sort((a, b) => own(a) - own(b));
  for (const source of order) {
    const rate = rates[source] ?? 0;
    // One copy is counted already: without it nobody has anything to relay.
    const more = Math.min(uploads.length - 2, copies(source, rate));
    take(source, more * rate);
    let missing = uploads.length - 2 - more;
    for (let relays = 1 + more; missing > 0; relays -= 1) {
      const relay = tightest(missing, order, (peer) => (peer === source ? 0 : copies(peer, rate)));
      if (relay === null || relays === 0) return false;
      const forwarded = Math.min(missing, relay.copies);
      take(relay.peer, forwarded * rate);
      missing -= forwarded;
    }
  }
  return true;
};

/** Who has room for all of them with least to spare; else who has most. */
function tightest(wanted: number, peers: readonly number[], copiesOf: (peer: number) => number) {
  let best: { peer: number; copies: number } | null = null;
  for (const peer of peers) {
    const copies = copiesOf(peer);
    if (copies === 0) continue;
    const better =
      best === null || (best.copies < wanted ? copies > best.copies : copies >= wanted && copies < best.copies);
    if (better) best = { peer, copies };
  }
  return best;
}

function fits(bps: number, limit: number): boolean {
  return bps <= limit * (1 + ROUNDING);
}

function descending(a: number, b: number): number {
  return b - a;
}
