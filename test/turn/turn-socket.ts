/** A TURN client on a real socket, with real time: what a peer's media socket does for it. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  CHANNEL_HEADER_BYTES,
  inChannel,
  looksLikeChannelData,
  readChannel,
  readChannelLength,
} from '../../infra/path/channel-data.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { readStun } from '../../infra/stun/read.ts';
import { freshTransactionId } from '../../infra/stun/write.ts';
import { TurnClient } from '../../infra/turn/client.ts';
import type { ChannelEndpoint, TurnOutgoing } from '../../infra/turn/contract.ts';

/** What has come from somebody behind the server. */
export interface Came {
  readonly from: Endpoint | undefined;
  readonly text: string;
}

export class TurnSocket implements AsyncDisposable {
  readonly client: TurnClient;
  readonly came: Came[] = [];
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  /** Asked anew after everything that happens. */
  readonly #waiting = new Set<() => void>();

  private constructor(
    socket: Socket,
    server: Endpoint,
    account: { readonly username: string; readonly password: string },
  ) {
    this.#socket = socket;
    this.client = new TurnClient({ servers: [server], ...account, transactionId: freshTransactionId });
    socket.on('message', (bytes, { address: host, port }) => this.#take(bytes, { host, port }));
    socket.on('error', () => undefined);
  }

  static async open(
    server: Endpoint,
    account: { readonly username: string; readonly password: string },
    port = 0,
  ): Promise<TurnSocket> {
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return new TurnSocket(socket, server, account);
  }

  get bound(): Endpoint {
    const { address: host, port } = this.#socket.address();
    return { host, port };
  }

  /** Does what the client says, now and whenever it wants to be woken. */
  do(act: (nowMs: number) => TurnOutgoing): void {
    const { datagrams, wakeAtMs, received } = act(performance.now());
    for (const { to, bytes } of datagrams) this.#socket.send(bytes, to.port, to.host);
    if (received !== undefined) this.came.push({ from: received.from, text: Buffer.from(received.bytes).toString() });
    clearTimeout(this.#timer);
    if (wakeAtMs !== undefined) {
      this.#timer = setTimeout(
        () => this.do((nowMs) => this.client.wake(nowMs)),
        Math.max(0, wakeAtMs - performance.now()),
      );
    }
    for (const ask of this.#waiting) ask();
  }

  sendTo({ host, port, channel }: ChannelEndpoint, text: string): void {
    this.#socket.send(inChannel(Buffer.from(text), channel), port, host);
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
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #take(bytes: Uint8Array, from: Endpoint): void {
    if (looksLikeChannelData(bytes)) {
      const payload = bytes.subarray(
        CHANNEL_HEADER_BYTES,
        CHANNEL_HEADER_BYTES + readChannelLength(bytes, bytes.length),
      );
      this.came.push({
        from: this.client.peerBehind({ ...from, channel: readChannel(bytes) }),
        text: Buffer.from(payload).toString(),
      });
      this.do((nowMs) => this.client.wake(nowMs));
      return;
    }
    const message = readStun(bytes);
    if (message === undefined) return;
    this.do((nowMs) => this.client.take(message, bytes, from, nowMs) ?? this.client.wake(nowMs));
  }
}
