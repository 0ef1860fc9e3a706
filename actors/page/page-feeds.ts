/**
 * What one tab sends: each packet goes to the source of its m-line and layer, and the tab hears how much of it came, what of its pictures
 * has to be sent again, that it may send as much as it is told to, and where a key frame is wanted.
 */
import { randomInt } from 'node:crypto';
import { writeBandwidthEstimate } from '../../infra/rtcp/bandwidth-estimate.ts';
import { writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { writeNack } from '../../infra/rtcp/nack.ts';
import { readSenderReports, writeReport } from '../../infra/rtcp/reception-report.ts';
import { readCnames, writeDescription } from '../../infra/rtcp/source-description.ts';
import { readSequence, readSsrc } from '../../infra/rtp/header.ts';
import type { Clock } from '../clock.ts';
import { Receiving } from '../media/repair/receiving.ts';
import { FeedReception } from '../media/reports/feed-reception.ts';
import { ReceivedStreams } from '../media/reports/received-streams.ts';
import { compoundOf, type RtcpIdentity } from '../media/reports/reports.ts';
import type { FedSource, Feeder } from '../source/fed-source.ts';
import { encoderBps, type FeedPlace } from './own-tracks.ts';

/** The encoder follows what the plan says and not what the page believes of this machine's loopback, in bit/s. */
const NO_MATTER_BPS = 20_000_000;
/** Sender reports read of a datagram: a page sends five streams at most. */
const MOST_REPORTS = 8;

/** Where packets of the page come from, to whoever asks for those that are missing. */
const PAGE = 'page';
const NOWHERE = { host: '', port: 0 };

interface Feed {
  readonly place: FeedPlace;
  readonly source: FedSource;
  reception: FeedReception | null;
}

export interface PageFeedsOptions {
  readonly sendRtcp: (packet: Uint8Array) => void;
  readonly cname: string;
  readonly clock: Clock;
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
  /** Pictures are made whole before they are sent on: what is missing here no other peer can have. */
  readonly #pictures: Receiving;
  #feeds: readonly Feed[] = [];

  constructor(options: PageFeedsOptions) {
    const { cname, clock } = options;
    this.#options = options;
    this.#identity = { ssrc: randomInt(2 ** 32), cname };
    this.#pictures = new Receiving({
      ...{ latency: 'auto', clock },
      play: (packet, ssrc) => this.#sourceOf(ssrc)?.take(packet),
      ask: (_, ssrc, sequences) => this.#ask(ssrc, sequences),
    });
  }

  /** These sources are fed from now on, each from its place; others, that were, are not any more. */
  follow(fed: readonly { readonly place: FeedPlace; readonly source: FedSource }[]): void {
    const before = this.#feeds;
    this.#feeds = fed.map(({ place, source }) => {
      const known = before.find((feed) => feed.source === source && isSame(feed.place, place));
      return known ?? { place, source, reception: null };
    });
    for (const { source } of before) if (!this.#feeds.some((feed) => feed.source === source)) source.fedBy(null);
    for (const { source } of this.#feeds) source.fedBy(this.#feeder);
    this.#forget();
  }

  /** @param packet is changed in place */
  takeRtp(packet: Uint8Array, mid: string, rid: string | null): void {
    for (const feed of this.#feeds) {
      if (feed.place.mid !== mid || feed.place.rid !== rid) continue;
      const ssrc = readSsrc(packet);
      const sequence = this.#count(feed, ssrc, packet);
      if (feed.source.media === 'audio') feed.source.take(packet);
      else this.#pictures.arrived(packet, ssrc, sequence, NOWHERE, PAGE);
      return;
    }
  }

  takeRtcp(datagram: Uint8Array): void {
    const nowMs = this.#options.clock.now();
    const reports = readSenderReports(datagram, MOST_REPORTS);
    const cnames = reports.length === 0 ? undefined : readCnames(datagram);
    for (const report of reports) {
      this.#measured.reported(report.ssrc, report.shortNtp, nowMs);
      this.#sourceOf(report.ssrc)?.takeReport({ ...report }, cnames?.get(report.ssrc) ?? '');
    }
  }

  /** To be called about once a second. */
  report(): void {
    const nowMs = this.#options.clock.now();
    const receptions = this.#feeds.flatMap(({ reception }) => reception ?? []);
    if (receptions.length === 0) return;
    const { ssrc, cname } = this.#identity;
    const blocks = receptions.map((reception) => reception.block(this.#measured.measured(reception.ssrc, nowMs)));
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

  /** @returns its extended sequence number */
  #count(feed: Feed, ssrc: number, packet: Uint8Array): number {
    const known = feed.reception?.ssrc === ssrc ? feed.reception : null;
    const reception = known ?? new FeedReception(ssrc, readSequence(packet));
    const sequence = reception.arrived(readSequence(packet));
    feed.reception = reception;
    if (known === null) {
      this.#forget();
      // The page begins with a guess of its own, and each packet until the next report would be sent at that.
      this.report();
    }
    this.#measured.arrived(ssrc, packet, this.#options.clock.now());
    return sequence;
  }

  /** All but what is fed now, under the SSRCs that it has now. */
  #forget(): void {
    const rates = this.#feeds.flatMap(({ source, reception }) =>
      reception === null ? [] : [[reception.ssrc, source.clockRate] as const],
    );
    const known = new Map(rates);
    this.#measured.follow(known);
    this.#pictures.keepOnly(known, new Set([PAGE]));
  }

  #sourceOf(ssrc: number): FedSource | undefined {
    return this.#feeds.find(({ reception }) => reception?.ssrc === ssrc)?.source;
  }

  #ask(mediaSsrc: number, sequences: readonly number[]): void {
    const nack = writeNack({ senderSsrc: this.#identity.ssrc, mediaSsrc, sequences });
    this.#options.sendRtcp(compoundOf(this.#identity, nack));
  }
}

function isSame(one: FeedPlace, other: FeedPlace): boolean {
  return one.mid === other.mid && one.rid === other.rid;
}
