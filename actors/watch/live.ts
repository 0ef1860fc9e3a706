/** A room as it is now, on a page, in a recording, or both. */
import type { NatsBus } from '../../infra/nats/connection.ts';
import { PageServer } from '../../infra/web/page-server.ts';
import { pageAssets } from '../page/page-assets.ts';
import type { Heard } from '../room-picture/heard.ts';
import { RoomRecord } from '../room-picture/record.ts';
import { Recorder } from './recorder.ts';
import { RoomPages } from './room-pages.ts';
import { Watcher } from './watcher.ts';

/** How often pages are told what is new, and silent members looked for, in ms. */
const TICK_MS = 50;
/** Ticks that come as late as this: the computer slept, and those that it could not hear were not silent. In ms. */
const SLEPT_MS = 3000;

export interface LiveOptions {
  readonly nats: NatsBus;
  readonly room: string;
  /** Ours on the bus. */
  readonly id: string;
  /** A page on this machine, at this port or the next free one; left out: none. */
  readonly page?: { readonly port: number };
  /** Where to keep what is heard; left out: nowhere. */
  readonly record?: string;
  /** Takes a sentence about what goes wrong later. */
  readonly say: (text: string) => void;
}

export class LiveRoom {
  /** Of the page; undefined without one. */
  readonly url: string | undefined;
  readonly #watcher: Watcher;
  readonly #recorder: Recorder | undefined;
  readonly #server: PageServer | undefined;
  readonly #timer: NodeJS.Timeout;

  private constructor(parts: {
    watcher: Watcher;
    recorder: Recorder | undefined;
    server: PageServer | undefined;
    timer: NodeJS.Timeout;
  }) {
    this.url = parts.server?.url;
    this.#watcher = parts.watcher;
    this.#recorder = parts.recorder;
    this.#server = parts.server;
    this.#timer = parts.timer;
  }

  /**
   * @throws {RecordingError} the recording cannot be begun
   * @throws {PageServerError} the page has no port
   */
  static async open({ nats, room, id, page, record: file, say }: LiveOptions): Promise<LiveRoom> {
    const head = { recording: 'rpr.v2', room, atMs: Date.now() } as const;
    const recorder = file === undefined ? undefined : await Recorder.open(file, head, say);
    const record = new RoomRecord();
    const pages = new RoomPages({
      ...{ room, recorded: null },
      onRequest: (request) => {
        if (request.type === 'context') watcher.askContext(request.peer, request.machine);
      },
    });
    const server =
      page &&
      (await PageServer.open({
        ...{ port: page.port, title: `${room} · RPR`, assets: await pageAssets('room') },
        onSocket: pages.welcome,
      }));
    const hear = (heard: Heard) => {
      recorder?.take(heard);
      const news = record.hear(heard);
      pages.take(record, news);
      if (heard.type === 'bus') pages.tell({ type: 'bus', connected: heard.connected });
      if (news.lacking !== undefined) watcher.askFor(news.lacking);
    };
    const watcher: Watcher = new Watcher({
      ...{ nats, room, id, onHeard: hear },
      onContext: (peer, { machine, context }) => pages.tell({ type: 'context', peer, machine, text: context }),
    });
    let lastMs = Date.now();
    const timer = setInterval(() => {
      const nowMs = Date.now();
      if (Math.abs(nowMs - lastMs) > SLEPT_MS) hear({ type: 'bus', atMs: nowMs, connected: nats.connected });
      lastMs = nowMs;
      pages.take(record, record.judge(nowMs));
      pages.flush(performance.now(), nowMs);
    }, TICK_MS);
    await nats.flush();
    watcher.askAll();
    return new LiveRoom({ watcher, recorder, server, timer });
  }

  /** Lets go of all; what was heard is in the recording then. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#watcher.stop();
    // Until when nothing more was heard.
    this.#recorder?.take({ type: 'bus', atMs: Date.now(), connected: false });
    await this.#server?.close();
    await this.#recorder?.close();
  }
}
