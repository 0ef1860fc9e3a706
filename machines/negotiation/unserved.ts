/** Whom our streams do not get to, why, and whether that is so for want of a member that the internet reaches. Pure. */
import type { PeerId } from '../messages.ts';
import type { UnservedPair } from '../plan.ts';
import { sameData } from '../same-data.ts';
import { type Member, selfOf, type View } from '../view.ts';
import type { Command, Context } from './state.ts';

type Unserved = Context['unserved'];

/** Who is served by a stream and who is not, where that has changed; of one that is gone there is nothing to say. */
export function unservedNotes(view: View, before: Unserved, after: Unserved): Command[] {
  return selfOf(view).streams.flatMap(({ name: stream }): Command[] => {
    const now = unservedOf(after.get(stream) ?? []);
    if (sameData(now, unservedOf(before.get(stream) ?? []))) return [];
    const noneOpen = now.unreachable !== undefined && !isAnybodyOpen(view) ? { noneOpen: true as const } : {};
    return [{ do: 'note', entry: { type: 'pairs.unserved', stream, ...now, ...noneOpen } }];
  });
}

function unservedOf(pairs: readonly UnservedPair[]) {
  const idsOf = (some: readonly UnservedPair[]): PeerId[] => some.map(({ receiver }) => receiver).sort();
  const unreachable = idsOf(pairs.filter(({ why }) => why === 'no-relay'));
  return { receivers: idsOf(pairs), ...(unreachable.length > 0 ? { unreachable } : {}) };
}

function isAnybodyOpen({ members }: View): boolean {
  const all = [...members.values()];
  return all.some((member) => member.nat === 'none' || all.some((other) => letsIn(member, other)));
}

/** Whoever a symmetric NAT gets through to from another network gets packets from ports that it cannot know: it is open. */
function letsIn(member: Member, other: Member): boolean {
  const isElsewhere = other.id !== member.id && (other.outside === null || other.outside !== member.outside);
  return other.nat === 'symmetric' && isElsewhere && !member.cut.includes(other.id) && !other.cut.includes(member.id);
}
