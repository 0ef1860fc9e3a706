/**
 * What the peer tells its page, as the page reads it. The page takes only what it shows, and bounds it: names, texts and
 * descriptions come from others in the room. The whole contract, with what the page may say, is `actors/page/messages.ts`.
 */

import type { ToPage } from '../../../watch/page-messages.ts';
import type { PageMessage } from '../../messages.ts';

export type Media = 'audio' | 'video';

/** How two peers reach each other now. `none`: not at all; `looking`: addresses are being tried. */
export type PairKind = 'direct' | 'lan' | 'turn' | 'via' | 'none' | 'looking';

/** One stream of a member, as it arrives here. */
export interface RemoteStream {
  readonly stream: string;
  /** Streams of one group show the same at several rates; one of them at most is received. */
  readonly group: string;
  readonly media: Media;
  /** False: this browser or page has no decoder for it. */
  readonly playable: boolean;
  /** Received, and nothing comes: a voice is muted. */
  readonly silent: boolean;
  /** bit/s, measured. */
  readonly bps: number;
  /** Share of packets lost, 0 to 1. */
  readonly loss: number;
  /** Ids of the relays it comes through; empty: directly. */
  readonly via: readonly string[];
  /** ms since the last frame, where that is too long; 0: it moves. */
  readonly frozenMs: number;
}

/** Of a plain endpoint: it hears somebody in the clear, or nothing of us as our user does not let it. */
export type PlainState = 'none' | 'hears' | 'refused';

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly pair: PairKind;
  /** Why there is no way to it, in words; empty where there is one. */
  readonly reason: string;
  readonly plain: PlainState;
  /** All that it and we send each other is encrypted. */
  readonly sealed: boolean;
  /** Ids of plain endpoints that may hear it in the clear. */
  readonly heardBy: readonly string[];
  /** Ids of those who have brought packets that it has not sent; its own: they came as if from itself. */
  readonly forgedBy: readonly string[];
  readonly streams: readonly RemoteStream[];
}

export interface OwnStream {
  readonly stream: string;
  /** bit/s that the room's plan gives it. */
  readonly rateBps: number;
  readonly sentBps: number;
  readonly receivers: number;
}

/** Why no more of the uplink is used. */
export const LINE_LIMITS = ['unmeasured', 'plan', 'cap', 'line', 'foreign', 'silence'] as const;

/** The uplink as it is measured. */
export interface Line {
  /** What it carries; null: not known yet. */
  readonly bps: number | null;
  readonly limit: (typeof LINE_LIMITS)[number];
  /** What was said of it, where it carries less. */
  readonly overratedBps: number | null;
}

export interface Self {
  readonly id: string;
  readonly name: string;
  readonly room: string;
  readonly uploadBps: number;
  readonly usedBps: number;
  readonly lentBps: number;
  /** Null: what was said of the uplink is believed. */
  readonly line: Line | null;
  /** What the line carries towards us, where that is less than we want, bit/s; null: it is not. */
  readonly downlinkBps: number | null;
  readonly bus: 'connected' | 'lost';
}

/** For the join screen; empty: none. */
export interface Suggestions {
  readonly name: string;
  readonly room: string;
}

export type EndCode = 'left' | 'replaced' | 'refused' | 'failed' | 'taken-over';

export type ServerMessage =
  | {
      readonly type: 'welcome';
      readonly state: 'lobby' | 'call';
      readonly suggestions: Suggestions;
      /** Codecs that the peer can carry, `video/VP8`. */
      readonly codecs: readonly string[];
      /** Pairs of m-lines to receive on, each one video and one audio. */
      readonly slots: number;
    }
  | { readonly type: 'occupied' }
  | { readonly type: 'answer'; readonly sdp: string }
  | {
      readonly type: 'state';
      readonly self: Self;
      readonly own: readonly OwnStream[];
      readonly members: readonly Member[];
      readonly invite: string;
    }
  | { readonly type: 'rate'; readonly mid: string; readonly rid: string | null; readonly maxBps: number }
  | ({ readonly type: 'chat' } & ChatLine)
  | { readonly type: 'picture'; readonly told: ToPage }
  | { readonly type: 'ended'; readonly code: EndCode; readonly text: string }
  | { readonly type: 'error'; readonly code: string; readonly text: string; readonly field: string };

export interface ChatLine {
  readonly from: string;
  readonly name: string;
  readonly text: string;
  /** ms since 1970. */
  readonly at: number;
  readonly mine: boolean;
  /** It is to one member alone. */
  readonly isPrivate: boolean;
}

/** What the page says, as the contract has it. */
export type { PageMessage, SentTrack, ShownSlot, TrackName as OwnName } from '../../messages.ts';
/** What is asked to join. */
export type Join = Omit<Extract<PageMessage, { type: 'join' }>, 'type'>;
