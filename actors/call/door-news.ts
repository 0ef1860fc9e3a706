/** What is told of who can get in, and who speaks for whom. */
import type { PeerId } from '../../machines/messages.ts';
import { parseSubject } from '../../machines/subjects.ts';
import type { BusFault } from '../bus/bus.ts';

export type DoorNews =
  /** The room has no key. */
  | { readonly type: 'door.open'; readonly room: string }
  /** Somebody in the room speaks under another key of the door than ours, or has one where we have none; or has none where we have one. */
  | { readonly type: 'door.other'; readonly peer: PeerId; readonly how: 'locked' | 'unlocked' }
  /** We sign nothing. */
  | { readonly type: 'identity.none' }
  /** What is known of others could not be written, or not be read again. */
  | { readonly type: 'known.failed'; readonly reason: string };

/** Told as such, once of each sender; undefined: it is dropped for another reason. */
export function doorNews({
  fault,
  subject,
}: {
  readonly fault: BusFault;
  readonly subject: string;
}): DoorNews | undefined {
  const peer = parseSubject(subject)?.from;
  if (peer === undefined || (fault !== 'locked' && fault !== 'unlocked')) return undefined;
  return { type: 'door.other', peer, how: fault };
}

export const DOOR_SENTENCES: { readonly [T in DoorNews['type']]: (news: Extract<DoorNews, { type: T }>) => string } = {
  'door.open': ({ room }) =>
    `the door of room ${room} is open: whoever gets to its NATS server can join and read; --room-key, or a link of \`rpr link\`, closes it`,
  'door.other': ({ peer, how }) =>
    how === 'locked'
      ? `${peer} is in this room under another room key than yours: you do not hear each other; take the link again, or check --room-key`
      : `${peer} is in this room without its key: it hears nothing, and is not heard; give it the link`,
  'identity.none': () => 'without an identity nobody can tell you from others who call themselves so',
  'known.failed': ({ reason }) => `what is known of others is not kept: ${reason}`,
};
