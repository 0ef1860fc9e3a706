/** Who relays for whom, and by which ways the streams of a peer go: the picture in words. Pure. */
import type { Arrow } from '../../../room-picture/contract.ts';

/** Whose streams each relay sends on. */
export function relayedBy(arrows: readonly Arrow[]): Map<string, string[]> {
  const relays = new Map<string, string[]>();
  for (const { from, source, kind } of arrows) {
    if (kind !== 'relayed') continue;
    const clients = relays.get(from) ?? [];
    if (!clients.includes(source)) clients.push(source);
    relays.set(from, clients);
  }
  for (const clients of relays.values()) clients.sort();
  return relays;
}

export interface Ways {
  readonly direct: readonly string[];
  /** Receivers by relay. */
  readonly via: ReadonlyMap<string, readonly string[]>;
}

/** The ways of all sources' streams, by source. */
export function waysBySource(arrows: readonly Arrow[]): Map<string, Ways> {
  const found = new Map<string, { direct: Set<string>; via: Map<string, Set<string>> }>();
  for (const { from, to, source, kind } of arrows) {
    const ways = found.get(source) ?? { direct: new Set(), via: new Map() };
    found.set(source, ways);
    if (kind !== 'relayed') ways.direct.add(to);
    else ways.via.set(from, (ways.via.get(from) ?? new Set()).add(to));
  }
  return new Map(
    [...found].map(([source, { direct, via }]) => [
      source,
      {
        direct: [...direct].sort(),
        via: new Map([...via].sort(byRelay).map(([relay, receivers]) => [relay, [...receivers].sort()])),
      },
    ]),
  );
}

function byRelay([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
