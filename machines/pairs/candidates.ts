/** Which of our addresses a member is told. Pure. */
import type { Candidate } from '../messages.ts';
import type { TransportEvent } from '../ports.ts';

export type OwnAddresses = Omit<Extract<TransportEvent, { type: 'candidates.own' }>, 'type'>;

/**
 * Private addresses are no business of those in other networks, and of no use to them: they go to members that the internet sees at
 * our own address. Where nobody can tell us ours, everybody may be beside us.
 *
 * @param theirs the member's host as the internet sees it; null: it does not know
 */
export function candidatesFor(own: OwnAddresses, theirs: string | null): Candidate[] {
  const told = own.candidates.filter(({ isPrivate }) => !isPrivate || mayBeBeside(own, theirs));
  return told.map(({ kind, host, port }) => ({ kind, host, port }));
}

/** Whether a member may be in our own network. */
export function mayBeBeside({ outside, outsideIs }: OwnAddresses, theirs: string | null): boolean {
  switch (outsideIs) {
    case 'known':
      return outside === theirs;
    case 'asking':
    case 'hidden':
      return false;
    case 'untold':
      return theirs === null;
    case 'alone':
      return true;
  }
}
