/** What negotiation keeps, what it takes, and what its two sides ask to be done. */

import type { FaultyHop } from '../digests/hop-faults.ts';
import type { StreamPaths, StreamRates } from '../forwarding/own-streams.ts';
import type { HeldAgreement, Incoming, Outgoing, PeerId, RouteInfo, StreamName } from '../messages.ts';
import type { UnservedPair } from '../plan.ts';
import type { JournalEntry, Port, RelayedRoute, TransportEvent } from '../ports.ts';
import type { Doubts, Failing } from '../room-plan.ts';
import type { View } from '../view.ts';
import type { Situation } from './carry-out.ts';
import type { ClientAgreementEvent, ClientAgreementNews } from './client-agreement.ts';
import type { Terms } from './legs.ts';
import type { RelayAgreementEvent, RelayAgreementNews } from './relay-agreement.ts';
import type { Relaying } from './relaying.ts';

/** How the own streams run, as the room is told. */
export interface Announcement {
  readonly routes: readonly RouteInfo[];
  readonly agreements: readonly HeldAgreement[];
  readonly promisedBps: number;
}

/** A receiver's legs through these relays are lost, and with them what came after. */
export type LegsLost = { readonly type: 'legs.lost' } & Pick<Withheld, 'receiver' | 'relays' | 'acknowledged'>;

/** What the root hears. */
export type NegotiationNews =
  /** The own streams' paths and rates now. `allowanceBps`: what sending may cost for a moment, while paths change. */
  | {
      readonly type: 'routes.own';
      readonly streams: StreamPaths;
      readonly rates: StreamRates;
      readonly allowanceBps: number;
      /** Relays in use that have not answered yet. */
      readonly presumed: ReadonlySet<PeerId>;
    }
  | { readonly type: 'routes.relayed'; readonly routes: readonly RelayedRoute[] }
  /** What has not come through these relays to this receiver is to be sent again another way. */
  | LegsLost
  | ({ readonly type: 'announce' } & Announcement)
  /** Nobody is relayed any more: a leaving peer may go. */
  | { readonly type: 'negotiation.vacated' };

/** What negotiation takes from the bus. */
export const AGREEMENT_KINDS = [
  'relay.request',
  'relay.offer',
  'relay.reject',
  'relay.release',
  'media.missing',
  'media.forged',
] as const;
export type AgreementMessage = Extract<Incoming, { kind: (typeof AGREEMENT_KINDS)[number] }>;
export type Request = Extract<Incoming, { kind: 'relay.request' }>;
export type Release = Extract<Incoming, { kind: 'relay.release' }>;
export type Accusation = Extract<Incoming, { kind: 'media.forged' }>;
/** What a receiver does not get, by its word and our records. */
export type Withheld = Extract<TransportEvent, { type: 'legs.withheld' }>;
export type Complaint = Extract<Incoming, { kind: 'media.missing' }>;

export type NegotiationEvent =
  | ClientAgreementNews
  | RelayAgreementNews
  | { readonly type: 'view.changed'; readonly view: View }
  | { readonly type: 'members.rerouted'; readonly view: View }
  | { readonly type: 'member.unheard'; readonly peer: PeerId }
  | { readonly type: 'pairs.reached'; readonly peers: ReadonlyMap<PeerId, number> }
  | {
      [K in AgreementMessage['kind']]: { readonly type: K; readonly message: Extract<AgreementMessage, { kind: K }> };
    }[AgreementMessage['kind']]
  | { readonly type: 'relay.silent'; readonly relay: PeerId; readonly quiet: readonly PeerId[] }
  | Withheld
  | { readonly type: 'slices.missing'; readonly owner: PeerId; readonly stream: StreamName; readonly slices: number }
  | ({ readonly type: 'hop.faulty' } & FaultyHop)
  /** Forwarding has stopped using what is no longer in force. */
  | { readonly type: 'routes.settled' }
  | { readonly type: 'trust.restored'; readonly peer: PeerId }
  /** This receiver may be believed alone again. */
  | { readonly type: 'witness.restored'; readonly peer: PeerId }
  | { readonly type: 'ways.settled' }
  /** A deferred request has waited for `requestPatience`. */
  | { readonly type: 'patience.over'; readonly client: PeerId }
  /** What this client had sent before it let go of legs has been forwarded. */
  | { readonly type: 'legs.drained'; readonly client: PeerId }
  | { readonly type: 'bus.connected' }
  | { readonly type: 'bus.disconnected' }
  | { readonly type: 'media.alive'; readonly peer: PeerId }
  | { readonly type: 'media.silent'; readonly peer: PeerId }
  /** Give notice to all clients and take no more. */
  | { readonly type: 'leaving' }
  /** End all agreements as a client. */
  | { readonly type: 'leave' };

