/**
 * The room as a picture, for the page's panel: what `npm run inspect -- --web` shows, heard anew each time that the panel opens.
 * While it is closed nothing is heard, made or told. It has a connection of its own to the bus: on the peer's own nobody hears
 * what the peer itself says.
 */
import { randomBytes } from 'node:crypto';
import type { SecretKey } from '../../infra/crypto/secret-key.ts';
import type { NatsBus } from '../../infra/nats/connection.ts';
import type { PageSocket } from '../../infra/web/page-socket.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { FromPage, ToPage } from '../watch/page-messages.ts';
import { RoomWatch } from '../watch/room-watch.ts';
import type { OwnMachines } from './own-machines.ts';

/** The panel stands beside moving pictures, and takes no more of the page than two drawings a second. In ms. */
const PACE_MS = 500;

export interface ToldPictureOptions {
  readonly room: string;
  /** Of the room's door; null: it stands open. */
  readonly roomKey: SecretKey | null;
  /** The peer whose page it is. */
  readonly peer: PeerId;
  readonly machines: Pick<OwnMachines, 'tellTo' | 'tellNobody' | 'contextOf'>;
  /** Connects to the bus under this name, beside the peer. */
  readonly connect: (id: string) => Promise<NatsBus>;
  readonly tell: (told: ToPage) => void;
}

/** One opening of the panel. */
type Opening = object;

interface Watching {
  /** The tab that this was opened for has been told all; another one has not. */
  readonly opening: Opening;
  readonly nats: NatsBus;
  readonly watch: RoomWatch;
  readonly ask: (request: FromPage) => void;
}

export class ToldPicture {
  readonly #options: ToldPictureOptions;
  #wanted: Opening | null = null;
  #watching: Watching | null = null;
  /** One opening or closing at a time. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: ToldPictureOptions) {
    this.#options = options;
  }

  /**
   * The panel has been opened, or closed.
   *
   * @throws {NatsError} where the bus lets nobody in beside the peer
   */
  watch(on: boolean): Promise<void> {
    this.#wanted = on ? (this.#wanted ?? {}) : null;
    const settled = this.#work.then(() => this.#settle());
    this.#work = settled.catch(() => undefined);
    return settled;
  }

  /** What the panel asks; of a closed one nothing. */
  take(request: Extract<FromPage, { type: 'look' | 'context' }>): void {
    this.#watching?.ask(request);
  }

  async #settle(): Promise<void> {
    const wanted = this.#wanted;
    const watching = this.#watching;
    if (wanted === (watching?.opening ?? null)) return;
    if (watching !== null) {
      this.#watching = null;
      this.#options.machines.tellNobody();
      watching.watch.stop();
      await watching.nats.close();
    }
    if (wanted !== null) this.#watching = await this.#open(wanted);
  }

  async #open(opening: Opening): Promise<Watching> {
    const { room, roomKey, peer, machines, connect, tell } = this.#options;
    const id = `page-${randomBytes(4).toString('hex')}`;
    const nats = await connect(id);
    const watch = new RoomWatch({
      ...{ nats, room, roomKey, id, paceMs: PACE_MS },
      own: { id: peer, contextOf: (machine) => machines.contextOf(machine) },
    });
    const tab = new PanelTab((told) => tell(told));
    watch.pages.welcome(tab);
    machines.tellTo((transition) => watch.hear({ type: 'transition', atMs: Date.now(), from: peer, transition }));
    await watch.start();
    return { opening, nats, watch, ask: tab.ask };
  }
}

/** The panel as one of the tabs that show a room. It goes with the room that it shows. */
class PanelTab implements PageSocket {
  readonly send: (message: unknown) => void;
  ask: (request: FromPage) => void = () => undefined;

  constructor(tell: (told: ToPage) => void) {
    this.send = (message) => tell(message as ToPage);
  }

  onMessage(take: (message: unknown) => void): void {
    this.ask = take;
  }

  onClose(): void {
    // Nobody else has it, so nobody is told.
  }

  close(): void {
    // What it asks has been read before.
  }
}
