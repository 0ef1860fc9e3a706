/**
 * The UDP socket by which a page of this machine reaches us. At 127.0.0.1 nobody else comes in. Firefox gathers no candidates of
 * loopback and takes none: for it we are at an address that the machine has in its network, and look at who sends.
 */
import type { Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Endpoint } from '../path/contract.ts';
import { openSocket } from '../path/dgram.ts';
import { LOOPBACK_HOST } from '../path/table/addresses.ts';

/** Addresses that a machine gives itself where nobody gives it one (RFC 3927): they come and go. */
const SELF_GIVEN_NET = '169.254.';

/** One address of a machine, as the system lists it. */
export interface OwnAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** Of loopback. */
  readonly internal: boolean;
}

export interface PageSocketOptions {
  /** Whether the page's browser does. */
  readonly takesLoopback: boolean;
  /** Of this machine. Left out: as the system lists them now. One that changes later may well be the socket's own. */
  readonly addresses?: readonly OwnAddress[];
  readonly onDatagram: (datagram: Buffer, from: Endpoint) => void;
  /** A datagram of another machine was dropped. */
  readonly onStranger: () => void;
  /** One that was sent did not arrive. */
  readonly onError: () => void;
}

export class PageSocket {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws {PathError} where no port can be had */
  static async open(options: PageSocketOptions): Promise<PageSocket> {
    const { takesLoopback, addresses = listed(), onDatagram, onStranger, onError } = options;
    const isOurs = ofThisMachine(addresses);
    const socket = await openSocket({ host: takesLoopback ? LOOPBACK_HOST : networkHost(addresses), port: 0 });
    socket.on('message', (datagram, { address: host, port }) => {
      if (isOurs(host)) onDatagram(datagram, { host, port });
      else onStranger();
    });
    socket.on('error', onError);
    return new PageSocket(socket);
  }

  /** Where the page sends to. */
  get endpoint(): Endpoint {
    const { address: host, port } = this.#socket.address();
    return { host, port };
  }

  send(datagram: Uint8Array, { host, port }: Endpoint): void {
    this.#socket.send(datagram, port, host);
  }

  /** What has been sent leaves before the socket goes. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** An address in a network. A machine without one has loopback alone, which Firefox takes only where it is set to. */
export function networkHost(addresses: readonly OwnAddress[]): string {
  const fits = ({ family, internal, address }: OwnAddress) =>
    family === 'IPv4' && !internal && !address.startsWith(SELF_GIVEN_NET);
  return addresses.find(fits)?.address ?? LOOPBACK_HOST;
}

/**
 * Tells whether a datagram was sent on this machine: no system takes in from a network what says to be from one of its own addresses.
 *
 * @param addresses the machine's
 */
function ofThisMachine(addresses: readonly OwnAddress[]): (host: string) => boolean {
  const own = new Set(addresses.map(({ address }) => address));
  return (host) => own.has(host);
}

function listed(): OwnAddress[] {
  return Object.values(networkInterfaces()).flatMap((each) => each ?? []);
}
