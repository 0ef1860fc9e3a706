/** A user agent on its sockets: one address for UDP and TCP, IPv4 or IPv6, and one timer. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { bindUdp } from '../network/bind-udp.ts';
import { UserAgent, type UserAgentOptions } from './agent/user-agent.ts';
import { Connections } from './connections.ts';
import type { Flow } from './flow.ts';

export interface SipEndpointOptions extends Omit<UserAgentOptions, 'address' | 'send' | 'fresh'> {
  /** Where to listen; port 0: any. */
  readonly host: string;
  readonly port: number;
  /** The address that others are told, a literal. */
  readonly told: string;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** A port that is free for UDP is nearly always free for TCP. */
const ATTEMPTS = 8;
/** The longest wait that a timer of the system takes, in ms. */
const MOST_WAIT_MS = 2 ** 31 - 1;

export class SipEndpoint {
  readonly agent: UserAgent;
  readonly port: number;
  readonly #udp: Socket;
  readonly #tcp: Connections;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  private constructor(udp: Socket, tcp: Connections, port: number, options: SipEndpointOptions) {
    this.port = port;
    this.#udp = udp;
    this.#tcp = tcp;
    this.#now = options.now;
    this.agent = new UserAgent({
      ...options,
      address: { host: options.told, port },
      send: (flow, bytes) => this.#send(flow, bytes),
      fresh: () => randomBytes(12).toString('hex'),
    });
    udp.on('message', (bytes, { address, port }) => this.take(bytes, { transport: 'udp', host: address, port }));
    // A phone that has gone away: its silence is noticed.
    udp.on('error', () => undefined);
  }

  /** @throws {NodeJS.ErrnoException} as the system says, e.g. `EADDRINUSE` */
  static async open(options: SipEndpointOptions): Promise<SipEndpoint> {
    for (let attempt = 1; ; attempt++) {
      const udp = await bindUdp(options);
      const { port } = udp.address();
      const opened: { endpoint?: SipEndpoint } = {};
      try {
        const tcp = await Connections.listen(options.host, port, {
          onMessage: (bytes, flow) => opened.endpoint?.take(bytes, flow),
          onFailed: (flow) => opened.endpoint?.failed(flow),
        });
        opened.endpoint = new SipEndpoint(udp, tcp, port, options);
        return opened.endpoint;
      } catch (error) {
        udp.close();
        if (options.port !== 0 || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** To be called after each word to the agent from outside: it may have to be woken sooner. */
  settle(): void {
    const atMs = this.agent.wakeAtMs ?? Number.POSITIVE_INFINITY;
    if (atMs === this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.min(MOST_WAIT_MS, Math.max(0, Math.ceil(atMs - this.#now())));
    this.#timer = setTimeout(() => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.agent.wake(this.#now());
      this.settle();
    }, waitMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerAtMs = Number.NEGATIVE_INFINITY;
    await new Promise<void>((resolve) => this.#udp.close(() => resolve()));
    await this.#tcp.close();
  }

  private take(bytes: Uint8Array, flow: Flow): void {
    this.agent.receive(bytes, flow, this.#now());
    this.settle();
  }

  private failed(flow: Flow): void {
    this.agent.flowFailed(flow, this.#now());
    this.settle();
  }

  #send(flow: Flow, bytes: Uint8Array): void {
    if (flow.transport === 'tcp') this.#tcp.send(flow, bytes);
    else this.#udp.send(bytes, flow.port, flow.host);
  }
}
