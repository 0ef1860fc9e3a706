/** Which routers refuse each other. Pure. */
import type { Nat } from '../messages.ts';

/**
 * Where both ends change their port for each receiver, neither knows where to send; where one does, the other lets in only what
 * comes from where it has sent to. Some of the latter kind let in more than that: so a pair is tried still.
 */
export function refuseEachOther(ours: Nat, theirs: Nat): boolean {
  return (ours === 'symmetric' && refusesSymmetric(theirs)) || (theirs === 'symmetric' && refusesSymmetric(ours));
}

function refusesSymmetric(nat: Nat): boolean {
  return nat === 'symmetric' || nat === 'cone';
}
