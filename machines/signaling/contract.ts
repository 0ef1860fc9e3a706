/** What the signaling machine hears, and what it tells. */
import type { HeldAgreement, PeerId, RouteInfo } from '../messages.ts';
import type { Port, Profile } from '../ports.ts';
import type { Member, View } from '../view.ts';
import type { SignalingMessage } from './membership.ts';
import type { SessionNews } from './session.ts';

/** What the root hears. */
export type SignalingNews =
  | { readonly type: 'signaling.joined' }
  /** Another process holds this id in the room; or the room is full, which may turn out after we have joined. */
  | { readonly type: 'signaling.refused'; readonly reason: 'taken' | 'full' }
  | { readonly type: 'signaling.left' }
  /** Who is there, or what one can do. */
  | { readonly type: 'view.changed'; readonly view: View }
  /** No more than how members' streams run, what they hold and what they promise: by far the most frequent change. */
  | { readonly type: 'members.rerouted'; readonly view: View };

/** What can be changed of oneself during a call. */
export type ProfileChange = Partial<
  Pick<
    Member,
    | 'uploadBps'
    | 'usableBps'
    | 'lendBps'
    | 'downloadBps'
    | 'wants'
    | 'streams'
    | 'outside'
    | 'nat'
    | 'cut'
    | 'costly'
    | 'narrow'
    | 'line'
  >
>;

export type SignalingEvent =
  | SessionNews
  | { readonly type: 'claim.free' }
  | { readonly type: 'claim.taken' }
  | { readonly type: 'message'; readonly message: SignalingMessage }
  /** Profiles that came together. */
  | { readonly type: 'profiles'; readonly profiles: readonly Profile[] }
  /** Nothing came from this member over the bus for as long as it may be silent. */
  | { readonly type: 'member.unheard'; readonly peer: PeerId }
  | { readonly type: 'bus.connected' }
  | { readonly type: 'bus.disconnected' }
  /** Another process has started under our id since we have. */
  | { readonly type: 'bus.replaced' }
  | { readonly type: 'media.alive'; readonly peer: PeerId }
  | { readonly type: 'media.silent'; readonly peer: PeerId }
  | { readonly type: 'profile.changed'; readonly change: ProfileChange }
  /** How the own streams run, what we hold of relays and what is promised to others: told with the profile. */
  | {
      readonly type: 'announce';
      readonly routes: readonly RouteInfo[];
      readonly agreements: readonly HeldAgreement[];
      readonly promisedBps: number;
    }
  /** Tell the room that we are about to leave. */
  | { readonly type: 'leaving' }
  | { readonly type: 'leave' }
  /** To itself: what others must know of us at once has changed. */
  | { readonly type: 'self.changed' }
  /** To itself: this peer wants our profile. */
  | { readonly type: 'profile.wanted'; readonly peer: PeerId }
  /** To itself: the room is full, and somebody is here who came before us. */
  | { readonly type: 'room.full' }
  /** To itself. */
  | { readonly type: 'bye.expired'; readonly peer: PeerId };

export interface SignalingInput {
  readonly profile: Member;
  readonly parent: Port<SignalingNews>;
}
