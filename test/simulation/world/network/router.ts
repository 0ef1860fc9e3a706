/**
 * A router between a home and the internet (RFC 4787): it gives what goes out an address of its own, and lets in what comes from
 * where something has gone to, port included. It takes no packet from inside to itself.
 */

import type { Endpoint } from '../../../../infra/path/contract.ts';
import { endpointText } from '../../../../infra/path/table/addresses.ts';
import type { Behind } from './place.ts';

/** Shorter than any real router's two minutes, or thirty seconds, so that a short room sees it: longer than two checks of consent. */
const FORGETS_MS = 15_000;
/** Its ports begin here, far from those that members are bound to. */
const FIRST_PORT = 40_000;

interface Mapping {
  readonly inside: Endpoint;
  readonly outside: Endpoint;
  /** When something went out last: at all, and by whom it went to. */
  lastMs: number;
  readonly sentMs: Map<string, number>;
}

export class Router {
  readonly name: string;
  readonly host: string;
  readonly #nat: Behind['nat'];
  readonly #byInside = new Map<string, Mapping>();
  readonly #byPort = new Map<number, Mapping>();
  #nextPort = FIRST_PORT;

  /** @param host its address on the internet */
  constructor({ router, nat }: Behind, host: string) {
    this.name = router;
    this.host = host;
    this.#nat = nat;
  }

  /** A packet goes out. Returns where it seems to come from. */
  out(inside: Endpoint, to: Endpoint, nowMs: number): Endpoint {
    const receiver = endpointText(to);
    const key = this.#nat === 'cone' ? endpointText(inside) : `${endpointText(inside)} ${receiver}`;
    const known = this.#byInside.get(key);
    const mapping = known !== undefined && !isForgotten(known, nowMs) ? known : this.#map(key, inside);
    mapping.lastMs = nowMs;
    mapping.sentMs.set(receiver, nowMs);
    return mapping.outside;
  }

  /** To whom inside a packet would go that comes to this port; undefined: to nobody. */
  insideOf(port: number): Endpoint | undefined {
    return this.#byPort.get(port)?.inside;
  }

  /** Whether what comes from there to this port may pass. */
  letsIn(port: number, from: Endpoint, nowMs: number): boolean {
    const mapping = this.#byPort.get(port);
    if (mapping === undefined || isForgotten(mapping, nowMs)) return false;
    return nowMs - (mapping.sentMs.get(endpointText(from)) ?? Number.NEGATIVE_INFINITY) < FORGETS_MS;
  }

  /** Whether something has ever gone out from this port. */
  hasUsed(port: number): boolean {
    return port >= FIRST_PORT && port < this.#nextPort;
  }

  /** It starts anew, and knows nothing of what it has let out. */
  rebind(): void {
    this.#byInside.clear();
    this.#byPort.clear();
  }

  #map(key: string, inside: Endpoint): Mapping {
    const old = this.#byInside.get(key);
    if (old !== undefined) this.#byPort.delete(old.outside.port);
    const outside = { host: this.host, port: this.#nextPort };
    this.#nextPort += 1;
    const mapping: Mapping = { inside, outside, lastMs: 0, sentMs: new Map() };
    this.#byInside.set(key, mapping);
    this.#byPort.set(outside.port, mapping);
    return mapping;
  }
}

function isForgotten({ lastMs }: Mapping, nowMs: number): boolean {
  return nowMs - lastMs >= FORGETS_MS;
}
