/** What a TURN client is to those who use it. */
import type { Endpoint } from '../path/contract.ts';
import type { Outgoing } from '../stun/outgoing.ts';
import type { ServerEndpoints } from './attempt.ts';
import type { Credentials } from './exchange.ts';
import type { TurnFailure } from './failure.ts';

export interface TurnClientOptions extends Credentials {
  /** Asked one after another until one answers. Only those whose family the media socket can send to. */
  readonly servers: ServerEndpoints;
}

export type TurnState =
  /** Not asked for, or given back. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'allocating' }
  | {
      readonly kind: 'allocated';
      /** What others send to: an IPv4 and an IPv6 address, or one of them. */
      readonly relayed: readonly [Endpoint, ...Endpoint[]];
      /** Where the server sees our socket. */
      readonly mapped: Endpoint | undefined;
    }
  /** It is tried again by itself. */
  | { readonly kind: 'failed'; readonly failure: TurnFailure }
  | { readonly kind: 'closing' };

/** What the server passes on from an address that has no channel. */
export interface TurnReceived {
  readonly from: Endpoint;
  /** Shares the memory of the datagram. */
  readonly bytes: Uint8Array;
}

export interface TurnOutgoing extends Outgoing {
  readonly received?: TurnReceived;
}

/** What the server lets through from a peer. */
export type TurnPeer =
  | { readonly kind: 'asking' }
  | { readonly kind: 'granted' }
  /** It is asked for again by itself. */
  | { readonly kind: 'failed'; readonly failure: TurnFailure };
