/** The room as its panel shows it: the peer tells of it while the panel is open, and nobody does else. */
import { effect } from '@preact/signals';
import type { FromPage, ToPage } from '../../watch/page-messages.ts';
import type { PageMessage } from './link/messages.ts';
import { createStore, type Store as PictureStore } from './picture/store.ts';
import type { Store } from './store.ts';

/** The time line moves on, in ms. */
const TICK_MS = 1000;

export class WatchedRoom {
  readonly picture: PictureStore = createStore(Date.now);
  readonly #store: Store;
  readonly #send: (message: PageMessage) => void;

  constructor(store: Store, send: (message: PageMessage) => void) {
    this.#store = store;
    this.#send = send;
    let ticking: number | undefined;
    let wasOpen = false;
    effect(() => {
      const isOpen = store.state.value.panel === 'room';
      if (isOpen === wasOpen) return;
      wasOpen = isOpen;
      clearInterval(ticking);
      if (isOpen) ticking = setInterval(() => this.#tick(), TICK_MS);
      send({ type: 'watch', on: isOpen });
    });
  }

  /** A new connection knows nothing of an open panel. */
  begin(): void {
    if (this.#store.state.peek().panel !== 'room') return;
    this.#send({ type: 'watch', on: true });
    const peer = this.picture.looked.peek();
    if (peer !== null) this.#send({ type: 'look', peer });
  }

  /** What the panel asks. A room that is live can't be played. */
  readonly ask = (request: FromPage): void => {
    if (request.type === 'look' || request.type === 'context') this.#send(request);
  };

  take(told: ToPage): void {
    this.#tick();
    this.picture.take(told);
  }

  #tick(): void {
    this.picture.now.value = Date.now();
  }
}
