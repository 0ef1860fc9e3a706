/** A command line that cannot be followed. The message names the option and what it accepts. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage.invalid';
  readonly exitCode = 2;
}
