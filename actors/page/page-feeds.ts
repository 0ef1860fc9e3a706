/**
 * What one tab sends: each packet goes to the source of its m-line and layer, and the tab hears how much of it came, that it may send
 * as much as it is told to, and where a key frame is wanted.
 */
import { randomInt } from 'node:crypto';
import { writeBandwidthEstimate } from '../../infra/rtp/bandwidth-estimate.ts';
import { writePictureLoss } from '../../infra/rtp/feedback.ts';
import { readSequence, readSsrc } from '../../infra/rtp/header.ts';
import { type ReportBlock, readSenderReports, writeReport } from '../../infra/rtp/reception-report.ts';
import { extendSequence } from '../../infra/rtp/sequence.ts';
import { readCnames, writeDescription } from '../../infra/rtp/source-description.ts';
import { ReceivedStreams } from '../media/reports/received-streams.ts';
import { compoundOf, type RtcpIdentity } from '../media/reports/reports.ts';
import { encoderBps, type FeedPlace } from './own-tracks.ts';
import type { Feeder, PageSource } from './page-source.ts';

/** The encoder follows what the plan says and not what the page believes of this machine's loopback, in bit/s. */
const NO_MATTER_BPS = 20_000_000;
/** Sender reports read of a datagram: a page sends five streams at most. */
const MOST_REPORTS = 8;

/** What has come under one SSRC of the page. */
interface Reception {
  readonly ssrc: number;
  readonly first: number;
  highest: number;
  received: number;
  /** Up to the last report. */
  expectedBefore: number;
  receivedBefore: number;
}

interface Feed {
  readonly place: FeedPlace;
  readonly source: PageSource;
  reception: Reception | null;
}

export interface PageFeedsOptions {
  readonly sendRtcp: (packet: Uint8Array) => void;
  readonly cname: string;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

export class PageFeeds {
  readonly #options: PageFeedsOptions;
  readonly #identity: RtcpIdentity;
  readonly #measured = new ReceivedStreams();
  readonly #feeder: Feeder = {
    requestKeyFrame: (ssrc) => {
      this.#options.sendRtcp(compoundOf(this.#identity, writePictureLoss(this.#identity.ssrc, ssrc)));
    },
  };
  #feeds: readonly Feed[] = [];

  constructor(options: PageFeedsOptions) {
    this.#options = options;
    this.#identity = { ssrc: randomInt(2 ** 32), cname: options.cname };
  }

  /** These sources are fed from now on, each from its place; others, that were, are not any more. */
  follow(fed: readonly { readonly place: FeedPlace; readonly source: PageSource }[]): void {
    const before = this.#feeds;
    this.#feeds = fed.map(({ place, source }) => {
      const known = before.find((feed) => feed.source === source && isSame(feed.place, place));
      return known ?? { place, source, reception: null };
    });
    for (const { source } of before) if (!this.#feeds.some((feed) => feed.source === source)) source.fedBy(null);
    for (const { source } of this.#feeds) source.fedBy(this.#feeder);
  }

  /** @param packet is changed in place */
  takeRtp(packet: Uint8Array, mid: string, rid: string | null): void {
    for (const feed of this.#feeds) {
      if (feed.place.mid !== mid || feed.place.rid !== rid) continue;
      this.#count(feed, packet);
      feed.source.take(packet);
      return;
    }
  }

  takeRtcp(datagram: Uint8Array): void {
    const nowMs = this.#options.now();
    const reports = readSenderReports(datagram, MOST_REPORTS);
    const cnames = reports.length === 0 ? undefined : readCnames(datagram);
    for (const report of reports) {
      this.#measured.reported(report.ssrc, report.shortNtp, nowMs);
      const feed = this.#feeds.find(({ reception }) => reception?.ssrc === report.ssrc);
      feed?.source.takeReport({ ...report }, cnames?.get(report.ssrc) ?? '');
    }
  }

  /** To be called about once a second. */
  report(): void {
    const nowMs = this.#options.now();
    const receptions = this.#feeds.flatMap(({ reception }) => reception ?? []);
    if (receptions.length === 0) return;
    const { ssrc, cname } = this.#identity;
    const blocks = receptions.map((reception) => blockOf(reception, this.#measured.measured(reception.ssrc, nowMs)));
    const estimate = writeBandwidthEstimate(
      ssrc,
      NO_MATTER_BPS,
      receptions.map((reception) => reception.ssrc),
    );
    this.#options.sendRtcp(Buffer.concat([writeReport(ssrc, null, blocks), writeDescription([ssrc], cname), estimate]));
  }

  /** What each encoder of the page is to send now, as far as the room's plan has said it. */
  rates(): { readonly mid: string; readonly rid: string | null; readonly maxBps: number }[] {
    return this.#feeds.flatMap(({ place, source: { plannedBps } }) =>
      plannedBps === null ? [] : [{ ...place, maxBps: encoderBps(plannedBps) }],
    );
  }

  #count(feed: Feed, packet: Uint8Array): void {
    const ssrc = readSsrc(packet);
    const sequence = readSequence(packet);
    const { reception } = feed;
    if (reception?.ssrc !== ssrc) {
      feed.reception = { ssrc, first: sequence, highest: sequence, received: 1, expectedBefore: 0, receivedBefore: 0 };
      const rates = this.#feeds.flatMap(({ source, reception: known }) =>
        known === null ? [] : [[known.ssrc, source.clockRate] as const],
      );
      this.#measured.follow(new Map(rates));
      // The page begins with a guess of its own, and each packet until the next report would be sent at that.
      this.report();
    } else {
      reception.received++;
      reception.highest = Math.max(reception.highest, extendSequence(reception.highest, sequence));
    }
    this.#measured.arrived(ssrc, packet, this.#options.now());
  }
}

function isSame(one: FeedPlace, other: FeedPlace): boolean {
  return one.mid === other.mid && one.rid === other.rid;
}

/** What a report says of it; it counts as said. */
function blockOf(
  reception: Reception,
  measured: Pick<ReportBlock, 'jitter' | 'lastReport' | 'delaySinceLastReport'>,
): ReportBlock {
  const expected = reception.highest - reception.first + 1;
  const due = expected - reception.expectedBefore;
  const lost = due - (reception.received - reception.receivedBefore);
  reception.expectedBefore = expected;
  reception.receivedBefore = reception.received;
  return {
    ssrc: reception.ssrc,
    fractionLost: due <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost / due) * 256)),
    packetsLost: Math.max(0, expected - reception.received),
    highestSequence: reception.highest,
    ...measured,
  };
}
