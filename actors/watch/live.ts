/** A room as it is now, on a page, in a recording, or both. */
import type { SecretKey } from '../../infra/crypto/secret-key.ts';
import type { NatsBus } from '../../infra/nats/connection.ts';
import { PageServer } from '../../infra/web/page-server.ts';
import { pageAssets } from '../page/page-assets.ts';
import { Recorder } from './recorder.ts';
import { RoomWatch } from './room-watch.ts';

export interface LiveOptions {
  readonly nats: NatsBus;
  readonly room: string;
  /** Of the room's door; null: it stands open. */
  readonly roomKey: SecretKey | null;
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
  readonly #watch: RoomWatch;
  readonly #recorder: Recorder | undefined;
  readonly #server: PageServer | undefined;

  private constructor(watch: RoomWatch, recorder: Recorder | undefined, server: PageServer | undefined) {
    this.url = server?.url;
    this.#watch = watch;
    this.#recorder = recorder;
    this.#server = server;
  }

  /**
   * @throws {RecordingError} the recording cannot be begun
   * @throws {PageServerError} the page has no port
   */
  static async open({ nats, room, roomKey, id, page, record: file, say }: LiveOptions): Promise<LiveRoom> {
    const head = { recording: 'rpr.v2', room, atMs: Date.now() } as const;
    const recorder = file === undefined ? undefined : await Recorder.open(file, head, say);
    const watch = new RoomWatch({ nats, room, roomKey, id, onHeard: (heard) => recorder?.take(heard) });
    const server =
      page &&
      (await PageServer.open({
        ...{ port: page.port, title: `${room} · RPR`, assets: await pageAssets('room') },
        onSocket: watch.pages.welcome,
      }));
    await watch.start();
    return new LiveRoom(watch, recorder, server);
  }

  /** Lets go of all; what was heard is in the recording then. */
  async close(): Promise<void> {
    this.#watch.stop();
    // Until when nothing more was heard.
    this.#recorder?.take({ type: 'bus', atMs: Date.now(), connected: false });
    await this.#server?.close();
    await this.#recorder?.close();
  }
}
