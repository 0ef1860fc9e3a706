/** Why a line cannot be measured. */
import { CodedError } from '../../infra/coded-error.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { Stage } from './measuring.ts';

export class MeasuringError extends CodedError<'uplink.nobody' | 'uplink.unanswered' | 'uplink.locked'> {
  override readonly name = 'MeasuringError';
}

const SERVE = (room: string) =>
  `start \`npm run uplink -- --serve --room ${room}\` on another machine, outside of this home`;

/** @param named `--with` */
export function nobodyError(
  members: readonly PeerId[],
  room: string,
  named: PeerId | null,
  isLocked: boolean,
): MeasuringError {
  if (isLocked) {
    const text = `Room ${room} has a key, and it is another one than yours, or you gave none: give --room-key.`;
    return new MeasuringError('uplink.locked', text);
  }
  if (named !== null && !members.includes(named))
    return new MeasuringError('uplink.nobody', `There is no ${named} in room ${room}: ${SERVE(room)}.`);
  if (members.length === 0)
    return new MeasuringError('uplink.nobody', `Nobody else is in room ${room}: ${SERVE(room)}.`);
  const who = named ?? members.join(', ');
  const text = `${who} is in room ${room}, and has not agreed to be sent padding: ${SERVE(room)}, or let it say by --download what it can receive, and name it by --with.`;
  return new MeasuringError('uplink.nobody', text);
}

export function unansweredError({ agreed }: Extract<Stage, { is: 'unanswered' }>): MeasuringError {
  const text = `${agreed.join(', ')} says nothing of what is sent there: no way leads there, or a firewall lets no UDP through. See \`npm run reach\`.`;
  return new MeasuringError('uplink.unanswered', text);
}
