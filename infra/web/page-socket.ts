/** The WebSocket of one open tab: JSON both ways, bounded in size and number. */
import { type RawData, WebSocket } from 'ws';

/** An offer of 25 tiles has 150 kB. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
/** What a tab may say a second, and as much at once. */
export const MAX_MESSAGES_PER_S = 64;
/** A tab that does not read is closed when as much waits for it, in bytes. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** Close codes of RFC 6455 section 7.4.1 that we send by ourselves. `1009` is the library's: too long a message. */
export const CLOSED_FOR = { goingAway: 1001, notJson: 1007, tooMany: 1008, notReading: 1013 } as const;

export interface PageSocket {
  /** Sends a message as JSON; after the close it is dropped. */
  send(message: unknown): void;
  /** Each message of the tab, as its JSON says: anything. Register at once: nothing is kept. */
  onMessage(take: (message: unknown) => void): void;
  /** The tab has gone, or was closed; once. */
  onClose(take: () => void): void;
  /** @param code of RFC 6455 section 7.4, 1000 or 4000..4999 for reasons of one's own; `reason` of at most 123 bytes */
  close(code: number, reason: string): void;
}

export class TabSocket implements PageSocket {
  readonly #socket: WebSocket;
  readonly #now: () => number;
  #take: (message: unknown) => void = () => undefined;
  /** Of the second that runs. */
  #second = { sinceMs: 0, messages: 0 };

  /** @param now milliseconds on a monotonic clock */
  constructor(socket: WebSocket, now: () => number) {
    this.#socket = socket;
    this.#now = now;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // What is wrong with a frame ends the connection; nobody has to be told.
    socket.on('error', () => undefined);
  }

  send(message: unknown): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_WAITING_BYTES) this.close(CLOSED_FOR.notReading, 'the page does not read');
    else this.#socket.send(JSON.stringify(message));
  }

  onMessage(take: (message: unknown) => void): void {
    this.#take = take;
  }

  onClose(take: () => void): void {
    this.#socket.once('close', take);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const message = isBinary ? undefined : parsed(String(data));
    if (!this.#admits()) this.close(CLOSED_FOR.tooMany, 'too many messages');
    else if (message === undefined) this.close(CLOSED_FOR.notJson, 'not JSON');
    else this.#take(message);
  }

  #admits(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#second.sinceMs >= 1000) this.#second = { sinceMs: nowMs, messages: 0 };
    return ++this.#second.messages <= MAX_MESSAGES_PER_S;
  }
}

/** Undefined: no JSON, which has no such value. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
