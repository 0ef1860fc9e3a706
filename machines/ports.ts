/**
 * The actors outside the machines, reached by their system ids. Production gives NATS, UDP and a log; the simulator gives
 * its own. The types are the contract: what machines tell them, and what they tell the root machine.
 */
import type { ActorRef, Snapshot } from 'xstate';
import type { RtcpPlace } from './claimed-addresses.ts';
import type { FaultyHop } from './digests/hop-faults.ts';
import type {
  Body,
  Candidate,
  CandidateKind,
  Endpoint,
  Incoming,
  Leg,
  Nat,
  Outgoing,
  PeerId,
  PlainPolicy,
  StreamInfo,
  StreamName,
} from './messages.ts';

/** Anything that takes these events. */
export type Port<E extends { type: string }> = ActorRef<Snapshot<unknown>, E>;

/** To the bus: the messages of this peer. */
export type BusCommand =
  | {
      readonly type: 'bus.publish';
      readonly to: PeerId | 'all';
      readonly message: Outgoing;
      /** Packets wait for it: it goes to that member by the media path, too, whichever is there first. */
      readonly urgent?: true;
    }
  /** Ask whether another process holds this id in the room; answered by `claim.free` or `claim.taken`. */
  | { readonly type: 'bus.claim' };

export type Profile = Extract<Incoming, { kind: 'profile' }>;
/** What a person writes. */
export type Chat = Extract<Incoming, { kind: 'chat' }>;
/** About the keys of media. */
export type KeysMessage = Extract<Incoming, { kind: 'media.keys' | 'media.keys.ask' }>;
export type DigestsMessage = Extract<Incoming, { kind: 'media.digests' | 'media.digests.ask' }>;
/** What peers tell each other by themselves. */
export type PeerMessage = Exclude<Incoming, Chat>;

/** From the bus to the root machine. Messages have passed their schema. */
export type BusEvent =
  /** Of beats only those that name a profile which has not passed yet. */
  | { readonly type: 'bus.message'; readonly message: PeerMessage }
  /** Profiles of known members, gathered: those that say no more than how streams run, or that come faster than they may. */
  | { readonly type: 'bus.profiles'; readonly profiles: readonly Profile[] }
  /** A member has written something; `alone`: to us and to nobody else. */
  | { readonly type: 'bus.chat'; readonly message: Chat; readonly alone: boolean }
  /** Nothing came from this member over the bus for as long as it may be silent; once, until it is heard again. */
  | { readonly type: 'member.unheard'; readonly peer: PeerId }
  /** Another process has started under our id since we have. */
  | { readonly type: 'bus.replaced' }
  | { readonly type: 'bus.connected' }
  | { readonly type: 'bus.disconnected' }
  | { readonly type: 'claim.free' }
  | { readonly type: 'claim.taken' };

/** One of our own addresses. */
export interface OwnCandidate extends Candidate {
  /** It means something in our own network only. */
  readonly isPrivate: boolean;
}

/** A way leads to this member: which address, how it is known, and the round trip in ms. */
export interface OpenedPair {
  readonly peer: PeerId;
  readonly to: Endpoint;
  readonly kind: AddressKind;
  readonly rttMs: number;
}

/** `seen`: a check came from it; the member has not named it. */
export type AddressKind = CandidateKind | 'seen';

/**
 * `unanswered`: no check was answered; `nat`: both are behind routers that refuse each other; `family`: one has only IPv4 addresses,
 * the other only IPv6 addresses.
 */
export type CutReason = 'unanswered' | 'nat' | 'family';

/** One first hop of an own stream. */
export interface Hop {
  readonly peer: PeerId;
  readonly slices: number;
}

/** An own stream, and to whom it is sent. */
export interface SentStream {
  readonly stream: StreamName;
  readonly ssrc: number;
  readonly media: 'audio' | 'video';
  /** As in SDP rtpmap. */
  readonly codec: string;
  /** What it should send now, bit/s; 0: not known yet. */
  readonly rateBps: number;
  readonly hops: readonly Hop[];
  /** Who has its key; nobody: it goes out in the clear. */
  readonly holders: readonly PeerId[];
}

/** What is forwarded of one stream of a client. */
export interface RelayedRoute {
  readonly client: PeerId;
  readonly stream: StreamName;
  readonly ssrc: number;
  readonly media: 'audio' | 'video';
  readonly legs: readonly Leg[];
  /** What the agreement holds of the upload for this stream. */
  readonly promisedBps: number;
  /** The rate that may be forwarded: what is promised, and what drains. */
  readonly limitBps: number;
  /** The upload has fallen below what is promised: no more than the limit passes, not even for a moment. */
  readonly isThinned?: true;
}

