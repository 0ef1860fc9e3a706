/** What is found out about the network of this machine, and what follows from it. Times in ms. */
import type { MappedAddress, MethodRefusal } from '../../infra/mapping/contract.ts';
import type { InterfaceAddress } from '../../infra/network/interfaces.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { TurnFailure } from '../../infra/turn/failure.ts';
import type { Nat } from '../../machines/messages.ts';

export type MappingFinding =
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'mapped'; readonly mapped: MappedAddress; readonly tookMs: number }
  /** The gateway is null where this machine has none. No refusals: nobody answered in time. */
  | { readonly kind: 'none'; readonly gateway: string | null; readonly refusals: readonly MethodRefusal[] };

export type StunSays =
  | { readonly kind: 'mapped'; readonly address: Endpoint; readonly tookMs: number }
  | { readonly kind: 'silent' }
  /** An error of STUN. */
  | { readonly kind: 'refused'; readonly code: number };

/** One address of a server of `--stun`. */
export interface StunFinding {
  readonly at: Endpoint;
  readonly says: StunSays;
}

export type TurnFinding =
  | {
      readonly kind: 'allocated';
      readonly relayed: readonly Endpoint[];
      /** As what the server sees us; null: it did not tell. */
      readonly mapped: Endpoint | null;
      readonly tookMs: number;
    }
  | { readonly kind: 'failed'; readonly failure: TurnFailure };

/** A server's name that leads nowhere, in a sentence. */
export type Unresolved = string;

export interface Findings {
  /** Of the socket that asked, and that a router was asked to send packets to. */
  readonly bound: Endpoint;
  readonly addresses: readonly InterfaceAddress[];
  readonly mapping: MappingFinding;
  readonly stun: readonly StunFinding[];
  /** Null: none was given, or its name leads nowhere. */
  readonly turn: TurnFinding | null;
  readonly unresolved: readonly Unresolved[];
  readonly tookMs: number;
}

/** Where another member may sit. `open`: public, mapped, or behind a router that lets in whatever comes. */
export const OTHERS = ['open', 'cone', 'symmetric', 'blocked'] as const;
export type Other = (typeof OTHERS)[number];

/** How such a member and we talk. `relay`: over an open member of the room. `ask`: the members find out. */
export type Way = 'direct' | 'turn' | 'relay' | 'ask' | 'never';

/** Stable: programs switch on them. */
export type AdviceCode =
  | 'allow-udp'
  | 'carrier-nat'
  | 'check-server'
  | 'check-turn'
  | 'forward-port'
  | 'give-servers'
  | 'give-turn';

export interface Advice {
  readonly code: AdviceCode;
  readonly text: string;
}

export interface Verdict {
  /** `blocked`: no UDP comes back from outside. */
  readonly nat: Nat | 'blocked';
  /** The host as the internet sees us, of IPv4; null: nobody has told. */
  readonly outside: string | null;
  /** Where everybody reaches us who has that family of addresses. */
  readonly openAt: readonly Endpoint[];
  readonly reaches: Readonly<Record<Other, Way>>;
  /** Empty: nothing is to be done. */
  readonly advice: readonly Advice[];
}
