/** What a room's page is told and what it asks. Types alone: they are the page's too. */
import type { PeerId } from '../../machines/messages.ts';
import type { MachineState, MessageLine, RoomEvent, RoomPicture } from '../room-picture/contract.ts';

export type ToPage =
  /** First. Of a recording, its begin and end in ms since the Unix epoch. */
  | {
      readonly type: 'room';
      readonly room: string;
      readonly recorded: { readonly fromMs: number; readonly toMs: number } | null;
    }
  /** How the room is now, and which peers tell of their machines. */
  | {
      readonly type: 'picture';
      readonly atMs: number;
      readonly picture: RoomPicture;
      readonly telling: readonly PeerId[];
    }
  /** `anew`: forget those before. */
  | { readonly type: 'events'; readonly events: readonly RoomEvent[]; readonly anew: boolean }
  | { readonly type: 'lines'; readonly lines: readonly MessageLine[]; readonly anew: boolean }
  /** Of the peer that the page looks at: machines that have moved, and names of those that have ended. */
  | {
      readonly type: 'machines';
      readonly peer: PeerId;
      readonly moved: readonly MachineState[];
      readonly ended: readonly string[];
      readonly anew: boolean;
    }
  | { readonly type: 'playback'; readonly atMs: number; readonly playing: boolean; readonly speed: number }
  /** Null: there is no such machine any more, or the peer does not tell. */
  | {
      readonly type: 'context';
      readonly peer: PeerId;
      readonly machine: string;
      readonly text: string | null;
    }
  | { readonly type: 'bus'; readonly connected: boolean };

export type FromPage =
  | { readonly type: 'look'; readonly peer: PeerId | null }
  | { readonly type: 'context'; readonly peer: PeerId; readonly machine: string }
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  | { readonly type: 'seek'; readonly atMs: number }
  | { readonly type: 'speed'; readonly speed: number };
