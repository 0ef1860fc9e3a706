/** The page's line to the program behind it. Lost, it is tried again until the tab is closed. */
import type { FromPage, ToPage } from '../../../watch/page-messages.ts';

/** In ms. */
const FIRST_WAIT_MS = 250;
const MOST_WAIT_MS = 3000;

export interface LinkEvents {
  readonly onMessage: (message: ToPage) => void;
  readonly onState: (state: 'connecting' | 'open' | 'gone') => void;
}

export class Link {
  readonly #token: string;
  readonly #events: LinkEvents;
  #socket: WebSocket | undefined;
  #failures = 0;

  /** @param token from the address's fragment, which the browser sends nowhere */
  constructor(token: string, events: LinkEvents) {
    this.#token = token;
    this.#events = events;
    this.#connect();
  }

  /** Dropped while there is no line. */
  send(message: FromPage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connect(): void {
    const socket = new WebSocket(`ws://${location.host}/`, this.#token);
    this.#socket = socket;
    socket.onopen = () => {
      this.#failures = 0;
      this.#events.onState('open');
    };
    // The program is ours: what it sends keeps to its type.
    socket.onmessage = ({ data }) => this.#events.onMessage(JSON.parse(String(data)));
    socket.onclose = () => {
      this.#events.onState('gone');
      this.#failures += 1;
      setTimeout(() => this.#connect(), Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures));
    };
  }
}
