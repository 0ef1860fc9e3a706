/** A TURN client and its servers in virtual time, 20 ms apart. */

import type { Endpoint } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import type { Datagram } from '../../infra/stun/outgoing.ts';
import { readStun } from '../../infra/stun/read.ts';
import { TurnClient } from '../../infra/turn/client.ts';
import type { TurnOutgoing, TurnReceived } from '../../infra/turn/contract.ts';
import { ACCOUNT, ScriptedServer } from './scripted-server.ts';

export const DELAY_MS = 20;
export const OURS: Endpoint = { host: '198.51.100.7', port: 40_000 };
export const SERVER: Endpoint = { host: '192.0.2.1', port: 3478 };

interface Arrival {
  readonly atMs: number;
  readonly take: () => void;
}

export interface RehearsalOptions {
  readonly servers?: readonly [ScriptedServer, ...ScriptedServer[]];
  readonly account?: { readonly username: string; readonly password: string };
}

export class Rehearsal {
  readonly client: TurnClient;
  readonly server: ScriptedServer;
  /** All datagrams of the client, and when they left. */
  readonly sent: { readonly atMs: number; readonly to: string }[] = [];
  readonly received: TurnReceived[] = [];
  nowMs = 0;
  readonly #servers: Map<string, ScriptedServer>;
  readonly #arrivals: Arrival[] = [];
  #wakeAtMs: number | undefined;

  /** @param others servers that are there, but not told to the client */
  constructor(
    { servers = [new ScriptedServer(SERVER)], account = ACCOUNT }: RehearsalOptions = {},
    ...others: ScriptedServer[]
  ) {
    const [first, ...rest] = servers;
    this.server = first;
    this.#servers = new Map([...servers, ...others].map((server) => [endpointText(server.endpoint), server]));
    let last = 0;
    this.client = new TurnClient({
      ...{ servers: [first.endpoint, ...rest.map(({ endpoint }) => endpoint)], ...account },
      transactionId: () => (++last).toString(16).padStart(24, '0'),
    });
  }

  do(act: (client: TurnClient, nowMs: number) => TurnOutgoing | undefined): void {
    const outgoing = act(this.client, this.nowMs);
    if (outgoing === undefined) return;
    this.#wakeAtMs = outgoing.wakeAtMs;
    if (outgoing.received !== undefined) this.received.push(outgoing.received);
    for (const datagram of outgoing.datagrams) this.#send(datagram);
  }

  open(): this {
    this.do((client, nowMs) => client.open(nowMs));
    return this;
  }

  /** Something comes from an address, now. @returns whether the client says that it is its own */
  arrives(bytes: Uint8Array, from: Endpoint = this.server.endpoint): boolean {
    const message = readStun(bytes);
    if (message === undefined) return false;
    const outgoing = this.client.take(message, bytes, from, this.nowMs);
    this.do(() => outgoing);
    return outgoing !== undefined;
  }

  /** Lets time pass, and everything happen that is due in it. */
  run(forMs: number): this {
    const untilMs = this.nowMs + forMs;
    for (let next = this.#next(); next.atMs <= untilMs; next = this.#next()) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.take();
    }
    this.nowMs = untilMs;
    return this;
  }

  #next(): Arrival {
    const [arrival] = this.#arrivals;
    const wakeAtMs = this.#wakeAtMs ?? Number.POSITIVE_INFINITY;
    if (arrival !== undefined && arrival.atMs <= wakeAtMs)
      return { ...arrival, take: () => this.#arrivals.shift()?.take() };
    return { atMs: wakeAtMs, take: () => this.do((client, nowMs) => client.wake(nowMs)) };
  }

  #send({ to, bytes }: Datagram): void {
    this.sent.push({ atMs: this.nowMs, to: endpointText(to) });
    const server = this.#servers.get(endpointText(to));
    if (server === undefined) return;
    this.#after(DELAY_MS, () => {
      const answer = server.answer(bytes, OURS);
      if (answer !== undefined) this.#after(DELAY_MS, () => this.arrives(answer, server.endpoint));
    });
  }

  #after(delayMs: number, take: () => void): void {
    this.#arrivals.push({ atMs: this.nowMs + delayMs, take });
    this.#arrivals.sort((a, b) => a.atMs - b.atMs);
  }
}
