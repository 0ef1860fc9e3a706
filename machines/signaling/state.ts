/** What the signaling machine keeps. */
import type { Capabilities, PeerId } from '../messages.ts';
import type { Port } from '../ports.ts';
import { changesRoom, type Member, soloView, type View } from '../view.ts';
import { withoutItem } from '../without.ts';
import type { SignalingNews } from './contract.ts';
import { forget, type Membership, soloMembership } from './membership.ts';
import { capabilitiesOf, NOTHING_RUNS, type Running } from './own-messages.ts';

export interface SignalingState extends Membership {
  readonly parent: Port<SignalingNews>;
  readonly running: Running;
  /** Of the profile that was told last; 0: none has been. */
  readonly number: number;
  readonly busAway: boolean;
  /** The last profile was told while the bus was away. */
  readonly missed: boolean;
  /** Members silent on the bus, kept because their media arrives. */
  readonly unheard: ReadonlySet<PeerId>;
  readonly mediaAlive: ReadonlySet<PeerId>;
  /** Members of whom we do not know whether the process that we know lives. */
  readonly contested: ReadonlySet<PeerId>;
  /** Whom alone we have sent our profile to since `answerWindow` began. */
  readonly answered: ReadonlySet<PeerId>;
  /** More than these wait for it. */
  readonly othersWait: boolean;
  /** Our routes do not fit in a profile. */
  readonly oversized: boolean;
  /** What plain endpoints have been told of us. */
  readonly told: Capabilities;
}

export function initialState(profile: Member, parent: Port<SignalingNews>): SignalingState {
  const view = soloView(profile);
  return {
    parent,
    ...soloMembership(view),
    told: capabilitiesOf(view),
    running: NOTHING_RUNS,
    number: 0,
    busAway: false,
    missed: false,
    unheard: new Set(),
    mediaAlive: new Set(),
    contested: new Set(),
    answered: new Set(),
    othersWait: false,
    oversized: false,
  };
}

export function membershipOf({ view, strangers, lastSeq, byes, yielded }: Membership): Membership {
  return { view, strangers, lastSeq, byes, yielded };
}

/** Without this peer. The transport watches it anew if it comes again, and no longer tells when its media stops. */
export function withoutPeer(state: SignalingState, peer: PeerId): Partial<SignalingState> {
  return { ...forget(membershipOf(state), peer), ...withoutStanding(state, peer) };
}

/** What has been found out about a peer that is another one now. */
export function withoutStanding(
  { mediaAlive, unheard, contested }: SignalingState,
  peer: PeerId,
): Pick<SignalingState, 'mediaAlive' | 'unheard' | 'contested'> {
  return {
    mediaAlive: withoutItem(mediaAlive, peer),
    unheard: withoutItem(unheard, peer),
    contested: withoutItem(contested, peer),
  };
}

/** What the root is to hear when one view follows the other. */
export function changeOf(before: View, view: View): SignalingNews | undefined {
  if (before === view) return undefined;
  return { type: changesRoom(before, view) ? 'view.changed' : 'members.rerouted', view };
}

export function withItem<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  return set.has(item) ? set : new Set(set).add(item);
}
