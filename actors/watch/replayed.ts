/** A recorded room on a page that plays it, stops it, and goes to any moment of it. */
import { PageServer } from '../../infra/web/page-server.ts';
import { pageAssets } from '../page/page-assets.ts';
import type { FromPage } from './page-messages.ts';
import { Playback } from './playback.ts';
import type { Recording } from './recording.ts';
import { MAX_LINES, RoomPages } from './room-pages.ts';

/** How often the page is moved on while it plays, in ms. */
const TICK_MS = 100;

export class ReplayedRoom {
  readonly url: string;
  readonly #server: PageServer;
  readonly #timer: NodeJS.Timeout;

  private constructor(server: PageServer, timer: NodeJS.Timeout) {
    this.url = server.url;
    this.#server = server;
    this.#timer = timer;
  }

  /** @throws {PageServerError} the page has no port */
  static async open(recording: Recording, { port }: { readonly port: number }): Promise<ReplayedRoom> {
    const { room, fromMs, toMs } = recording;
    const playback = new Playback(recording);
    const show = () => {
      const nowMs = performance.now();
      const atMs = playback.atMs(nowMs);
      pages.show(recording.at(atMs), linesUntil(recording, atMs));
      pages.tell({ type: 'playback', atMs, playing: playback.isPlaying(nowMs), speed: playback.speed });
      pages.flush(nowMs, atMs);
    };
    const pages: RoomPages = new RoomPages({
      ...{ room, recorded: { fromMs, toMs } },
      onRequest: (request) => {
        obey(playback, request);
        if (request.type === 'context') pages.tell({ ...request, text: null });
        else show();
      },
    });
    pages.addEvents(recording.events);
    const server = await PageServer.open({
      ...{ port, title: `${room}, recorded · RPR`, assets: await pageAssets('room') },
      onSocket: pages.welcome,
    });
    show();
    let played = false;
    const timer = setInterval(() => {
      const playing = playback.isPlaying(performance.now());
      // Once more when it has come to its end.
      if (playing || played) show();
      else pages.flush(performance.now(), playback.atMs(performance.now()));
      played = playing;
    }, TICK_MS);
    return new ReplayedRoom(server, timer);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server.close();
  }
}

function obey(playback: Playback, request: FromPage): void {
  const nowMs = performance.now();
  if (request.type === 'play') playback.play(nowMs);
  if (request.type === 'pause') playback.pause(nowMs);
  if (request.type === 'seek') playback.seek(nowMs, request.atMs);
  if (request.type === 'speed') playback.setSpeed(nowMs, request.speed);
}

function linesUntil({ messages }: Recording, atMs: number) {
  const end = messages.findLastIndex((line) => line.atMs <= atMs) + 1;
  return messages.slice(Math.max(0, end - MAX_LINES), end);
}
