/** What logic that owns no socket and no clock wants done next. */
import type { Endpoint } from '../path/contract.ts';

export interface Datagram {
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

export interface Outgoing {
  /** To be sent now, in this order. */
  readonly datagrams: readonly Datagram[];
  /** When to call `wake`, in ms on the caller's clock; undefined: not before something else happens. */
  readonly wakeAtMs: number | undefined;
}

/** The earlier of two times, one of which may be never. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
