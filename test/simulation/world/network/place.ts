/** Where a member sits: what stands between it and the others. */
import { z } from 'zod';

export const placeSchema = z.union([
  z.enum(['lan', 'open']).describe('in the one network that is no part of the internet, or with an address on it'),
  z
    .object({ router: z.string().min(1).max(32), nat: z.enum(['cone', 'symmetric']) })
    .describe('behind the router of this name, with whoever else is'),
]);
export type Place = z.infer<typeof placeSchema>;

/** A router, and what it does with what goes out. */
export type Behind = Exclude<Place, string>;

/** How long another address stays unnoticed at most, ms: interfaces are looked at so often. */
export const MOVE_NOTICED_WITHIN_MS = 250;

/**
 * Whether packets can go both ways between these. A `cone` lets in what comes from where something has gone to, port included; so
 * whoever sends from another port for each receiver gets through to the open only.
 */
export function reachEachOther(a: Place, b: Place): boolean {
  if (a === 'lan' || b === 'lan') return a === b;
  if (a === 'open' || b === 'open' || a.router === b.router) return true;
  return a.nat !== 'symmetric' && b.nat !== 'symmetric';
}
