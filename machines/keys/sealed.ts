/** Between whom media is sealed, and who is to have the key of which stream. Pure. */
import type { Paths } from '../forwarding/paths.ts';
import type { PeerId, StreamInfo } from '../messages.ts';
import { type Member, othersOf, selfOf, type View, wantsStream } from '../view.ts';

/** Whether all that two members send each other is sealed: both speak RPR, and the two have a key. A plain endpoint is heard in the clear. */
export function isSealedBetween(a: Pick<Member, 'compatible' | 'key'>, b: Pick<Member, 'compatible' | 'key'>): boolean {
  return [a, b].every(({ compatible, key }) => compatible && key !== null);
}

/**
 * Who has the key of this own stream: those who want it; and the relays of plain endpoints, to which they send in the clear what they
 * could hear anyway. Nobody: it goes out in the clear.
 */
export function keyHolders(view: View, stream: StreamInfo, paths: Paths): PeerId[] {
  const self = selfOf(view);
  const isSealedTo = (peer: PeerId) => {
    const member = view.members.get(peer);
    return member !== undefined && isSealedBetween(self, member);
  };
  const openers = new Set<PeerId>();
  for (const [receiver, ways] of paths) {
    if (!isSealedTo(receiver)) for (const relay of ways.keys()) if (relay !== null) openers.add(relay);
  }
  return othersOf(view)
    .filter((member) => isSealedTo(member.id) && (openers.has(member.id) || wantsStream(member, self.id, stream)))
    .map(({ id }) => id);
}
