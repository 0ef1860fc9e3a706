/** Keeps our media port reachable from outside, where the router of this network can be asked for it. */

import type { MappedAddress, MappingState } from '../../../infra/mapping/contract.ts';
import {
  type ClientDrop,
  type GatewayAsked,
  GatewayClient,
  type GatewayClientOptions,
} from '../../../infra/mapping/gateway-client.ts';
import { type MappingTurn, Renewal } from '../../../infra/mapping/renewal.ts';
import { findGateway, type Gateway } from '../../../infra/network/gateway.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';
import { Alarm } from '../../bus/alarm.ts';
import { backgroundClock, type Clock } from '../../clock.ts';
import type { MappingNews } from './mapping-news.ts';

/** Without a router there is nothing to ask until there is another network, which {@link PortMapping.networkChanged} tells. */
const LOOK_FOR_GATEWAY_MS = 60_000;

/** It takes less. */
const LONGEST_CLOSE_MS = 1000;

export interface PortMappingOptions {
  /** Of our media socket. */
  readonly port: number;
  /** Where we are reached from outside; null: nowhere, from now on. */
  readonly onMapped: (mapped: MappedAddress | null) => void;
  /** What a person wants to know. */
  readonly say: (news: MappingNews) => void;
  /** Default: one that keeps no process alive. */
  readonly clock?: Clock;
  readonly findGateway?: () => Promise<Gateway | null>;
  readonly openClient?: (options: GatewayClientOptions) => Promise<GatewayAsked>;
}

/** One gateway, and what is asked of it. */
interface Asking {
  readonly gateway: Gateway;
  readonly client: GatewayAsked;
  readonly renewal: Renewal;
}

export class PortMapping {
  readonly #options: Required<PortMappingOptions>;
  readonly #alarm: Alarm;
  #asking: Asking | null = null;
  /** What was told last. */
  #mapped: MappedAddress | null = null;
  #said = '';
  /** One look for the gateway at a time. */
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;
  #leaving: Promise<void> | null = null;
  #onClosed: () => void = () => undefined;

  private constructor(options: PortMappingOptions) {
    const openClient = (client: GatewayClientOptions) => GatewayClient.open(client);
    this.#options = { clock: backgroundClock, findGateway, openClient, ...options };
    this.#alarm = new Alarm(this.#options.clock, () => this.#wake());
  }

  /** Begins to ask. Never throws: without a router nothing is mapped, and that is said. */
  static open(options: PortMappingOptions): PortMapping {
    const mapping = new PortMapping(options);
    mapping.networkChanged();
    return mapping;
  }

  get mapped(): MappedAddress | null {
    return this.#mapped;
  }

  /** Datagrams that were not taken, of the present router; `unasked`: answers to no question. */
  get drops(): Readonly<Record<ClientDrop | 'unasked', number>> {
    const { client, renewal } = this.#asking ?? {};
    return { stranger: 0, malformed: 0, ...client?.drops, unasked: renewal?.unasked ?? 0 };
  }

  /** To be called when this machine's addresses have changed, or it has slept: the router may be another one, or have forgotten us. */
  networkChanged(): void {
    this.#looking = this.#looking.then(() => this.#findGateway());
  }

  /** Takes the mapping away, or gives up on that within a second. Idempotent. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    await this.#looking;
    const { clock } = this.#options;
    const asking = this.#asking;
    if (asking === null) {
      this.#alarm.stop();
      return;
    }
    // All else here keeps no process alive, but this is worth a moment.
    const hold = setTimeout(() => undefined, LONGEST_CLOSE_MS);
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      this.#follow(asking, asking.renewal.close(clock.now()));
    });
    clearTimeout(hold);
  }

  async #findGateway(): Promise<void> {
    const gateway = await this.#options.findGateway();
    const asking = this.#asking;
    if (this.#isClosed) return;
    if (asking !== null && gateway?.host === asking.gateway.host && gateway.own === asking.gateway.own) {
      this.#follow(asking, asking.renewal.doubt(this.#options.clock.now()));
      return;
    }
    // What was mapped there is out of reach, and ends by itself.
    this.#drop();
    if (gateway !== null) await this.#start(gateway);
    if (this.#asking !== null || this.#isClosed) return;
    if (gateway === null) this.#sayOnce({ type: 'mapping.none', gateway: null, refusals: [] });
    this.#alarm.set(this.#options.clock.now() + LOOK_FOR_GATEWAY_MS);
  }

  async #start(gateway: Gateway): Promise<void> {
    const { port, clock, openClient } = this.#options;
    const renewal = new Renewal(port);
    const target = { gateway: gateway.host, own: { host: gateway.own, port } };
    try {
      const client = await openClient({
        target,
        onAnswer: (answer) => {
          if (this.#asking?.renewal === renewal) this.#follow(this.#asking, renewal.hear(answer, clock.now()));
        },
      });
      this.#asking = { gateway, client, renewal };
    } catch {
      // The address has gone between two calls: with the network that comes next it is tried again.
      return;
    }
    this.#follow(this.#asking, renewal.start(clock.now()));
  }

  #drop(): void {
    this.#alarm.stop();
    this.#asking?.client.close();
    this.#asking = null;
    this.#tell(null);
  }

  #wake(): void {
    const { clock } = this.#options;
    if (this.#asking === null) this.networkChanged();
    else this.#follow(this.#asking, this.#asking.renewal.wake(clock.now()));
  }

  #follow({ client, renewal }: Asking, { questions, wakeMs }: MappingTurn): void {
    for (const question of questions) client.ask(question);
    if (renewal.isClosed) {
      this.#drop();
      this.#onClosed();
      return;
    }
    if (Number.isFinite(wakeMs)) this.#alarm.set(wakeMs);
    if (!this.#isClosed) this.#tellState(renewal.state);
  }

  #tellState(state: MappingState): void {
    this.#tell(state.type === 'mapped' ? state.mapped : null);
    if (state.type === 'none') {
      this.#sayOnce({ type: 'mapping.none', gateway: this.#asking?.gateway.host ?? null, refusals: state.refusals });
    }
  }

  #tell(mapped: MappedAddress | null): void {
    const before = this.#mapped;
    if (isSame(before, mapped)) return;
    this.#mapped = mapped;
    if (mapped !== null) {
      this.#sayOnce({ type: 'mapping.made', address: endpointText(mapped), by: mapped.by, scope: mapped.scope });
    } else if (before !== null && !this.#isClosed)
      this.#sayOnce({ type: 'mapping.lost', address: endpointText(before) });
    if (!this.#isClosed) this.#options.onMapped(mapped);
  }

  /** A router that refuses once a minute is news once. */
  #sayOnce(news: MappingNews): void {
    const said = JSON.stringify(news);
    if (said === this.#said) return;
    this.#said = said;
    this.#options.say(news);
  }
}

function isSame(a: MappedAddress | null, b: MappedAddress | null): boolean {
  return a === b || (a !== null && b !== null && a.host === b.host && a.port === b.port && a.by === b.by);
}
