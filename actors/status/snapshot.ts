/** What the live table shows at one moment. All rates are in bit/s of UDP payload. */
import type { PeerId } from '../../machines/messages.ts';

/** A way that a stream takes. */
export interface Way {
  /** null: directly. */
  readonly relay: PeerId | null;
  /** How many of the stream's 16 slices go this way. */
  readonly slices: number;
}

/** Another member of the room. */
export interface MemberStatus {
  readonly id: PeerId;
  readonly state: 'live' | 'silent' | 'leaving';
  /** Speaks RPR; false: a plain RTP endpoint. */
  readonly compatible: boolean;
  /** How our source goes to it; empty: not at all. */
  readonly to: readonly Way[];
  /** How its source comes to us; empty: not at all. */
  readonly from: readonly Way[];
  readonly inBps: number;
  readonly outBps: number;
  /** The share of its source's packets that did not come, 0..1; null where it shows nothing. */
  readonly loss: number | null;
  /** What we forward for it. */
  readonly lentBps: number;
}

export interface CallStatus {
  readonly id: PeerId;
  readonly room: string;
  readonly state: 'waiting' | 'joining' | 'joined' | 'leaving';
  readonly busConnected: boolean;
  readonly packetPath: 'batched' | 'dgram';
  /** What the uplink carries, how much of it we let ourselves use, and what we send now. */
  readonly uploadBps: number;
  readonly usableBps: number;
  readonly sendBps: number;
  /** How much others may use, and how much agreements hold of it. */
  readonly lendBps: number;
  readonly promisedBps: number;
  /** What our source sends, and what it should send; null without a source. */
  readonly source: { readonly sendsBps: number; readonly shouldBps: number } | null;
  readonly members: readonly MemberStatus[];
  /** The newest events in words, the oldest first. */
  readonly lines: readonly string[];
}
