/** What feeds the own streams: it comes and goes with them, in mid-call as well. */
import type { StreamInfo, StreamName } from '../../machines/messages.ts';
import type { ProgramTime } from '../media/reports/own-reports.ts';
import { sealBps } from '../media/sealing/overhead.ts';
import type { Transport } from '../media/transport.ts';
import type { Source, StreamSourceNews } from '../source/contract.ts';
import type { OpenSourceOptions } from '../source/open.ts';
import type { OwnProfile } from './own-profile.ts';
import { describeStream, type ShownStream, StreamError } from './own-stream.ts';

/** Begins to feed a stream. */
export type OpenSource = (options: OpenSourceOptions) => Source | Promise<Source>;

/** An own stream comes or goes in mid-call. */
export type OwnStreamNews = { readonly type: 'stream.added' | 'stream.removed'; readonly stream: StreamName };

export interface OwnSourcesOptions {
  readonly own: Pick<OwnProfile, 'streams' | 'addStream' | 'removeStream' | 'setMost'>;
  readonly transport: Pick<Transport, 'send' | 'programTime'>;
  readonly note: (news: StreamSourceNews | OwnStreamNews) => void;
  /** Ports that sources of the call take, each by itself. */
  readonly ports: ReadonlySet<number>;
  /** Whether we sign what we send. */
  readonly isSigned: boolean;
}

export class OwnSources {
  readonly #options: OwnSourcesOptions;
  readonly #sources = new Map<StreamName, Source>();
  /** One change at a time: a source may take a while to open or to close. */
  #work: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: OwnSourcesOptions) {
    this.#options = options;
  }

  /** Follows what comes and goes. */
  get all(): ReadonlyMap<StreamName, Source> {
    return this.#sources;
  }

  /** Feeds a stream that the room is told of already, or will be as we enter. Rejects with what `open` throws. */
  feed(info: StreamInfo, open: OpenSource): Promise<void> {
    return this.#next(() => this.#open(info, open));
  }

  /**
   * Feeds one more stream, and tells the room of it.
   *
   * @throws {StreamError} `stream.taken`, `stream.too-many`, `stream.invalid`, `stream.closed`, and whatever `open` throws; then
   *   nothing has changed
   */
  add(stream: ShownStream, open: OpenSource): Promise<void> {
    const { own, note, isSigned } = this.#options;
    return this.#next(async () => {
      if (this.#closed) throw closedError(stream.name);
      const info = describeStream(stream, own.streams, isSigned);
      await this.#open(info, open);
      own.addStream(info);
      note({ type: 'stream.added', stream: info.name });
    });
  }

  /**
   * Takes a stream from the room, and then from what feeds it.
   *
   * @throws {StreamError} `stream.unknown`
   */
  remove(name: StreamName): Promise<void> {
    const { own, note } = this.#options;
    return this.#next(async () => {
      const source = this.#sources.get(name);
      if (source === undefined) throw new StreamError('stream.unknown', `There is no own stream ${name}.`);
      own.removeStream(name);
      this.#sources.delete(name);
      note({ type: 'stream.removed', stream: name });
      await source.close();
    });
  }

  /** The rates that the streams should have from now on, in bit/s, as they leave. */
  setRates(rates: ReadonlyMap<StreamName, number>): void {
    const { own, isSigned } = this.#options;
    const added = new Map(own.streams.map(({ name, media }) => [name, sealBps(media, isSigned)]));
    for (const [stream, rateBps] of rates)
      this.#sources.get(stream)?.setRate(Math.max(0, rateBps - (added.get(stream) ?? 0)));
  }

  /** Closes all sources, and takes no more. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#next(async () => {
      for (const source of this.#sources.values()) await source.close();
    });
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#work.then(change);
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #open({ name, ssrc, media }: StreamInfo, open: OpenSource): Promise<void> {
    const { own, transport, note, ports: otherPorts, isSigned } = this.#options;
    const onNews = (news: StreamSourceNews) => {
      note(news);
      if (news.type === 'source.remeasured') own.setMost(name, news.mostBps + sealBps(media, isSigned));
    };
    const onTime = (time: ProgramTime | null) => transport.programTime(name, time);
    const send = (packet: Uint8Array) => transport.send(name, packet);
    this.#sources.set(name, await open({ ssrc, send, onNews, onTime, otherPorts }));
  }
}

function closedError(name: StreamName): StreamError {
  return new StreamError('stream.closed', `The call is over: ${name} can be shown no more.`);
}
