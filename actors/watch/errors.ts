/** Why a recording could not be written or read. Stable: programs switch on them. */
export type RecordingErrorCode = 'recording.exists' | 'recording.failed' | 'recording.missing' | 'recording.invalid';

/** A failure with a recording of a room, with a text that says what to do. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly code: RecordingErrorCode;

  constructor(code: RecordingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
