/** What an address gets at which no member has ever been, whoever names it: a few checks a second of all the room, and no media. */

import type { Endpoint } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';

const SECOND_MS = 1000;
/** Checks a second at one address. */
const MOST_CHECKS = 20;

export class StrangerWatch {
  /** When the checks of the last second were sent, by address. */
  readonly #checks = new Map<string, number[]>();

  /** @returns what is wrong with that */
  sent(kind: string, from: string, to: Endpoint, nowMs: number): string | undefined {
    const address = endpointText(to);
    if (kind !== 'stun') return `${from} sends ${kind} to ${address}, where no member has ever been`;
    const recent = (this.#checks.get(address) ?? []).filter((atMs) => atMs > nowMs - SECOND_MS);
    recent.push(nowMs);
    this.#checks.set(address, recent);
    if (recent.length <= MOST_CHECKS) return undefined;
    this.#checks.set(address, []);
    return `${address}, where no member has ever been, got more than ${MOST_CHECKS} checks in a second`;
  }
}