/** A request that has not been granted in full. */
export interface Deferred {
  readonly request: Request;
  /** Part of it has been offered; the rest is offered as soon as others let go. */
  readonly answered: boolean;
}

export interface NegotiationInput {
  readonly epoch: number;
  readonly view: View;
  readonly parent: Port<NegotiationNews>;
}

export interface Context extends Situation, Omit<Doubts, keyof Situation> {
  readonly parent: Port<NegotiationNews>;
  readonly epoch: number;
  /** Relays in use that have not answered, as forwarding was last told. */
  readonly presumed: ReadonlySet<PeerId>;
  /** Members with whom our pair has proved a way, as the pairs last said, and how long its round trip was then, in ms. */
  readonly reached: ReadonlyMap<PeerId, number>;
  /** Requests that wait, one a client: for the view to learn of those they name, or for others to let go of capacity. */
  readonly deferred: ReadonlyMap<PeerId, Deferred>;
  /** Agreements opened so far: their ids count up. */
  readonly opened: number;
  /** Terms asked for so far, of any relay: revisions count up. */
  readonly revisions: number;
  readonly refusals: ReadonlyMap<PeerId, number>;
  /** By relay, who misses what it should forward, and of which streams; as long as their ways stay as they are. */
  readonly complaints: ReadonlyMap<PeerId, ReadonlyMap<PeerId, ReadonlySet<StreamName>>>;
  /** Receivers whose ways have changed just now: what they miss may be of the way before. */
  readonly moved: ReadonlySet<PeerId>;
  /** How many relays each receiver has accused alone lately: it is believed alone only so often. */
  readonly witnesses: ReadonlyMap<PeerId, number>;
  /** How often each member has failed as a relay. */
  readonly failures: ReadonlyMap<PeerId, Readonly<Record<Failing, number>>>;
  /** By stream, those that the plan leaves without it. */
  readonly unserved: ReadonlyMap<StreamName, readonly UnservedPair[]>;
  readonly leaving: boolean;
  /** It is, or has just come back, and not all have been heard again that live. */
  readonly busAway: boolean;
  readonly mediaAlive: ReadonlySet<PeerId>;
  /** Members whose media has stopped, and of whom the bus has brought no other profile since. */
  readonly fallen: ReadonlySet<PeerId>;
  /** Members that the bus has not brought anything of for long. */
  readonly unheard: ReadonlySet<PeerId>;
  /** What forwarding and the room were last told, to say nothing twice, and what that came from, to compare nothing twice. */
  readonly told: {
    readonly relayed: readonly RelayedRoute[];
    readonly from: { readonly view: View | null } & Pick<Relaying, 'agreements' | 'draining'>;
    readonly announced: Announcement | null;
    readonly of: Pick<Situation, 'inForce' | 'asked'> & { readonly ledger: Relaying['ledger'] | null };
  };
}

/** Something to be done outside the context. */
export type Command =
  | { readonly do: 'publish'; readonly to: PeerId; readonly message: Outgoing; readonly isUrgent?: true }
  | { readonly do: 'note'; readonly entry: JournalEntry }
  | { readonly do: 'tell'; readonly news: NegotiationNews }
  | {
      readonly do: 'openClient';
      readonly agreement: string;
      readonly relay: PeerId;
      readonly terms: Terms;
      readonly revision: number;
      readonly isUrgent: boolean;
    }
  | { readonly do: 'openRelay'; readonly agreement: string; readonly client: PeerId; readonly leaseMs: number }
  | { readonly do: 'tellClient'; readonly agreement: string; readonly event: ClientAgreementEvent }
  | { readonly do: 'tellRelay'; readonly client: PeerId; readonly event: RelayAgreementEvent }
  | { readonly do: 'closeClient'; readonly agreement: string }
  | { readonly do: 'closeRelay'; readonly client: PeerId }
  | { readonly do: 'distrust'; readonly relay: PeerId; readonly forMs: number }
  /** Ways have changed: for so long from now on that of its receivers may bring nothing. */
  | { readonly do: 'awaitWays'; readonly forMs: number }
  /** This receiver has accused alone. */
  | { readonly do: 'doubtWitness'; readonly peer: PeerId }
  /** Answer a deferred request at the latest after `requestPatience`. */
  | { readonly do: 'wait'; readonly client: PeerId }
  /** Legs of this client drain: for so long from now. */
  | { readonly do: 'drain'; readonly client: PeerId; readonly forMs: number };

/** What a step of negotiation changes, and what is to be done about it. */
export interface Outcome {
  readonly patch?: Partial<Context>;
  readonly commands?: readonly Command[];
}
