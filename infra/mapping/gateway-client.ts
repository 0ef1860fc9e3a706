/** Asks a gateway by its protocols: the sockets below the logic of a mapping. */
import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Endpoint } from '../path/contract.ts';
import type { MappingAnswer, MappingQuestion, MappingTarget } from './contract.ts';
import { NAT_PMP_VERSION, readNatPmp, writeNatPmp } from './nat-pmp.ts';
import { readPcp, writePcp } from './pcp.ts';
import { askHttp } from './upnp/http.ts';
import { InternetGateway } from './upnp/igd.ts';
import { readSearchAnswer, SSDP_GROUP, writeSearch } from './upnp/ssdp.ts';

/** Of PCP and NAT-PMP. */
const CONTROL_PORT = 5351;
/** RFC 6887 section 11.2. */
const NONCE_BYTES = 12;

/** Why datagrams were not taken: from somebody else than the gateway; not to be understood, or leading elsewhere. */
export type ClientDrop = 'stranger' | 'malformed';

export interface GatewayClientOptions {
  readonly target: MappingTarget;
  readonly onAnswer: (answer: MappingAnswer) => void;
  /** Where NAT-PMP and PCP are asked. Default: the gateway, at their port. */
  readonly control?: Endpoint;
  /** Where gateways are searched for. Default: the group of SSDP. */
  readonly search?: Endpoint;
}

/** Who is asked for mappings. */
export interface GatewayAsked {
  /** Answers come, or don't, to `onAnswer`. */
  ask(question: MappingQuestion): void;
  readonly drops: Readonly<Record<ClientDrop, number>>;
  close(): void;
}

/** Keeps no process alive. */
export class GatewayClient implements GatewayAsked {
  readonly drops: Record<ClientDrop, number> = { stranger: 0, malformed: 0 };
  readonly #options: GatewayClientOptions;
  readonly #controlAt: Endpoint;
  readonly #nonce = randomBytes(NONCE_BYTES);
  readonly #control: Socket;
  readonly #search: Socket;
  #device: InternetGateway | null = null;
  /** Whether its description is wanted, or being read: a gateway that answers a search a hundred times is not read a hundred times. */
  #reading: 'no' | 'wanted' | 'now' = 'no';
  /** Calls of the device, one after the other. */
  #calls: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: GatewayClientOptions, control: Socket, search: Socket) {
    this.#options = options;
    this.#controlAt = options.control ?? { host: options.target.gateway, port: CONTROL_PORT };
    this.#control = control;
    this.#search = search;
    control.on('message', (datagram, from) => this.#hearControl(datagram, from));
    search.on('message', (datagram, from) => this.#hearSearch(datagram, from));
  }

  /** @throws what the system says where it has no socket for us */
  static async open(options: GatewayClientOptions): Promise<GatewayClient> {
    const control = await openSocket(options.target.own.host);
    const search = await openSocket(options.target.own.host).catch((error) => {
      control.close();
      throw error;
    });
    // The search goes to the gateway's network, whatever other networks there are.
    search.setMulticastInterface(options.target.own.host);
    return new GatewayClient(options, control, search);
  }

  ask(question: MappingQuestion): void {
    const { target } = this.#options;
    if (question.method === 'UPnP') this.#askDevice(question);
    else if (question.method === 'PCP') this.#askControl(writePcp(question, target, this.#nonce));
    else this.#askControl(writeNatPmp(question, target.own.port));
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#control.close();
    this.#search.close();
  }

  #askControl(datagram: Uint8Array): void {
    this.#send(this.#control, datagram, this.#controlAt);
  }

  #askDevice(question: MappingQuestion): void {
    if (question.ask === 'probe') {
      if (this.#reading === 'no') this.#reading = 'wanted';
      this.#send(this.#search, writeSearch(), this.#options.search ?? SSDP_GROUP);
      return;
    }
    const device = this.#device;
    if (device !== null) this.#calls = this.#calls.then(async () => this.#tell(await device.answer(question)));
  }

  #hearControl(datagram: Uint8Array, from: RemoteInfo): void {
    if (from.address !== this.#controlAt.host || from.port !== this.#controlAt.port) {
      this.drops.stranger += 1;
      return;
    }
    const { port } = this.#options.target.own;
    const isNatPmp = datagram[0] === NAT_PMP_VERSION;
    const answer = isNatPmp ? readNatPmp(datagram, port) : readPcp(datagram, port, this.#nonce);
    if (answer === null) this.drops.malformed += 1;
    else this.#options.onAnswer(answer);
  }

  #hearSearch(datagram: Uint8Array, from: RemoteInfo): void {
    const { target } = this.#options;
    if (from.address !== target.gateway) {
      this.drops.stranger += 1;
      return;
    }
    const location = readSearchAnswer(datagram, target.gateway);
    if (location === null) this.drops.malformed += 1;
    else if (this.#reading === 'wanted') void this.#read(location);
  }

  async #read(location: URL): Promise<void> {
    this.#reading = 'now';
    this.#device = await InternetGateway.find(location, this.#options.target, askHttp);
    this.#reading = 'no';
    this.#tell(
      this.#device === null
        ? { type: 'refused', method: 'UPnP', asked: 'look', reason: 'no-outside' }
        : { type: 'there', method: 'UPnP', epochS: null, host: null },
    );
  }

  #tell(answer: MappingAnswer): void {
    if (!this.#isClosed) this.#options.onAnswer(answer);
  }

  #send(socket: Socket, datagram: Uint8Array, to: Endpoint): void {
    // What cannot be sent is not answered: it is asked again, and then given up.
    if (!this.#isClosed) socket.send(datagram, to.port, to.host, () => undefined);
  }
}

function openSocket(own: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, found) => found(null, host, 4) }).unref();
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address: own, port: 0, exclusive: true }, () => {
      socket.removeAllListeners('error');
      // ICMP says that nobody listens: silence says so too.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
