/** What a pair is given, and what it tells. */
import type { Candidate, Endpoint, Nat, PeerId } from '../messages.ts';
import type { CutReason, OpenedPair } from '../ports.ts';

/** Another member that answers checks. */
export interface PairMember {
  readonly peer: PeerId;
  /** Of its process: another one is another pair. */
  readonly epoch: number;
  readonly nat: Nat;
  /** Behind the same router as we: its nature is no matter between us. */
  readonly isBeside: boolean;
  /** Of a plain endpoint, which names no candidates: where it says that it is. */
  readonly claim: Endpoint | null;
}

/** Where a member may be tried: as it names it, or through which channels of our TURN server that is reached. */
export interface Named {
  /** A later one is a higher one. */
  readonly generation: number;
  readonly candidates: readonly (Candidate & Endpoint)[];
}

/** Where to send to a member, and from where packets of it are taken. */
export interface Ways {
  readonly send: Endpoint | null;
  readonly accept: readonly Endpoint[];
  /** The same of RTCP, of a plain endpoint that takes it at an address of its own and answers no checks. */
  readonly rtcp?: { readonly send: Endpoint | null; readonly accept: readonly Endpoint[] };
}

export const NO_WAYS: Ways = { send: null, accept: [] };

/** The kinds of addresses that a socket sends to. */
export type Family = 'ipv4' | 'ipv6';
export const BOTH_FAMILIES: ReadonlySet<Family> = new Set(['ipv4', 'ipv6']);

export function familyOf({ host }: Pick<Endpoint, 'host'>): Family {
  return host.includes(':') ? 'ipv6' : 'ipv4';
}

/** A check to be sent: a STUN binding request (RFC 8489) under this transaction. */
export interface Check {
  readonly peer: PeerId;
  readonly to: Endpoint;
  readonly transaction: string;
}

export type PairNews =
  | ({ readonly type: 'pair.opened' } & OpenedPair)
  | { readonly type: 'pair.late'; readonly peer: PeerId }
  /** What should come does not: the network around us may be another one. */
  | { readonly type: 'pair.doubted'; readonly peer: PeerId }
  | { readonly type: 'pair.cut'; readonly peer: PeerId; readonly reason: CutReason }
  /** The member's {@link Ways} are others. */
  | { readonly type: 'pair.moved'; readonly peer: PeerId };
