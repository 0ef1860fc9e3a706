/** Relays that are used before they have answered, in the place of one that fell silent. Pure. */

import { pathsOf } from '../forwarding/own-streams.ts';
import type { PeerId } from '../messages.ts';
import type { Asked } from './carry-out.ts';
import { cutLegs, cutTerms, masksOf, ofStream, type StreamLegs, type Terms, unionTerms } from './legs.ts';
import type { Context } from './state.ts';

/** Whether this receiver gets nothing through this relay any more. */
export type Orphaned = (receiver: PeerId, relay: PeerId) => boolean;

/**
 * What is used of these terms before the relay has answered: what it has granted, and what it is to carry in another's place.
 *
 * @param isOrphan null: nobody lost a way, and what is presumed already stays so
 */
export function presuming(
  { inForce }: Context,
  known: Asked | undefined,
  wanted: Terms,
  isOrphan: Orphaned | null,
): Pick<Asked, 'presumed'> {
  const before = cutTerms(known?.presumed ?? known?.granted ?? [], wanted);
  if (isOrphan === null) return known?.presumed === undefined ? {} : { presumed: before };
  const orphaned = wanted.flatMap(({ stream, rateBps, legs }): StreamLegs[] => {
    const paths = pathsOf(inForce, stream);
    const used = ofStream(before, stream);
    const usedMasks = masksOf(used?.legs ?? []);
    const lostBy = (to: PeerId) =>
      [...(paths.get(to) ?? [])].reduce((lost, [via, of]) => (via !== null && isOrphan(to, via) ? lost | of : lost), 0);
    const left = cutLegs(legs, (to) => lostBy(to) & ~(usedMasks.get(to) ?? 0));
    // What goes through it already goes at the rate that it has granted.
    return left.length === 0 ? [] : [{ stream, rateBps: used?.rateBps ?? rateBps, legs: left }];
  });
  if (orphaned.length === 0) return known?.presumed === undefined ? {} : { presumed: before };
  return { presumed: unionTerms(before, orphaned) };
}

/** Who is used so. */
export function presumedOf(asked: Context['asked']): ReadonlySet<PeerId> {
  return new Set([...asked].flatMap(([relay, { presumed }]) => (presumed === undefined ? [] : [relay])));
}

/** It has answered, or does not. */
export function withoutPresumption(all: Context['asked'], relay: PeerId): Context['asked'] {
  const known = all.get(relay);
  if (known?.presumed === undefined) return all;
  const { presumed: _, ...rest } = known;
  return new Map(all).set(relay, rest);
}