/** A relay of ours, and the own streams whose packets it should report on, by SSRC. */
export interface ExpectedRelay {
  readonly relay: PeerId;
  readonly ssrcs: readonly number[];
}

/** Another member: what its pair needs, and its streams, which are played here. */
export interface TransportMember {
  readonly peer: PeerId;
  readonly epoch: number;
  readonly key: string | null;
  readonly nat: Nat;
  /** Its host as the internet sees it; null: not known. */
  readonly outside: string | null;
  /** Where it says that it is, if it is a plain endpoint. */
  readonly claim: Endpoint | null;
  /** Another member was at that address before: what comes from there is taken, and nothing is sent there for this one. */
  readonly isShared: boolean;
  readonly rtcp: RtcpPlace;
  readonly streams: readonly StreamInfo[];
  /** It may relay: others' streams may come from its address. */
  readonly compatible: boolean;
  /** All that it and we send each other is sealed; else in the clear. */
  readonly isSealed: boolean;
  /** Which plain endpoints may have its streams. */
  readonly plain: PlainPolicy;
}

/** Everything the transport has to know at one moment; each table replaces the one before as a whole. */
export interface TransportTable {
  /** Which plain endpoints may have our streams. */
  readonly plain: PlainPolicy;
  readonly own: readonly SentStream[];
  readonly relayed: readonly RelayedRoute[];
  readonly relays: readonly ExpectedRelay[];
  readonly members: readonly TransportMember[];
  /** While all that is sent stays below this, packets may be sent again, bit/s. */
  readonly resendLimitBps: number;
  /**
   * Video leaves no faster than this, bit/s: what waits after a stall drains, as plans use less; and what never waits, and the pacer's
   * slack, find room below the upload in every second.
   */
  readonly paceBps: number;
}

/** To the transport. */
export type TransportCommand =
  | { readonly type: 'transport.table'; readonly table: TransportTable }
  /** Send again, within the table's limit, what was sent after this extended sequence number in these slices of an own stream. */
  | {
      readonly type: 'transport.resend';
      readonly ssrc: number;
      readonly afterSequence: number;
      readonly slices: number;
      readonly to: readonly PeerId[];
      /** Before what is new of one's own, for as long as that can wait. */
      readonly isAhead: boolean;
    }
  /** Where a member says that it may be reached. */
  | ({ readonly type: 'transport.candidates'; readonly peer: PeerId } & Body<'pair.candidates'>)
  /** What a member has said of the keys of its streams, or has asked of ours. */
  | { readonly type: 'transport.keys'; readonly message: KeysMessage }
  /** What a member has sent of its streams, or wants to know of ours. */
  | { readonly type: 'transport.digests'; readonly message: DigestsMessage }
  /** The rates that the own streams should have now, in bit/s; 0: nobody receives it, send nothing. */
  | { readonly type: 'transport.rates'; readonly rates: ReadonlyMap<StreamName, number> };

/** How far a relay has come with a stream: the extended sequence number up to which it has what it should forward. */
export interface Acknowledged {
  readonly ssrc: number;
  readonly sequence: number;
}

/** From the transport to the root machine: edges only, nothing per packet. */
export type TransportEvent =
  /** The relay's first report on this stream: it forwards. */
  | { readonly type: 'relay.confirmed'; readonly relay: PeerId; readonly ssrc: number }
  /**
   * No report for `relaySilence`, or nothing at all for `relayQuiet`; what it got after this may be lost. Until `media.alive` tells of it,
   * it is dead. `quiet`: members of whom nothing comes either, though much did: they are not to take its place.
   */
  | {
      readonly type: 'relay.silent';
      readonly relay: PeerId;
      readonly acknowledged: readonly Acknowledged[];
      readonly quiet: readonly PeerId[];
    }
  /**
   * A receiver gets nothing of a stream though we send it, by our own records: so far it has come with our streams. `relays`: those that
   * we hear ourselves, so that they are there and withhold it.
   */
  | {
      readonly type: 'legs.withheld';
      readonly receiver: PeerId;
      /** Of the stream that proves it. */
      readonly ssrc: number;
      readonly relays: readonly PeerId[];
      readonly acknowledged: readonly Acknowledged[];
    }
  /** RTP or RTCP arrives from this member (again), or has stopped for `mediaSilence`. */
  | { readonly type: 'media.alive'; readonly peer: PeerId }
  | { readonly type: 'media.silent'; readonly peer: PeerId }
  /** Our own addresses are these from now on; the first time, and on change. */
  | {
      readonly type: 'candidates.own';
      readonly candidates: readonly OwnCandidate[];
      /** Our host as the internet sees it; null: not known. */
      readonly outside: string | null;
      readonly nat: Nat;
      /** `asking`: we shall know it in a moment; `alone`: we have asked, and nobody tells us; `hidden`: nobody is to know it. */
      readonly outsideIs: 'known' | 'asking' | 'untold' | 'alone' | 'hidden';
    }
  | ({ readonly type: 'pair.opened' } & OpenedPair)
  /** A way may still be found, but others that we reach would have answered by now. */
  | { readonly type: 'pair.late'; readonly peer: PeerId }
  /** No way leads to this member, and why that is likely. */
  | { readonly type: 'pair.cut'; readonly peer: PeerId; readonly reason: CutReason }
  /** Own video waits so long for its turn at the uplink, where that makes a difference to what is to be made. */
  | { readonly type: 'video.waits'; readonly waitedMs: number }
  /** The keys of our streams, for those that receive them. */
  | { readonly type: 'keys.tell'; readonly to: PeerId | 'all'; readonly body: Body<'media.keys'> }
  /** Packets of this member come that we have no key for. */
  | { readonly type: 'keys.ask'; readonly to: PeerId }
  /** What we have sent, for a receiver that no way leads to. */
  | { readonly type: 'digests.tell'; readonly to: PeerId; readonly body: Body<'media.digests'> }
  /** It is not known what this member has sent, and no way leads to it. */
  | { readonly type: 'digests.ask'; readonly to: PeerId; readonly body: Body<'media.digests.ask'> }
  /** Somebody brings packets of a member's stream that are not what that member has sent. */
  | ({ readonly type: 'media.forged' } & FaultyHop)
  /** These slices of a member's stream do not come though it sends them; repeated every second while that lasts. */
  | { readonly type: 'slices.missing'; readonly owner: PeerId; readonly stream: StreamName; readonly slices: number };

