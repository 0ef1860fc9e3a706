/**
 * The tracks of a page as streams of the room: they come and go with what the page sends, and with what of it is muted. While a tab is
 * loaded anew they stay.
 */
import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { OpenSource } from '../call/own-sources.ts';
import type { ShownStream } from '../call/own-stream.ts';
import { FedSource } from '../source/fed-source.ts';
import type { TrackName } from './messages.ts';
import { type AnsweredTrack, type FeedPlace, leavesWhenMuted, type PageStream, placesOf } from './own-tracks.ts';
import type { PageFeeds } from './page-feeds.ts';

/** The call that shows them. */
export interface ShowingCall {
  addStream(stream: ShownStream, open: OpenSource): Promise<void>;
  removeStream(name: string): Promise<void>;
}

export interface PageTracksOptions {
  readonly call: ShowingCall;
  /** What the encoders should send has changed. */
  readonly onRates: () => void;
  /** A stream cannot be shown. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

type Placed = FeedPlace & { readonly stream: PageStream };

interface Shown {
  readonly stream: PageStream;
  /** Null: it is being opened. */
  source: FedSource | null;
}

export class PageTracks {
  readonly #options: PageTracksOptions;
  readonly #muted = new Set<TrackName>();
  readonly #shown = new Map<string, Shown>();
  #feeds: PageFeeds | null = null;
  #places: ReadonlyMap<string, Placed> = new Map();

  constructor(options: PageTracksOptions) {
    this.#options = options;
  }

  /** What the room is told that we show, with what feeds it. */
  get shown(): readonly { readonly stream: PageStream; readonly source: FedSource | null }[] {
    return [...this.#shown.values()];
  }

  isMuted(track: TrackName): boolean {
    return this.#muted.has(track);
  }

  /** A tab sends these from now on, over these feeds. */
  follow(feeds: PageFeeds, tracks: readonly AnsweredTrack[]): void {
    if (this.#feeds !== feeds) this.#feeds?.follow([]);
    this.#feeds = feeds;
    this.#places = placesOf(tracks);
    this.#apply();
  }

  /** This tab feeds nothing any more; the streams stay, as it may come back. */
  letGo(feeds: PageFeeds): void {
    if (this.#feeds !== feeds) return;
    feeds.follow([]);
    this.#feeds = null;
  }

  /** No tab has come back: nothing is shown any more. */
  end(): void {
    this.#places = new Map();
    this.#apply();
  }

  mute(track: TrackName, muted: boolean): void {
    if (muted) this.#muted.add(track);
    else this.#muted.delete(track);
    this.#apply();
  }

  #apply(): void {
    const wanted = [...this.#places.values()].filter(({ stream }) => !this.#isOut(stream.track));
    const formats = new Map(wanted.map(({ stream }) => [stream.name, stream.format]));
    for (const [name, { stream }] of [...this.#shown]) {
      // Another browser may send it as something else: that is another stream.
      if (!isDeepStrictEqual(formats.get(name), stream.format)) this.#remove(name);
    }
    for (const { stream } of wanted) if (!this.#shown.has(stream.name)) this.#add(stream);
    this.#feed();
  }

  #isOut(track: TrackName): boolean {
    return this.#muted.has(track) && leavesWhenMuted(track);
  }

  #add(stream: PageStream): void {
    const shown: Shown = { stream, source: null };
    this.#shown.set(stream.name, shown);
    const { track: _, ...told } = stream;
    const open: OpenSource = ({ ssrc, send, onTime }) => {
      const source = new FedSource({
        ...{ ssrc, send, onTime, format: stream.format, now: this.#options.now, onRate: this.#options.onRates },
        ...{ firstSequence: randomInt(2 ** 16), firstTimestamp: randomInt(2 ** 32) },
      });
      shown.source = source;
      this.#feed();
      return source;
    };
    this.#options.call.addStream(told, open).catch((error: unknown) => {
      if (this.#shown.get(stream.name) === shown) this.#shown.delete(stream.name);
      this.#options.onError(error);
    });
  }

  #remove(name: string): void {
    this.#shown.delete(name);
    this.#options.call.removeStream(name).catch(() => {
      // It could not be added, or the call is over.
    });
  }

  /** Connects the sources that are open with the places of the page. */
  #feed(): void {
    const fed = [...this.#shown.values()].flatMap(({ stream, source }) => {
      const place = this.#places.get(stream.name);
      return source === null || place === undefined ? [] : [{ source, place: { mid: place.mid, rid: place.rid } }];
    });
    for (const { stream, source } of this.#shown.values()) {
      if (source !== null) source.muted = this.#muted.has(stream.track);
    }
    this.#feeds?.follow(fed);
  }
}
