/** A path over loopback between two peers that loses datagrams both ways, by a seeded die: each end sees the other at an address of its own. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint } from '../../infra/path/contract.ts';
import { LOOPBACK } from '../path/rig.ts';
import { Random } from '../simulation/world/random.ts';

export class LossyLink implements AsyncDisposable {
  readonly #sockets: readonly [Socket, Socket];
  readonly #random: Random;
  readonly #loss: number;

  private constructor(sockets: readonly [Socket, Socket], loss: number, seed: number) {
    this.#sockets = sockets;
    this.#loss = loss;
    this.#random = new Random(seed);
  }

  static async open(loss: number, seed: number): Promise<LossyLink> {
    return new LossyLink([await openSocket(), await openSocket()], loss, seed);
  }

  /** Where the first end finds the second, and the second the first. */
  get addresses(): readonly [Endpoint, Endpoint] {
    const [a, b] = this.#sockets.map((socket) => ({ host: LOOPBACK, port: socket.address().port }));
    return [a ?? fail(), b ?? fail()];
  }

  connect(first: Endpoint, second: Endpoint): void {
    const [atFirst, atSecond] = this.#sockets;
    this.#pass(atFirst, atSecond, second);
    this.#pass(atSecond, atFirst, first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  #pass(from: Socket, through: Socket, to: Endpoint): void {
    from.on('message', (datagram) => {
      if (!this.#random.chance(this.#loss)) through.send(datagram, to.port, to.host);
    });
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  return socket;
}

function fail(): never {
  throw new Error('a link has two ends');
}
