/** A router on loopback, played by a test byte by byte: its socket for PCP, NAT-PMP and searches, and the client that asks it. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import type { MappingAnswer } from '../../infra/mapping/contract.ts';
import { GatewayClient } from '../../infra/mapping/gateway-client.ts';
import { OWN_PORT } from './questions.ts';

/** Where the router answers from, and where somebody else on its network does. */
export const ROUTER = '127.0.0.1';
export const STRANGER = '127.0.0.2';

export class LoopbackRouter {
  readonly client: GatewayClient;
  readonly answers: MappingAnswer[];
  readonly #socket: Socket;
  readonly #stranger: Socket;
  readonly #heard: () => Promise<void>;

  private constructor(
    client: GatewayClient,
    answers: MappingAnswer[],
    sockets: readonly [Socket, Socket],
    heard: () => Promise<void>,
  ) {
    this.client = client;
    this.answers = answers;
    [this.#socket, this.#stranger] = sockets;
    this.#heard = heard;
  }

  static async open(t: ExecutionContext): Promise<LoopbackRouter> {
    const [socket, stranger] = [await bound(t, ROUTER), await bound(t, STRANGER)];
    const answers: MappingAnswer[] = [];
    let hear: () => void = () => undefined;
    const at = { host: ROUTER, port: socket.address().port };
    const client = await GatewayClient.open({
      target: { own: { host: ROUTER, port: OWN_PORT }, gateway: ROUTER },
      onAnswer: (answer) => {
        answers.push(answer);
        hear();
      },
      control: at,
      search: at,
    });
    t.teardown(() => client.close());
    const heard = () =>
      new Promise<void>((resolve) => {
        hear = resolve;
      });
    return new LoopbackRouter(client, answers, [socket, stranger], heard);
  }

  /** What the client asks next, and from where. */
  async asked(): Promise<{ readonly datagram: Buffer; readonly from: RemoteInfo }> {
    const [datagram, from] = await once(this.#socket, 'message');
    return { datagram, from };
  }

  /** The next answer that the client passes on. */
  heard(): Promise<void> {
    return this.#heard();
  }

  answer(datagram: Uint8Array, to: RemoteInfo): Promise<void> {
    return sent(this.#socket, datagram, to);
  }

  answerAsStranger(datagram: Uint8Array, to: RemoteInfo): Promise<void> {
    return sent(this.#stranger, datagram, to);
  }
}

async function bound(t: ExecutionContext, host: string): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, host);
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
}

function sent(socket: Socket, datagram: Uint8Array, { address, port }: RemoteInfo): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(datagram, port, address, (error) => (error === null ? resolve() : reject(error)));
  });
}
