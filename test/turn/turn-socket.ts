/** A TURN client on a real packet path, with real time: what a peer's media socket does for it. */
import type { Endpoint, PacketPath } from '../../infra/path/contract.ts';
import { openPath } from '../../infra/path/open.ts';
import { readStun } from '../../infra/stun/read.ts';
import { freshTransactionId } from '../../infra/stun/write.ts';
import { TurnClient } from '../../infra/turn/client.ts';
import type { TurnOutgoing } from '../../infra/turn/contract.ts';

/** What has come from somebody behind the server: as data, through a channel as STUN, or as RTP. */
export interface Came {
  readonly from: Endpoint | undefined;
  readonly bytes: Buffer;
}

export interface TurnSocketOptions {
  readonly username: string;
  readonly password: string;
  /** Default: any free one. */
  readonly port?: number;
  readonly kind?: PacketPath['kind'];
}

export class TurnSocket implements AsyncDisposable {
  readonly client: TurnClient;
  readonly path: PacketPath;
  readonly came: Came[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Asked anew after everything that happens. */
  readonly #waiting = new Set<() => void>();

  private constructor(path: PacketPath, server: Endpoint, { username, password }: TurnSocketOptions) {
    this.path = path;
    this.client = new TurnClient({ servers: [server], username, password, transactionId: freshTransactionId });
  }

  static async open(server: Endpoint, options: TurnSocketOptions): Promise<TurnSocket> {
    const opened: { socket?: TurnSocket } = {};
    const path = await openPath({
      listen: { host: '127.0.0.1', port: options.port ?? 0 },
      kind: options.kind ?? 'dgram',
      deliver: (packet, _ssrc, _extendedSequence, from) => opened.socket?.takeBehind(packet, from),
      onRtcp: () => undefined,
      onStun: (packet, from) => opened.socket?.takeStun(packet, from),
      now: () => performance.now(),
    });
    opened.socket = new TurnSocket(path, server, options);
    return opened.socket;
  }

  /** Does what the client says, now and whenever it wants to be woken. */
  do(act: (nowMs: number) => TurnOutgoing): void {
    const { datagrams, wakeAtMs, received } = act(performance.now());
    for (const { to, bytes } of datagrams) this.path.sendTo(bytes, to);
    if (received !== undefined) this.came.push({ from: received.from, bytes: Buffer.from(received.bytes) });
    clearTimeout(this.#timer);
    if (wakeAtMs !== undefined) {
      const wake = () => this.do((nowMs) => this.client.wake(nowMs));
      this.#timer = setTimeout(wake, Math.max(0, wakeAtMs - performance.now()));
    }
    this.#look();
  }

  /** Resolves as soon as it is so. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const ask = () => {
        if (!isSo()) return;
        this.#waiting.delete(ask);
        resolve();
      };
      this.#waiting.add(ask);
      ask();
    });
  }

  /** Without a word to the server, as when a process is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.path.close();
  }

  takeStun(bytes: Uint8Array, from: Endpoint): void {
    if (from.channel !== undefined) {
      this.takeBehind(bytes, from);
      return;
    }
    const message = readStun(bytes);
    if (message === undefined) return;
    this.do((nowMs) => this.client.take(message, bytes, from, nowMs) ?? this.client.wake(nowMs));
  }

  takeBehind(bytes: Uint8Array, from: Endpoint): void {
    this.came.push({ from: this.client.peerBehind(from), bytes: Buffer.from(bytes) });
    this.#look();
  }

  #look(): void {
    for (const ask of this.#waiting) ask();
  }
}
