/** The WebSocket to the program behind a page. It comes back by itself; what was said meanwhile is not kept: the page says all of it anew. */
import { backoffMs } from './backoff.ts';
import { openSocket } from './open-socket.ts';

/** @typeParam Heard what the program says */
export interface SocketEvents<Heard> {
  readonly onUp: () => void;
  /** Lost, or a try failed. The next one follows by itself. */
  readonly onDown: () => void;
  readonly onMessage: (message: Heard) => void;
  /** Null: it is none that the page knows. */
  readonly read: (text: string) => Heard | null;
}

/** @typeParam Said what the page says */
export class Socket<Said, Heard> {
  readonly #token: string;
  readonly #events: SocketEvents<Heard>;
  #socket: WebSocket | null = null;
  #failures = 0;
  #retry: number | undefined;
  #stopped = false;

  /** @param token the secret of the page's address */
  constructor(token: string, events: SocketEvents<Heard>) {
    this.#token = token;
    this.#events = events;
    // A machine that woke, or a tab that is looked at again, does not wait for a timer.
    addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => this.#hurry());
  }

  /** @returns false where there is no connection: nothing was said */
  send(message: Said): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Lets go, until `start`: another tab has the call. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
  }

  /** @param opened one that was opened for this already, to which nothing has been said */
  start(opened: WebSocket | null = null): void {
    this.#stopped = false;
    this.#failures = 0;
    this.#open(opened);
  }

  #open(opened: WebSocket | null = null): void {
    clearTimeout(this.#retry);
    const socket = opened ?? openSocket(this.#token);
    this.#socket = socket;
    if (socket === null || socket.readyState > WebSocket.OPEN) {
      this.#lose();
      return;
    }
    socket.onopen = () => this.#up();
    socket.onmessage = ({ data }) => {
      const message = typeof data === 'string' ? this.#events.read(data) : null;
      if (message !== null && this.#socket === socket) this.#events.onMessage(message);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lose();
    };
    if (socket.readyState === WebSocket.OPEN) this.#up();
  }

  #up(): void {
    this.#failures = 0;
    this.#events.onUp();
  }

  #lose(): void {
    this.#socket = null;
    if (this.#stopped) return;
    this.#failures += 1;
    this.#events.onDown();
    this.#retry = setTimeout(() => this.#open(), backoffMs(this.#failures));
  }

  #hurry(): void {
    if (this.#socket === null && !this.#stopped && document.visibilityState === 'visible') this.#open();
  }
}
