/** All that the page knows, in one value. `reduce.ts` makes the next one; nothing else does. */
import type { ChatLine, Join, Member, OwnStream, Self, Suggestions } from '../link/messages.ts';
import type { Devices } from './devices.ts';
import { NO_DEVICES } from './devices.ts';

/**
 * Where this tab stands. `occupied`: another tab has the call, and this one asks. `replaced`: this tab had it and another
 * took it.
 */
export type Phase = 'connecting' | 'occupied' | 'lobby' | 'joining' | 'call' | 'replaced';

export type Panel = 'none' | 'chat' | 'room' | 'invite' | 'settings';

/** What the peer found wrong with the last that was asked of it, or why the call ended. */
export interface Complaint {
  readonly code: string;
  readonly text: string;
  /** The field of the join screen that it is about; empty: none. */
  readonly field: string;
}

export interface Room {
  readonly self: Self;
  readonly own: readonly OwnStream[];
  /** In the order in which they came, so that nobody's tile moves when somebody joins. */
  readonly members: readonly Member[];
  readonly invite: string;
}

export interface State {
  readonly phase: Phase;
  /** The WebSocket to the peer: whether it is open, and how many tries in a row failed. */
  readonly link: { readonly up: boolean; readonly failures: number };
  readonly suggestions: Suggestions;
  readonly peerLanguage: string;
  readonly codecs: readonly string[];
  readonly slots: number;
  /** What was last asked to join; kept, so that a peer that restarted is asked again. */
  readonly join: Join | null;
  readonly room: Room | null;
  readonly chat: readonly ChatLine[];
  readonly unread: number;
  readonly complaint: Complaint | null;
  readonly panel: Panel;
  /** Ids of tiles: the one that is kept large, and those whose video is not received. */
  readonly pinned: string | null;
  readonly paused: readonly string[];
  /** Voices only. */
  readonly saver: boolean;
  readonly muted: boolean;
  /** Space is held: heard though muted. */
  readonly talking: boolean;
  readonly cameraOn: boolean;
  readonly screen: boolean;
  /** The peer whose voice was heard last; a screen is shown beside it. */
  readonly speaker: string | null;
  readonly devices: Devices;
}

export const START: State = {
  phase: 'connecting',
  link: { up: false, failures: 0 },
  suggestions: { name: '', room: '', invite: '' },
  peerLanguage: '',
  codecs: [],
  slots: 0,
  join: null,
  room: null,
  chat: [],
  unread: 0,
  complaint: null,
  panel: 'none',
  pinned: null,
  paused: [],
  saver: false,
  muted: false,
  talking: false,
  cameraOn: true,
  screen: false,
  speaker: null,
  devices: NO_DEVICES,
};
