/** Part of a ring round a node, from the top clockwise. Pure. */

/** The `d` of a path. @param from @param to shares of the whole ring, 0..1 */
export function arcOf(radius: number, from: number, to: number): string {
  const most = Math.min(to, from + 0.9999);
  if (most <= from) return '';
  const at = (share: number) => {
    const angle = 2 * Math.PI * share - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${at(from)}A${radius} ${radius} 0 ${most - from > 0.5 ? 1 : 0} 1 ${at(most)}`;
}
