import { CodedError } from '../../infra/coded-error.ts';
import type { SdpErrorCode } from '../../infra/sdp/sdp-reader.ts';

/** Stable: programs switch on it. `sdp.…`: the file of `--source sdp:FILE`. */
export type UsageErrorCode = 'usage.invalid' | 'sdp.unreadable' | SdpErrorCode;

/** A command line that cannot be followed. The message names the option and what it accepts. */
export class UsageError extends CodedError<UsageErrorCode> {
  override readonly name = 'UsageError';
  readonly exitCode = 2;

  constructor(message: string, code: UsageErrorCode = 'usage.invalid', options?: ErrorOptions) {
    super(code, message, options);
  }
}
