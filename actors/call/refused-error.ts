/** What is said of a call that ended without its peer's will. */
import { CodedError } from '../../infra/coded-error.ts';
import { MAX_MEMBERS } from '../../machines/messages.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { Refusal } from './participant.ts';

type Place = Pick<PeerOptions, 'id' | 'room'>;

/** The room does not take us. */
export class RefusedError extends CodedError<'id.taken' | 'room.full'> {
  override readonly name = 'RefusedError';

  constructor(refusal: Refusal, { id, room }: Place) {
    super(
      refusal === 'taken' ? 'id.taken' : 'room.full',
      refusal === 'taken'
        ? `There is a peer ${id} in room ${room} already. Choose another --id, or end that peer first.`
        : `Room ${room} is full: it holds ${MAX_MEMBERS} members. Choose another --room, or wait until somebody leaves.`,
    );
  }
}

/** For a person who finds the process ended without a Ctrl-C. */
export function replacedText({ id, room }: Place): string {
  return `Another process has joined room ${room} as ${id} since this one did, and takes its place: this one has left.`;
}
