/** Maps of the newest entries: whoever makes up ever new ones drives out the oldest. */

/** The same with this entry as its newest, and no more than `most` in all. */
export function withNewest<K, V>(
  map: ReadonlyMap<K, V> | undefined,
  [key, value]: readonly [K, V],
  most: number,
): Map<K, V> {
  const kept = new Map(map);
  kept.delete(key);
  kept.set(key, value);
  for (const oldest of kept.keys()) {
    if (kept.size <= most) break;
    kept.delete(oldest);
  }
  return kept;
}
