/** One request and its repeats, until it is answered or given up (RFC 8489 section 6.2.1). */

/**
 * How long an answer is first waited for, in ms; the wait doubles with each repeat. RFC 8489 says 500: that is for networks whose
 * round trip nobody knows. Beyond 200 ms a repeat costs one small datagram, and before it a lost one would cost the join.
 */
const FIRST_WAIT_MS = 200;
/** Requests at 0, 200, 600 and 1400 ms: with 5 % loss each way one in ten thousand fails. RFC 8489 has seven. */
const MOST_SENT = 4;

/** For how long a request is tried, in ms. A server is then known to be silent before a person asks why nothing happens. */
export const GIVEN_UP_MS = FIRST_WAIT_MS * (2 ** MOST_SENT - 1);

export class Transaction {
  readonly bytes: Uint8Array;
  #sent = 0;
  #nextAtMs: number;

  /** @param nowMs when it is due for the first time */
  constructor(bytes: Uint8Array, nowMs: number) {
    this.bytes = bytes;
    this.#nextAtMs = nowMs;
  }

  /** When {@link poll} has something to say. */
  get nextAtMs(): number {
    return this.#nextAtMs;
  }

  /** `send`: send the bytes now. `failed`: nobody answers. */
  poll(nowMs: number): 'send' | 'wait' | 'failed' {
    if (nowMs < this.#nextAtMs) return 'wait';
    if (this.#sent === MOST_SENT) return 'failed';
    // From now and not from when it was due: a process that slept does not send all repeats at once.
    this.#nextAtMs = nowMs + FIRST_WAIT_MS * 2 ** this.#sent;
    this.#sent += 1;
    return 'send';
  }
}
