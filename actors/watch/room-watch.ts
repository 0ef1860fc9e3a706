/** A room that is heard as it is now, for pages that show it: whoever opens one keeps the bus and the pages' server. */
import type { SecretKey } from '../../infra/crypto/secret-key.ts';
import type { NatsBus } from '../../infra/nats/connection.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { Heard } from '../room-picture/heard.ts';
import { RoomRecord } from '../room-picture/record.ts';
import { RoomPages } from './room-pages.ts';
import { Watcher } from './watcher.ts';

/** How often pages are told what is new, and silent members looked for, in ms. */
const TICK_MS = 50;
/** Ticks that come as late as this: the computer slept, and those that it could not hear were not silent. In ms. */
const SLEPT_MS = 3000;

/** A peer of the room in this process: it tells of its machines itself, whether or not it tells the room. */
export interface OwnMachines {
  readonly id: PeerId;
  /** What one of them remembers; null: there is none of this name. */
  contextOf(machine: string): string | null;
}

export interface RoomWatchOptions {
  readonly nats: NatsBus;
  readonly room: string;
  /** Of the room's door; null: it stands open. */
  readonly roomKey: SecretKey | null;
  /** Ours on the bus; no member's. */
  readonly id: string;
  /** Pages are told no more often, in ms; left out: as often as one that shows nothing else can draw. */
  readonly paceMs?: number;
  readonly own?: OwnMachines;
  /** Takes all that is heard, before it is shown. */
  readonly onHeard?: (heard: Heard) => void;
}

export class RoomWatch {
  readonly pages: RoomPages;
  readonly #options: RoomWatchOptions;
  readonly #record = new RoomRecord();
  #watcher: Watcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RoomWatchOptions) {
    this.#options = options;
    const { room, paceMs } = options;
    this.pages = new RoomPages({
      ...{ room, recorded: null },
      ...(paceMs !== undefined && { paceMs }),
      onRequest: (request) => {
        if (request.type === 'context') this.#askContext(request.peer, request.machine);
      },
    });
  }

  /** Hears the room from now on, and asks how it is. */
  async start(): Promise<void> {
    const { nats, room, roomKey, id, own } = this.#options;
    const watcher = new Watcher({
      ...{ nats, room, roomKey, id },
      onHeard: (heard) => {
        // That is told by itself.
        if (heard.type !== 'transition' || heard.from !== own?.id) this.hear(heard);
      },
      onContext: (peer, { machine, context }) => this.pages.tell({ type: 'context', peer, machine, text: context }),
    });
    this.#watcher = watcher;
    let lastMs = Date.now();
    this.#timer = setInterval(() => {
      const nowMs = Date.now();
      if (Math.abs(nowMs - lastMs) > SLEPT_MS) this.hear({ type: 'bus', atMs: nowMs, connected: nats.connected });
      lastMs = nowMs;
      this.pages.take(this.#record, this.#record.judge(nowMs));
      this.pages.flush(performance.now(), nowMs);
    }, TICK_MS);
    await nats.flush();
    watcher.askAll();
  }

  hear(heard: Heard): void {
    this.#options.onHeard?.(heard);
    const news = this.#record.hear(heard);
    this.pages.take(this.#record, news);
    if (heard.type === 'bus') this.pages.tell({ type: 'bus', connected: heard.connected });
    if (news.lacking !== undefined) this.#watcher?.askFor(news.lacking);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watcher?.stop();
  }

  #askContext(peer: PeerId, machine: string): void {
    const { own } = this.#options;
    if (peer === own?.id) this.pages.tell({ type: 'context', peer, machine, text: own.contextOf(machine) });
    else this.#watcher?.askContext(peer, machine);
  }
}
