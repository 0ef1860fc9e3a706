/** The media of one tab: its WebRTC connection to this machine, from the first offer until the tab has gone. */
import { freshCname } from '../../infra/rtcp/source-description.ts';
import type { LinkCodec, LinkFormat, LinkMedia, WebRtcLinkOptions } from '../../infra/webrtc/contract.ts';
import { backgroundClock } from '../clock.ts';
import { Interval } from '../interval.ts';
import type { SentTrack } from './messages.ts';
import type { AnsweredTrack } from './own-tracks.ts';
import { streamFormat } from './page-codecs.ts';
import { PageFeeds } from './page-feeds.ts';
import type { PageTracks } from './page-tracks.ts';
import type { PageSink, SlotLink } from './slots/page-sink.ts';

/** How often the page hears how its packets come, in ms. */
const REPORT_MS = 1000;

/** As infra/webrtc makes it. */
export interface PageLink {
  readonly media: readonly LinkMedia[];
  answer(offer: string): Promise<string>;
  sendRtp(packet: Uint8Array): void;
  sendRtcp(packet: Uint8Array): void;
  close(): Promise<void>;
}
export type OpenLink = (options: WebRtcLinkOptions) => Promise<PageLink>;

export interface TabMediaOptions {
  readonly openLink: OpenLink;
  /** What may be sent and received, the best first. */
  readonly codecs: readonly LinkCodec[];
  readonly tracks: PageTracks;
  readonly sink: PageSink;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** One connection. */
interface Connection {
  readonly link: PageLink;
  readonly feeds: PageFeeds;
  readonly slots: SlotLink;
  readonly reports: Interval;
}

export class TabMedia {
  readonly #options: TabMediaOptions;
  /** Of a page that has not said what it can decode. */
  readonly #usualFormats: readonly LinkFormat[];
  #connection: Connection | null = null;
  /** Opened ahead of the first offer. */
  #prepared: Promise<Connection> | null = null;
  /** One offer at a time. */
  #work: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: TabMediaOptions) {
    this.#options = options;
    this.#usualFormats = options.codecs.map((codec) => ({ ...codec, payloadType: 0 }));
  }

  /** An offer is on its way: what takes time is done meanwhile. */
  prepare(): void {
    this.#prepared = this.#connect();
    // Whoever answers the offer is told.
    this.#prepared.catch(() => undefined);
  }

  /**
   * Answers an offer, and lets media follow it.
   *
   * @param sent what the page sends, by m-line
   * @throws {WebRtcError} `offer.invalid`, `offer.unsupported`, `link.failed`; then what was before goes on
   */
  answer(sdp: string, sent: readonly SentTrack[]): Promise<string> {
    const answered = this.#work.then(() => this.#answer(sdp, sent));
    this.#work = answered.catch(() => undefined);
    return answered;
  }

  /** What comes and goes on m-lines that were offered. Before an offer was answered it changes nothing. */
  send(sent: readonly SentTrack[]): Promise<void> {
    const followed = this.#work.then(() => {
      if (this.#connection !== null && !this.#closed) this.#follow(this.#connection, sent);
    });
    this.#work = followed;
    return followed;
  }

  /** What the page can decode, as its slots say; until then, what pages can as a rule. */
  get formats(): readonly LinkFormat[] {
    const slots = this.#connection?.link.media.filter(({ direction }) => direction === 'receive') ?? [];
    if (slots.length === 0) return this.#usualFormats;
    return ['video', 'audio'].flatMap((kind) => slots.find((slot) => slot.kind === kind)?.formats ?? []);
  }

  /** Whether an m-line is one of sound. */
  isSound(mid: string): boolean {
    return this.#connection?.link.media.some((line) => line.mid === mid && line.kind === 'audio') ?? false;
  }

  /** What each encoder of the page is to send now. */
  rates() {
    return this.#connection?.feeds.rates() ?? [];
  }

  close(): Promise<void> {
    this.#closed = true;
    const closed = this.#work.then(async () => {
      const prepared = await this.#takePrepared()?.catch(() => undefined);
      if (prepared !== undefined) await letGo(prepared);
      await this.#drop(this.#connection);
    });
    this.#work = closed;
    return closed;
  }

  async #answer(sdp: string, sent: readonly SentTrack[]): Promise<string> {
    const { sink } = this.#options;
    const connection = this.#connection ?? (await (this.#takePrepared() ?? this.#connect()));
    let answer: string;
    try {
      answer = await connection.link.answer(sdp);
    } catch (error) {
      if (this.#connection === null) await letGo(connection);
      throw error;
    }
    this.#connection = connection;
    if (this.#closed) return answer;
    this.#follow(connection, sent);
    sink.follow(connection.slots, connection.link.media);
    return answer;
  }

  #follow({ feeds, link }: Connection, sent: readonly SentTrack[]): void {
    this.#options.tracks.follow(feeds, answeredTracks(sent, link.media));
  }

  #takePrepared(): Promise<Connection> | null {
    const prepared = this.#prepared;
    this.#prepared = null;
    return prepared;
  }

  async #connect(): Promise<Connection> {
    const { openLink, codecs, now, sink } = this.#options;
    const cname = freshCname();
    const opened: { connection?: Connection } = {};
    const link = await openLink({
      ...{ now, cname, codecs },
      onRtp: (packet, mid, rid) => opened.connection?.feeds.takeRtp(packet, mid, rid),
      onRtcp: (packet) => {
        opened.connection?.feeds.takeRtcp(packet);
        sink.takeRtcp(packet);
      },
      onState: (state) => {
        const { connection } = opened;
        if (connection === undefined || connection !== this.#connection) return;
        if (state === 'connected') sink.begin();
        // The page begins a new connection with its next offer.
        if (state === 'closed') this.#work = this.#work.then(() => this.#drop(connection));
      },
    });
    const feeds = new PageFeeds({
      cname,
      clock: { ...backgroundClock, now },
      sendRtcp: (packet) => link.sendRtcp(packet),
    });
    const reports = new Interval(REPORT_MS, () => feeds.report());
    reports.run(true);
    const slots = { cname, sendRtp: link.sendRtp.bind(link), sendRtcp: link.sendRtcp.bind(link) };
    opened.connection = { link, feeds, slots, reports };
    return opened.connection;
  }

  async #drop(connection: Connection | null): Promise<void> {
    if (connection === null || connection !== this.#connection) return;
    this.#connection = null;
    const { tracks, sink } = this.#options;
    tracks.letGo(connection.feeds);
    sink.letGo(connection.slots);
    await letGo(connection);
  }
}

function letGo({ link, reports }: Connection): Promise<void> {
  reports.stop();
  return link.close();
}

/** Those of the tracks that are sent, each with what it is sent as: an answer names one format of it. */
function answeredTracks(sent: readonly SentTrack[], media: readonly LinkMedia[]): AnsweredTrack[] {
  return sent.flatMap((track) => {
    const line = media.find(({ mid, direction }) => direction === 'send' && mid === track.mid);
    const format = line?.formats[0] && streamFormat(line.formats[0]);
    return format === undefined ? [] : [{ ...track, format }];
  });
}
