/** What members tell of the packets that we send them: read, bounded, and put on a clock that does not wrap around. */
import {
  type Arrival,
  type ArrivalReport,
  beginsAsArrivalReport,
  msBetween,
  readArrivalReports,
} from '../../../infra/rtcp/arrival-report.ts';
import { Allowance } from '../../../machines/hearing/allowance.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Feedback, Heard } from '../../../machines/uplink/contract.ts';

/** Datagrams of one member: 20 reports a second of up to four each, and as many again where they were held up. */
const REPORTS_OF_MEMBER = { burst: 80, perSecond: 100 };
/** Of whom nothing has been taken for so long may have a new clock, which shows an earlier time than before. In ms. */
const NEW_CLOCK_AFTER_MS = 2000;

/** Totals, in datagrams. */
export interface TakenCounts {
  taken: number;
  /** More than one member may send; not even read. */
  refused: number;
  /** Not what it says that it is. */
  malformed: number;
  /** Older than one before: late, or told again by somebody. */
  stale: number;
}

/** So much later than a report of arrivals another one is no neighbour of it that has overtaken it. In ms. */
const LATER_MS = 1000;

/** What is known of a member's clock. */
interface ReportingMember {
  readonly allowance: Allowance;
  shortNtp: number;
  reportedAtMs: number;
  takenAtMs: number;
}

export class ReportsTaken {
  readonly counts: TakenCounts = { taken: 0, refused: 0, malformed: 0, stale: 0 };
  #members = new Map<PeerId, ReportingMember>();

  /** Forgets all others. */
  follow(members: ReadonlySet<PeerId>): void {
    for (const peer of this.#members.keys()) if (!members.has(peer)) this.#members.delete(peer);
  }

  /**
   * Reads RTCP of a member.
   *
   * @returns nothing where it is no report, or none that counts
   */
  take(leg: PeerId, datagram: Uint8Array, nowMs: number): Feedback[] {
    if (!beginsAsArrivalReport(datagram)) return [];
    const member = this.#memberOf(leg);
    if (!member.allowance.take(1, nowMs)) {
      this.counts.refused++;
      return [];
    }
    const reports = readArrivalReports(datagram);
    if (reports.length === 0) this.counts.malformed++;
    return reports.flatMap((report) => {
      if (!isNext(member, report.shortNtp, nowMs)) {
        this.counts.stale++;
        return [];
      }
      this.counts.taken++;
      return [takenReport(leg, report, member.reportedAtMs, nowMs)];
    });
  }

  /** When a sender report of a member was written: by the same clock as its reports of arrivals. */
  writtenAtMs(leg: PeerId, shortNtp: number, nowMs: number): number {
    const member = this.#memberOf(leg);
    const isFirst = member.takenAtMs === Number.NEGATIVE_INFINITY;
    const passedMs = isFirst ? 0 : msBetween(member.shortNtp, shortNtp);
    if (isFirst || passedMs > LATER_MS) isNext(member, shortNtp, nowMs);
    return isFirst || passedMs > LATER_MS ? member.reportedAtMs : member.reportedAtMs + passedMs;
  }

  #memberOf(leg: PeerId): ReportingMember {
    const member = this.#members.get(leg) ?? {
      ...{ allowance: new Allowance(REPORTS_OF_MEMBER), shortNtp: 0, reportedAtMs: 0 },
      takenAtMs: Number.NEGATIVE_INFINITY,
    };
    this.#members.set(leg, member);
    return member;
  }
}

/** Whether a report is no older than the last one; then the member's clock goes on by it. */
function isNext(member: ReportingMember, shortNtp: number, nowMs: number): boolean {
  const isFirst = member.takenAtMs === Number.NEGATIVE_INFINITY;
  const passedMs = isFirst ? 0 : msBetween(member.shortNtp, shortNtp);
  if (passedMs < 0 && nowMs - member.takenAtMs < NEW_CLOCK_AFTER_MS) return false;
  member.reportedAtMs += passedMs;
  member.shortNtp = shortNtp;
  member.takenAtMs = nowMs;
  return true;
}

function momentOf(arrival: Arrival, reportedAtMs: number): Heard['arrivedAtMs'] {
  if (arrival === 'missing') return undefined;
  return arrival === 'came' ? 'sometime' : reportedAtMs - arrival;
}

function takenReport(leg: PeerId, { streams }: ArrivalReport, reportedAtMs: number, atMs: number): Feedback {
  const packets = streams.flatMap(({ ssrc, first, arrivals }) =>
    arrivals.map((arrival, index): Heard => {
      return { ssrc, seq: (first + index) & 0xffff, arrivedAtMs: momentOf(arrival, reportedAtMs) };
    }),
  );
  return { leg, atMs, reportedAtMs, packets };
}
