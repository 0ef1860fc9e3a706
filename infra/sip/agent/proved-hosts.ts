/**
 * Where the other end of a call has proved to be: by a connection, or by naming what was sent there and nowhere else. The sender's address
 * of a datagram proves nothing, and whoever is called is sent far more than it takes to write one. Pure.
 */
import type { Flow } from '../flow.ts';

/** Places that one call is made from: a phone that changes networks. */
const MOST_HOSTS = 8;

export class ProvedHosts {
  readonly #hosts = new Set<string>();
  #isAsking = false;

  has(host: string): boolean {
    return this.#hosts.has(host);
  }

  /** What was sent there alone has been named. */
  add({ host }: Flow): void {
    if (this.#hosts.size < MOST_HOSTS) this.#hosts.add(host);
  }

  /** A message says to come from there. @returns whether that is to be asked now: of a call that has begun, one question at a time */
  heard(flow: Flow): boolean {
    if (flow.transport === 'tcp') this.add(flow);
    if (this.#isAsking || this.has(flow.host) || this.#hosts.size === 0) return false;
    this.#isAsking = true;
    return true;
  }

  /** The question has been answered, or nobody does. */
  settled(): void {
    this.#isAsking = false;
  }
}