export type AgreementState = 'active' | 'refused' | 'noticed' | 'ended' | 'lost';

/** To the journal: what a person or a program that watches the peer wants to know. */
export type JournalEntry =
  | { readonly type: 'member.joined'; readonly peer: PeerId; readonly compatible: boolean; readonly software: string }
  | { readonly type: 'member.left'; readonly peer: PeerId; readonly reason: 'bye' | 'silent' | 'restarted' }
  /** What somebody has written to us or to all. */
  | { readonly type: 'chat.received'; readonly peer: PeerId; readonly to: PeerId | 'all'; readonly text: string }
  | { readonly type: 'relay.needed'; readonly relays: readonly PeerId[] }
  | { readonly type: 'relay.unreachable'; readonly relay: PeerId }
  /** It takes what it should forward to this receiver, and the receiver misses it. */
  | { readonly type: 'relay.failing'; readonly relay: PeerId; readonly stream: StreamName; readonly receiver: PeerId }
  /** Packets of a stream of `owner` that `via` has brought are not what it has sent; `via` is the owner where they came from its own address. */
  | ({ readonly type: 'media.forged' } & FaultyHop)
  /** A receiver says so of a relay of ours. It gets none of our streams through that one any more. */
  | { readonly type: 'relay.accused'; readonly relay: PeerId; readonly stream: StreamName; readonly receiver: PeerId }
  | {
      readonly type: 'agreement.changed';
      readonly agreement: string;
      readonly role: 'client' | 'relay';
      readonly peer: PeerId;
      readonly state: AgreementState;
      readonly legs: readonly { readonly stream: StreamName; readonly receiver: PeerId; readonly slices: number }[];
      readonly reason?: string;
    }
  | {
      readonly type: 'pairs.unserved';
      readonly stream: StreamName;
      readonly receivers: readonly PeerId[];
      /** Those of them whom we can't reach, nor does any member that reaches us; left out where there are none. */
      readonly unreachable?: readonly PeerId[];
      /** As far as is known the internet reaches no member of the room, so that none can relay between them and us. */
      readonly noneOpen?: true;
    }
  | ({ readonly type: 'pair.opened' } & OpenedPair)
  | { readonly type: 'pair.cut'; readonly peer: PeerId; readonly reason: CutReason }
  | { readonly type: 'rate.changed'; readonly stream: StreamName; readonly rateBps: number }
  /** What we tell of ourselves is too large for a message: others do not learn how our streams run. */
  | { readonly type: 'profile.oversized'; readonly routes: number };

interface InSystem {
  readonly system: { get(key: string): unknown };
}

/** Targets for `sendTo`. */
export const bus = ({ system }: InSystem) => system.get('bus') as Port<BusCommand>;
export const transport = ({ system }: InSystem) => system.get('transport') as Port<TransportCommand>;
export const journal = ({ system }: InSystem) => system.get('journal') as Port<JournalEntry>;

/** The command that sends a message. */
export function publish(to: PeerId | 'all', message: Outgoing, isUrgent = false): BusCommand {
  return { type: 'bus.publish', to, message, ...(isUrgent ? { urgent: true } : {}) };
}
