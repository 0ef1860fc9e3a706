/** What negotiation keeps, what it takes, and what its two sides ask to be done. */
import type { Incoming, Outgoing, PeerId, RouteInfo } from '../messages.ts';
import type { Paths } from '../paths.ts';
import type { JournalEntry, Port, RelayedRoute } from '../ports.ts';
import type { Doubts, Failing } from '../room-plan.ts';
import type { View } from '../view.ts';
import type { Situation } from './carry-out.ts';
import type { ClientAgreementEvent, ClientAgreementNews, Terms } from './client-agreement.ts';
import type { RelayAgreementEvent, RelayAgreementNews } from './relay-agreement.ts';

/** What the root hears. */
export type NegotiationNews =
  /** The own source's paths and rate now. `allowanceBps`: what sending may cost for a moment, while paths change. */
  | { readonly type: 'routes.own'; readonly paths: Paths; readonly rateBps: number; readonly allowanceBps: number }
  | { readonly type: 'routes.relayed'; readonly routes: readonly RelayedRoute[] }
  | { readonly type: 'announce'; readonly routes: readonly RouteInfo[]; readonly promisedBps: number }
  /** Nobody is relayed any more: a leaving peer may go. */
  | { readonly type: 'negotiation.vacated' };

export type AgreementMessage = Exclude<Incoming, { kind: 'invite' | 'answer' | 'presence' | 'bye' }>;
export type Request = Extract<Incoming, { kind: 'relay.request' }>;
export type Accept = Extract<Incoming, { kind: 'relay.accept' }>;
export type Release = Extract<Incoming, { kind: 'relay.release' }>;
export type Complaint = Extract<Incoming, { kind: 'media.missing' }>;

export type NegotiationEvent =
  | ClientAgreementNews
  | RelayAgreementNews
  | { readonly type: 'view.changed'; readonly view: View }
  | { readonly type: 'members.rerouted'; readonly view: View }
  | { readonly type: 'member.heard'; readonly peer: PeerId }
  | {
      [K in AgreementMessage['kind']]: { readonly type: K; readonly message: Extract<AgreementMessage, { kind: K }> };
    }[AgreementMessage['kind']]
  | { readonly type: 'relay.confirmed'; readonly relay: PeerId }
  | { readonly type: 'relay.silent'; readonly relay: PeerId }
  | { readonly type: 'slices.missing'; readonly owner: PeerId; readonly ssrc: number; readonly slices: number }
  /** Forwarding has stopped using what is no longer in force. */
  | { readonly type: 'routes.settled' }
  | { readonly type: 'trust.restored'; readonly peer: PeerId }
  /** A deferred request has waited for `requestPatience`. */
  | { readonly type: 'patience.over'; readonly agreement: string }
  /** What clients of this agreement had sent before they let go of legs has been forwarded. */
  | { readonly type: 'legs.drained'; readonly agreement: string }
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
export interface Context extends Situation, Doubts {
  readonly parent: Port<NegotiationNews>;
  readonly epoch: number;
  /** Requests that wait, by agreement: for the view to learn of their receivers, or for others to let go of capacity. */
  readonly deferred: ReadonlyMap<string, Deferred>;
  /** Agreements opened so far: their ids count up. */
  readonly opened: number;
  readonly refusals: ReadonlyMap<PeerId, number>;
  /** Receivers that miss what a relay should forward to them, by relay; as long as their ways stay as they are. */
  readonly complaints: ReadonlyMap<PeerId, ReadonlySet<PeerId>>;
  /** How often each member has failed as a relay. */
  readonly failures: ReadonlyMap<PeerId, Readonly<Record<Failing, number>>>;
  readonly leaving: boolean;
  readonly busAway: boolean;
  readonly mediaAlive: ReadonlySet<PeerId>;
  /** By agreement, presences heard from its client since it was last renewed: a client may renew one and have lost another. */
  readonly heardSinceRenewal: ReadonlyMap<string, number>;
  /** What forwarding, the room and the journal were last told, to say nothing twice. */
  readonly told: { readonly relayed: string; readonly announced: string; readonly unserved: string };
}

/** A client heard this often on the bus without a renewal has let go; one presence more may come before a lost bus is noticed. */
export const PRESENCES_WITHOUT_RENEWAL = 3;

/** Something to be done outside the context. */
export type Command =
  | { readonly do: 'publish'; readonly to: PeerId; readonly message: Outgoing }
  | { readonly do: 'note'; readonly entry: JournalEntry }
  | { readonly do: 'tell'; readonly news: NegotiationNews }
  | { readonly do: 'openClient'; readonly agreement: string; readonly relay: PeerId; readonly terms: Terms }
  | { readonly do: 'openRelay'; readonly agreement: string; readonly client: PeerId }
  | { readonly do: 'tellClient'; readonly agreement: string; readonly event: ClientAgreementEvent }
  | { readonly do: 'tellRelay'; readonly agreement: string; readonly event: RelayAgreementEvent }
  | { readonly do: 'closeClient'; readonly agreement: string }
  | { readonly do: 'closeRelay'; readonly agreement: string }
  | { readonly do: 'distrust'; readonly relay: PeerId; readonly forMs: number }
  /** Answer a deferred request at the latest after `requestPatience`. */
  | { readonly do: 'wait'; readonly agreement: string }
  /** Legs of this agreement drain: for `drain` from now. */
  | { readonly do: 'drain'; readonly agreement: string };

/** What a step of negotiation changes, and what is to be done about it. */
export interface Outcome {
  readonly patch?: Partial<Context>;
  readonly commands?: readonly Command[];
}
