import { CodedError } from '../../infra/coded-error.ts';

/** Why a recording could not be written or read. Stable: programs switch on them. */
export type RecordingErrorCode = 'recording.exists' | 'recording.failed' | 'recording.missing' | 'recording.invalid';

/** A failure with a recording of a room, with a text that says what to do. */
export class RecordingError extends CodedError<RecordingErrorCode> {
  override readonly name = 'RecordingError';
}
