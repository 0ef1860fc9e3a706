/**
 * What the peer tells its page, as the page reads it. The page takes only what it shows, and bounds it: names, texts and
 * descriptions come from others in the room. The whole contract, with what the page may say, is `actors/page/messages.ts`.
 */

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
  readonly muted: boolean;
  /** bit/s, measured. */
  readonly bps: number;
  /** Share of packets lost, 0 to 1. */
  readonly loss: number;
  /** Ids of the relays it comes through; empty: directly. */
  readonly via: readonly string[];
  /** ms since the last frame, where that is too long; 0: it moves. */
  readonly frozenMs: number;
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly pair: PairKind;
  /** Why there is no way to it, in words; empty where there is one. */
  readonly reason: string;
  readonly streams: readonly RemoteStream[];
}

export interface OwnStream {
  readonly stream: string;
  /** bit/s that the room's plan gives it. */
  readonly rateBps: number;
  readonly sentBps: number;
  readonly receivers: number;
}

export interface Self {
  readonly id: string;
  readonly name: string;
  readonly room: string;
  readonly uploadBps: number;
  readonly usedBps: number;
  readonly lentBps: number;
  readonly bus: 'connected' | 'lost';
}

export interface Suggestions {
  readonly name: string;
  readonly room: string;
  readonly invite: string;
}

export type EndCode = 'left' | 'replaced' | 'refused' | 'failed' | 'taken-over';

export type ServerMessage =
  | {
      readonly type: 'welcome';
      readonly state: 'lobby' | 'call';
      readonly suggestions: Suggestions;
      readonly language: string;
      /** Codecs that the peer can carry, `VP8/90000`. */
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
  | { readonly type: 'ended'; readonly code: EndCode; readonly text: string }
  | { readonly type: 'error'; readonly code: string; readonly text: string; readonly field: string };

export interface ChatLine {
  readonly from: string;
  readonly name: string;
  readonly text: string;
  /** ms since 1970. */
  readonly at: number;
  readonly mine: boolean;
}

/** What the page says. */
export type PageMessage =
  | { readonly type: 'hello'; readonly takeOver: boolean }
  | ({ readonly type: 'join' } & Join)
  | { readonly type: 'offer'; readonly sdp: string; readonly tracks: readonly SentTrack[] }
  | { readonly type: 'show'; readonly slots: readonly ShownSlot[] }
  | { readonly type: 'mute'; readonly stream: OwnName; readonly muted: boolean }
  | { readonly type: 'chat'; readonly text: string }
  | { readonly type: 'saver'; readonly on: boolean }
  | { readonly type: 'leave' };

export interface Join {
  readonly name: string;
  readonly room: string;
  readonly invite?: string;
  /** bit/s; absent: measured, or as the peer was started. */
  readonly upload?: number;
  readonly camera: boolean;
  readonly voice: boolean;
}

export type OwnName = 'camera' | 'voice' | 'screen' | 'screen-sound';

export interface SentTrack {
  readonly mid: string;
  readonly stream: OwnName;
  readonly layers: readonly { readonly rid: string; readonly maxHeight: number }[];
}

/** What one m-line to receive on shows. */
export interface ShownSlot {
  readonly mid: string;
  readonly peer: string;
  /** Of a stream or of a group. */
  readonly stream: string;
  /** bit/s that are worth receiving at the size it is shown in; absent: as much as there is. */
  readonly maxBps?: number;
}
