/**
 * The actors outside the machines, reached by their system ids. Production gives NATS, UDP and a log; the simulator gives
 * its own. The types are the contract: what machines tell them, and what they tell the root machine.
 */
import type { ActorRef, Snapshot } from 'xstate';
import type { AddressedLeg, Endpoint, Incoming, Outgoing, PeerId, SourceInfo } from './messages.ts';

/** Anything that takes these events. */
export type Port<E extends { type: string }> = ActorRef<Snapshot<unknown>, E>;

/** To the bus: the messages of this peer. */
export type BusCommand =
  | { readonly type: 'bus.publish'; readonly to: PeerId | 'all'; readonly message: Outgoing }
  /** Ask whether another process holds this id in the room; answered by `claim.free` or `claim.taken`. */
  | { readonly type: 'bus.claim' };

/** A member that the bus has heard, and how long ago, in ms. */
export interface Heard {
  readonly peer: PeerId;
  readonly agoMs: number;
}

export type Presence = Extract<Incoming, { kind: 'presence' }>;

/** From the bus to the root machine. Messages have passed their schema. */
export type BusEvent =
  | { readonly type: 'bus.message'; readonly message: Incoming }
  /** Presences of which each says no more than how its sender's source runs now. A bus may pass such on together, a little later. */
  | { readonly type: 'bus.reroutings'; readonly presences: readonly Presence[] }
  /** These have said since what they had said before. A bus may tell of that together, and need not pass it on. */
  | { readonly type: 'members.heard'; readonly heard: readonly Heard[] }
  | { readonly type: 'bus.connected' }
  | { readonly type: 'bus.disconnected' }
  | { readonly type: 'claim.free' }
  | { readonly type: 'claim.taken' };

/** One first hop of the own source. */
export interface Hop {
  readonly peer: PeerId;
  readonly to: Endpoint;
  readonly slices: number;
}

/** What is forwarded for one client. */
export interface RelayedRoute {
  readonly agreement: string;
  readonly client: PeerId;
  readonly ssrc: number;
  readonly upstream: Endpoint;
  readonly legs: readonly AddressedLeg[];
  /** What the agreement holds of the upload. */
  readonly promisedBps: number;
  /** The rate that may be forwarded: what is promised, and what drains. */
  readonly limitBps: number;
}

/** Another member: where its RTP and RTCP comes from and goes to, and the source of its that is played here. */
export interface TransportMember {
  readonly peer: PeerId;
  readonly address: Endpoint;
  readonly source: SourceInfo | null;
  /** It may relay: others' sources may come from its address. */
  readonly compatible: boolean;
}

/** Everything the transport has to know at one moment; each table replaces the one before as a whole. */
export interface TransportTable {
  readonly own: { readonly ssrc: number; readonly media: 'audio' | 'video'; readonly hops: readonly Hop[] } | null;
  readonly relayed: readonly RelayedRoute[];
  /** The peers that relay for us: their reports are expected. */
  readonly relays: readonly PeerId[];
  readonly members: readonly TransportMember[];
  /** While all that is sent stays below this, packets may be sent again, bit/s. */
  readonly resendLimitBps: number;
}

/** To the transport. */
export type TransportCommand =
  | { readonly type: 'transport.table'; readonly table: TransportTable }
  /** Send again, within the table's limit, what was sent after this extended sequence number in these slices of the own source. */
  | {
      readonly type: 'transport.resend';
      readonly ssrc: number;
      readonly afterSequence: number;
      readonly slices: number;
      readonly to: readonly Endpoint[];
    }
  /** The rate the own source should have now, in bit/s. */
  | { readonly type: 'transport.rate'; readonly rateBps: number };

/** From the transport to the root machine: edges only, nothing per packet. */
export type TransportEvent =
  /** The relay's first report: it forwards. */
  | { readonly type: 'relay.confirmed'; readonly relay: PeerId }
  /** No report for `relaySilence`; what it got after `acknowledged` (extended sequence number) may be lost. */
  | { readonly type: 'relay.silent'; readonly relay: PeerId; readonly acknowledged: number }
  /** RTP or RTCP arrives from this member, or has stopped for `mediaSilence`. */
  | { readonly type: 'media.alive'; readonly peer: PeerId }
  | { readonly type: 'media.silent'; readonly peer: PeerId }
  /** These slices of a member's source do not come though it sends them; repeated every second while that lasts. */
  | { readonly type: 'slices.missing'; readonly owner: PeerId; readonly ssrc: number; readonly slices: number };

export type AgreementState = 'active' | 'refused' | 'noticed' | 'ended' | 'lost';

/** To the journal: what a person or a program that watches the peer wants to know. */
export type JournalEntry =
  | { readonly type: 'member.joined'; readonly peer: PeerId; readonly compatible: boolean; readonly software: string }
  | { readonly type: 'member.left'; readonly peer: PeerId; readonly reason: 'bye' | 'silent' | 'restarted' }
  | { readonly type: 'relay.needed'; readonly relays: readonly PeerId[] }
  | { readonly type: 'relay.unreachable'; readonly relay: PeerId }
  /** It takes what it should forward to this receiver, and the receiver misses it. */
  | { readonly type: 'relay.failing'; readonly relay: PeerId; readonly receiver: PeerId }
  | {
      readonly type: 'agreement.changed';
      readonly agreement: string;
      readonly role: 'client' | 'relay';
      readonly peer: PeerId;
      readonly state: AgreementState;
      readonly legs: readonly { readonly receiver: PeerId; readonly slices: number }[];
      readonly reason?: string;
    }
  | { readonly type: 'pairs.unserved'; readonly receivers: readonly PeerId[] }
  | { readonly type: 'rate.changed'; readonly rateBps: number };

interface InSystem {
  readonly system: { get(key: string): unknown };
}

/** Targets for `sendTo`. */
export const bus = ({ system }: InSystem) => system.get('bus') as Port<BusCommand>;
export const transport = ({ system }: InSystem) => system.get('transport') as Port<TransportCommand>;
export const journal = ({ system }: InSystem) => system.get('journal') as Port<JournalEntry>;

/** The command that sends a message. */
export function publish(to: PeerId | 'all', message: Outgoing): BusCommand {
  return { type: 'bus.publish', to, message };
}
