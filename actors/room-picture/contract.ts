/** What a picture of a room is made of: plain data, as it goes to a page. Rates are in bit/s, times in ms since the Unix epoch. */
import type { PeerId, StreamName } from '../../machines/messages.ts';

export interface PicturedStream {
  readonly name: StreamName;
  readonly media: 'audio' | 'video';
  readonly bps: number;
}

export interface PicturedPeer {
  readonly id: PeerId;
  /** How people call it; its id where it has no name. Two may have the same. */
  readonly name: string;
  /** Speaks RPR; else it is a plain RTP endpoint, which tells nothing of its upload. */
  readonly compatible: boolean;
  readonly leaving: boolean;
  readonly uploadBps: number;
  /** Of that: what its own streams take, what it has promised to others, and what is left. */
  readonly ownBps: number;
  readonly lentBps: number;
  readonly freeBps: number;
  /** The most that others may use. */
  readonly lendBps: number;
  readonly streams: readonly PicturedStream[];
}

/** `direct`: to its receiver alone; `to-relay`: the one copy that a relay makes others of; `relayed`: such another. */
export type ArrowKind = 'direct' | 'to-relay' | 'relayed';

/** One stream, or the slices of it that go this way. There is one arrow for each from, to, source and stream. */
export interface Arrow {
  readonly from: PeerId;
  readonly to: PeerId;
  readonly source: PeerId;
  readonly stream: StreamName;
  readonly media: 'audio' | 'video';
  readonly bps: number;
  readonly kind: ArrowKind;
}

export interface RoomPicture {
  readonly peers: readonly PicturedPeer[];
  readonly arrows: readonly Arrow[];
  /** Arrows that were too many to be told. */
  readonly omitted: number;
}

/** By which way a stream comes to a receiver: relays by their ids, with `null` for the direct way. */
export type Way = readonly (PeerId | null)[];

interface At {
  readonly atMs: number;
}

/** What happened in a room, for its time line. */
export type RoomEvent = At &
  (
    | { readonly what: 'joined'; readonly peer: PeerId }
    | { readonly what: 'left'; readonly peer: PeerId; readonly why: 'bye' | 'silent' | 'restarted' }
    /** `carries` in words: `camera to A, B (4/16)`. */
    | { readonly what: 'agreed'; readonly client: PeerId; readonly relay: PeerId; readonly carries: string }
    | { readonly what: 'refused'; readonly client: PeerId; readonly relay: PeerId; readonly code: string }
    | {
        readonly what: 'ended';
        readonly client: PeerId;
        readonly relay: PeerId;
        readonly by: PeerId;
        readonly reason: string;
      }
    | {
        readonly what: 'switched';
        readonly source: PeerId;
        readonly stream: StreamName;
        readonly receivers: readonly PeerId[];
        readonly before: Way;
        readonly after: Way;
      }
    | {
        readonly what: 'missing';
        readonly source: PeerId;
        readonly stream: StreamName;
        readonly receiver: PeerId;
      }
    | { readonly what: 'cut'; readonly peer: PeerId; readonly others: readonly PeerId[] }
  );

/** A message on the bus, for the sequence diagram. */
export interface MessageLine extends At {
  readonly from: PeerId;
  /** A peer, or `all`. */
  readonly to: string;
  readonly kind: string;
  /** What it says, in one line. */
  readonly text: string;
}

/** The last that was heard of one machine of a peer. */
export interface MachineState {
  readonly machine: string;
  /** The chart that it runs; a machine of several parallel parts is in several states at once. */
  readonly chart: string;
  readonly states: readonly string[];
  /** Its latest transitions, the newest last. */
  readonly latest: readonly MachineStep[];
}

export interface MachineStep extends At {
  readonly event: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}
