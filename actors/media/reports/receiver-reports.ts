/** What receivers say of streams as they get them: the newest report of each on each, as far as it can be true. */
import { SHORT_UNITS_PER_SECOND } from '../../../infra/rtcp/ntp.ts';
import type { ReportBlock } from '../../../infra/rtcp/reception-report.ts';
import type { PeerId, StreamName } from '../../../machines/messages.ts';

/** A member's report this old says nothing of now, in ms: four in a row have not come. */
const STALE_MS = 5000;
/** The same of a player, which reports each 2.5 to 6.2 s (RFC 3550 section 6.3.1). */
export const PLAYER_STALE_MS = 20_000;
/** No call goes on over a path that takes longer, or that shakes more, in ms. */
const MOST_ROUND_TRIP_MS = 10_000;
const MOST_JITTER_MS = 10_000;
/** Clocks are read at two places of a program, a moment apart: a round trip may come out this much below nothing. In ms. */
const ROUNDING_MS = 5;

/** How a receiver gets one of our streams. */
export interface ReceiverReport {
  readonly stream: StreamName;
  /** Share of packets lost between its last two reports, 0..1. */
  readonly loss: number;
  /** Packets lost since it began to receive. */
  readonly packetsLost: number;
  /** Interarrival jitter (RFC 3550 section 6.4.1). */
  readonly jitterMs: number;
  /** Null until it has answered a sender report of ours. */
  readonly roundTripMs: number | null;
}

/** The same of a player here and a stream of a member. The time to it and back is no network's. */
export type PlayerReport = Omit<ReceiverReport, 'roundTripMs'>;

/** What we know of the stream that a block is about. */
export interface ReportedStream {
  readonly stream: StreamName;
  readonly clockRate: number;
  /** How many packets of it have been sent. */
  readonly packets: number;
}

interface Kept {
  readonly report: ReceiverReport;
  readonly atMs: number;
}

interface Receiver {
  readonly reports: Map<StreamName, Kept>;
  implausible: number;
}

export class ReceiverReports {
  readonly #staleMs: number;
  readonly #receivers = new Map<PeerId, Receiver>();

  /** @param staleMs how old a report may be to say something of now */
  constructor(staleMs = STALE_MS) {
    this.#staleMs = staleMs;
  }

  /** Forgets all members and all streams but these. */
  follow(members: Iterable<PeerId>, streams: ReadonlySet<StreamName>): void {
    const kept = new Set(members);
    for (const [peer, { reports }] of this.#receivers) {
      if (!kept.has(peer)) this.#receivers.delete(peer);
      else for (const stream of reports.keys()) if (!streams.has(stream)) reports.delete(stream);
    }
  }

  /**
   * A member's block on one of our streams. What cannot be true is cut to what can, or left out, and counted.
   *
   * @param shortNow the NTP time now, in its short form
   */
  take(peer: PeerId, block: ReportBlock, reported: ReportedStream, shortNow: number, nowMs: number): void {
    const receiver = this.#receivers.get(peer) ?? { reports: new Map<StreamName, Kept>(), implausible: 0 };
    this.#receivers.set(peer, receiver);
    const { stream, clockRate, packets } = reported;
    const before = receiver.reports.get(stream)?.report;
    const jitterMs = (1000 * block.jitter) / clockRate;
    const roundTripMs = roundTripOf(block, shortNow);
    const possible = roundTripMs === null || (roundTripMs >= -ROUNDING_MS && roundTripMs <= MOST_ROUND_TRIP_MS);
    if (block.packetsLost > packets || jitterMs > MOST_JITTER_MS || !possible) receiver.implausible++;
    receiver.reports.set(stream, {
      report: {
        stream,
        loss: block.fractionLost / 256,
        // Copies that came twice make it negative.
        packetsLost: Math.min(packets, Math.max(0, block.packetsLost)),
        jitterMs: tenths(Math.min(MOST_JITTER_MS, jitterMs)),
        roundTripMs:
          roundTripMs !== null && possible ? tenths(Math.max(0, roundTripMs)) : (before?.roundTripMs ?? null),
      },
      atMs: nowMs,
    });
  }

  /** The reports of this member that are not too old, by stream. */
  of(peer: PeerId, nowMs: number): ReceiverReport[] {
    const kept = [...(this.#receivers.get(peer)?.reports.values() ?? [])];
    return kept.filter(({ atMs }) => nowMs - atMs < this.#staleMs).map(({ report }) => report);
  }

  /** How many of this member's blocks could not be true. */
  implausibleOf(peer: PeerId): number {
    return this.#receivers.get(peer)?.implausible ?? 0;
  }
}

/** Nobody reads more of a time on a network. */
function tenths(ms: number): number {
  return Math.round(10 * ms) / 10;
}

/** RFC 3550 section 6.4.1: what has passed since our report, less what it lay at the receiver. In ms; null: it has none of ours yet. */
function roundTripOf({ lastReport, delaySinceLastReport }: ReportBlock, shortNow: number): number | null {
  if (lastReport === 0) return null;
  const units = (shortNow - lastReport - delaySinceLastReport) | 0;
  return (1000 * units) / SHORT_UNITS_PER_SECOND;
}
