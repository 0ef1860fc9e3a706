/** Payload types that RFC 3551 has assigned to comfort noise, before and since: noise is never the sound itself. */
const COMFORT_NOISE = new Set([13, 19]);

export function isComfortNoise(payloadType: number): boolean {
  return COMFORT_NOISE.has(payloadType);
}

/** `declared`: somebody has said which payload type it is. `any`: nobody has, and the usual one stands for the program's own. */
export type PayloadTypes = 'declared' | 'any';

/**
 * Which payload type of a program is the stream's. A stream has one format and one payload type, which every receiver is told;
 * what a program sends under another (telephone events, comfort noise, RED, FEC) is left out and counted.
 *
 * - Where the payload type was declared, by an option or by the program's SDP, only that one is the stream's. If it never comes,
 *   the mistake is told: to guess would show noise.
 * - Where it was not, the program's own stands for the usual one, as programs choose it by themselves: the first of each run
 *   that is no comfort noise, until the usual one itself comes.
 */
export class PayloadRule {
  readonly #declared: number;
  readonly #types: PayloadTypes;
  /** Of the run that is taken. */
  #own: number | null = null;

  constructor(declared: number, types: PayloadTypes) {
    this.#declared = declared;
    this.#types = types;
  }

  /** @param goesOn the packet belongs to the run that is taken, and not to what may be another program */
  admits(payloadType: number, goesOn: boolean): boolean {
    if (payloadType === this.#declared) return true;
    if (this.#types === 'declared' || isComfortNoise(payloadType)) return false;
    return !goesOn || payloadType === this.#own;
  }

  /** A packet that was admitted has become the stream's. */
  took(payloadType: number): void {
    this.#own = payloadType;
  }
}
