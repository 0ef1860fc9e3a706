/** What the live table shows at one moment. All rates are in bit/s of UDP payload. */
import type { Forgery } from '../../machines/digests/hop-faults.ts';
import type { PlainListener } from '../../machines/in-the-clear.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import type { Limit } from '../../machines/uplink/contract.ts';
import type { Reach } from '../delivery/call-watch.ts';
import type { Drops } from '../delivery/drops.ts';
import type { PlayerReport, ReceiverReport } from '../media/reports/receiver-reports.ts';
import type { PairWay } from './pair-way.ts';

/** A way that a stream takes. */
export interface Way {
  /** null: directly. */
  readonly relay: PeerId | null;
  /** How many of the stream's 16 slices go this way. */
  readonly slices: number;
}

/** How one stream goes from one peer to another. */
export interface StreamWays {
  readonly stream: StreamName;
  /** Empty: not at all. */
  readonly ways: readonly Way[];
}

/** How a stream of a member comes to us. */
export interface ReceivedStream extends StreamWays {
  readonly inBps: number;
  /** The share of packets that players miss, 0..1, over some five seconds, after what was sent again; null: none was due. */
  readonly loss: number | null;
  /** Of pictures: how often they stood still since they began to come, and for how long together. */
  readonly freezes: number;
  readonly frozenMs: number;
  /** They stand still now, for so long already; 0: they do not, or nothing of them is sent to us. */
  readonly stillMs: number;
}

/** What an own stream sends, and what it should send; 0: nobody receives it. */
export interface StreamRate {
  readonly stream: StreamName;
  readonly sendsBps: number;
  readonly shouldBps: number;
  /** The program that feeds it sends nothing any more. */
  readonly stopped: boolean;
}

/** Another member of the room. */
export interface MemberStatus {
  readonly id: PeerId;
  /** How people call it; empty: by its id. It may be any, and that of another. */
  readonly name: string;
  /** `silent` and `leaving` are what the bus says, the others what packets say. */
  readonly state: Reach | 'silent' | 'leaving';
  /** Speaks RPR; false: a plain RTP endpoint. */
  readonly compatible: boolean;
  /** How the two of us talk; null: a plain endpoint, which proves no way. */
  readonly way: PairWay | null;
  /** How our streams get to it: no way where they are sent and do not arrive. */
  readonly to: readonly StreamWays[];
  /** How its streams come to us. */
  readonly from: readonly ReceivedStream[];
  readonly inBps: number;
  /** What left for its address. */
  readonly outBps: number;
  /** The share of packets that players miss, 0..1, after what was sent again, of all of its streams that come; null where none does. */
  readonly loss: number | null;
  /** How our streams get to it, as it says itself; none: it says nothing. */
  readonly reports: readonly ReceiverReport[];
  /** How players here get its streams, as they say themselves; none: they say nothing. */
  readonly playerReports: readonly PlayerReport[];
  /** What we forward for it. */
  readonly lentBps: number;
}

/** An uplink as it is measured. */
export interface MeasuredStatus {
  /** What the line carries, on the wire; null: not known yet. */
  readonly lineBps: number | null;
  /** What it carried in the last minute, a figure each five seconds, the oldest first; none before it is known. */
  readonly pastBps: readonly number[];
  /** Why no more is used. */
  readonly limitedBy: Limit;
  /** `--upload`, where that is more than the line carries, in bit/s; null: it is not, or nothing is told. */
  readonly overratedBps: number | null;
}

/** A downlink that carries less than is wanted. Rates are on the wire. */
export interface DownlinkStatus {
  readonly lineBps: number;
  /** What others are asked for at most. */
  readonly askedBps: number;
}

/** Who can get in, and whom we believe. */
export interface TrustStatus {
  /** The room has no key. */
  readonly isOpen: boolean;
  /** Members of the room that have not shown by any key who they are. */
  readonly unsigned: readonly PeerId[];
  /** Who speaks under another key than it is known by, and is not heard. */
  readonly refused: readonly { readonly id: PeerId; readonly fingerprint: string }[];
  /** Who has brought packets that their source has not sent. */
  readonly forgeries: readonly Forgery[];
}

export interface CallStatus {
  readonly id: PeerId;
  /** How people call us; empty: by our id. */
  readonly name: string;
  readonly room: string;
  readonly state: 'waiting' | 'joining' | 'joined' | 'leaving';
  readonly busConnected: boolean;
  readonly trust: TrustStatus;
  /** Who hears whom in the clear, and who is refused that. */
  readonly plain: readonly PlainListener[];
  readonly packetPath: 'batched' | 'dgram';
  /** What the uplink carries, how much of it we let ourselves use, and what we send now. */
  readonly uploadBps: number;
  readonly usableBps: number;
  readonly sendBps: number;
  /** What is measured of the uplink; null where what is told of it is believed. */
  readonly measured: MeasuredStatus | null;
  /** Null: the downlink has room for all that we want, as far as is known. */
  readonly downlink: DownlinkStatus | null;
  /** How much others may use, and how much agreements hold of it. */
  readonly lendBps: number;
  readonly promisedBps: number;
  /** Our streams; none where we show nothing. */
  readonly streams: readonly StreamRate[];
  readonly members: readonly MemberStatus[];
  /** Datagrams that were not used, since the start. */
  readonly drops: Drops;
  /** The newest events in words, the oldest first. */
  readonly lines: readonly string[];
}
