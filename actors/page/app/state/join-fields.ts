/** What was typed on the join screen, as it is asked of the peer, or what is wrong with it. */
import type { Join } from '../link/messages.ts';
import type { TextKey } from '../text/text.ts';

export interface JoinFields {
  readonly name: string;
  readonly room: string;
  readonly invite: string;
  /** Mbit/s. */
  readonly upload: string;
}

export interface JoinFault {
  readonly field: keyof JoinFields;
  readonly text: TextKey;
}

/** As the bus takes it for a token of its subjects. */
const ROOM = /^[A-Za-z0-9_-]{1,32}$/;
const MEGA = 1_000_000;

export function readJoin(
  { name, room, invite, upload }: JoinFields,
  devices: { readonly camera: boolean; readonly voice: boolean },
): Join | JoinFault {
  const bps = Number(upload.trim().replace(',', '.')) * MEGA;
  if (name.trim() === '') return { field: 'name', text: 'join.name.missing' };
  if (!ROOM.test(room.trim())) return { field: 'room', text: 'join.room.wrong' };
  if (upload.trim() !== '' && !(Number.isFinite(bps) && bps > 0)) return { field: 'upload', text: 'join.upload.wrong' };
  return {
    name: name.trim(),
    room: room.trim(),
    ...devices,
    ...(invite.trim() === '' ? {} : { invite: invite.trim() }),
    ...(upload.trim() === '' ? {} : { upload: Math.round(bps) }),
  };
}
