/** How some slices of a stream reach their receivers: from the owner, or from a relay that has them from the owner. */

/** Sends nobody's copy: the peer is no receiver. */
export const NOBODY = -1;

/** A peer that sends copies, and how many. */
export interface Sender {
  readonly peer: number;
  readonly copies: number;
}

export interface Tree {
  /** By peer index: who sends it the stream. A relay that does not want it stands with {@link NOBODY}, too. */
  readonly senders: Int16Array;
  /** The owner's copies, those to relays included; then the relays'. */
  readonly loads: readonly [Sender, ...Sender[]];
}

/** One stream and its trees, by slice. Slices that go the same way share one. */
export interface Course {
  /** Index of the stream, and of the peer that sends it. */
  readonly stream: number;
  readonly owner: number;
  readonly audio: boolean;
  readonly receivers: readonly number[];
  /** bit/s at which the uplinks carry it while its way is looked for. */
  readonly rate: number;
  readonly trees: Tree[];
}

export function treeOf(owner: number, senders: Int16Array): Tree {
  const relays: { peer: number; copies: number }[] = [];
  let direct = 0;
  for (const sender of senders) {
    if (sender === NOBODY) continue;
    if (sender === owner) {
      direct += 1;
      continue;
    }
    const known = relays.find(({ peer }) => peer === sender);
    if (known !== undefined) known.copies += 1;
    else relays.push({ peer: sender, copies: 1 });
  }
  // A relay that does not want the stream has a copy all the same.
  for (const { peer } of relays) if (senders[peer] === NOBODY) direct += 1;
  relays.sort((a, b) => a.peer - b.peer);
  return { senders, loads: [{ peer: owner, copies: direct }, ...relays] };
}

export function sameTree(a: Tree, b: Tree): boolean {
  return a === b || a.senders.every((sender, peer) => sender === b.senders[peer]);
}

/** The slices that go the same way, by their tree. */
export function alike(trees: readonly Tree[]): Map<Tree, number[]> {
  const slices = new Map<Tree, number[]>();
  for (const [slice, tree] of trees.entries()) {
    const known = slices.get(tree);
    if (known === undefined) slices.set(tree, [slice]);
    else known.push(slice);
  }
  return slices;
}
