/**
 * Where the other end of a call has proved to be: by a connection, or by naming what was sent there and nowhere else. The sender's address
 * of a datagram proves nothing, and whoever is called is sent far more than it takes to write one. Pure.
 */
import type { Flow } from '../flow.ts';

/** Places that one call is made from: a phone that changes networks. */
const MOST_HOSTS = 8;

/** Sends an INFO of the call without a body there, and tells the status of its answer; null: there is none. */
export type AskThere = (flow: Flow, nowMs: number, onStatus: (status: number | null) => void) => void;

export class ProvedHosts {
  readonly #hosts = new Set<string>();
  readonly #ask: AskThere;
  #isAsking = false;

  constructor(ask: AskThere) {
    this.#ask = ask;
  }

  has(host: string): boolean {
    return this.#hosts.has(host);
  }

  /** What was sent there alone has been named. */
  add(host: string): void {
    if (this.#hosts.size < MOST_HOSTS) this.#hosts.add(host);
  }

  /** A message says to come from there. @returns whether that is asked now: of a call that has begun, one question at a time */
  heard(flow: Flow, nowMs: number): boolean {
    if (flow.transport === 'tcp') this.add(flow.host);
    if (this.#isAsking || this.has(flow.host) || this.#hosts.size === 0) return false;
    this.#isAsking = true;
    this.#ask(flow, nowMs, (status) => {
      this.#isAsking = false;
      if (status !== null && isOfCall(status)) this.add(flow.host);
    });
    return true;
  }
}

/**
 * Whoever has no such call answers 481 (RFC 2976 section 2.2). Baresip wants a body, and says that of calls alone. What an OPTIONS is
 * answered would prove nothing: many say 200, whatever call it names.
 */
function isOfCall(status: number): boolean {
  return (status >= 200 && status < 300) || [415, 469, 488].includes(status);
}
