/** What a phone dials: `ROOM`, or `ROOM.C` to see C whoever speaks. */
import type { PeerId } from '../../machines/messages.ts';
import { isId } from '../../machines/subjects.ts';

export interface DialledRoom {
  readonly room: string;
  /** Whom the phone sees; null: who speaks. */
  readonly pinned: PeerId | null;
}

/** @param user the part of the dialled URI before the `@`. Undefined: it names no room */
export function dialledRoom(user: string): DialledRoom | undefined {
  const [room = '', pinned = null, ...rest] = user.split('.');
  if (!isId(room) || rest.length > 0 || (pinned !== null && !isId(pinned))) return undefined;
  return { room, pinned };
}
