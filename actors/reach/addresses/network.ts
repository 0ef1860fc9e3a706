/** What this peer learns of the networks around it, for its {@link Reach}: its own addresses, the router's port, its servers. */

import type { InterfaceAddress } from '../../../infra/network/interfaces.ts';
import { isLoopback } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import type { ReachChoice } from '../../options/contract.ts';
import type { Reach } from '../reach.ts';
import { type ServerNameNews, serverAddresses } from '../turn/server-names.ts';
import { turnClientFor } from '../turn/turn-server.ts';
import { InterfaceWatch } from './interface-watch.ts';
import type { MappingNews } from './mapping-news.ts';
import { PortMapping } from './port-mapping.ts';

/** What a person wants to know of them. */
export type NetworkNews = MappingNews | ServerNameNews;

export interface NetworkOptions {
  readonly reach: Pick<Reach, 'networkChanged' | 'setMapped' | 'setServers' | 'setTurn'>;
  readonly choice: ReachChoice;
  /** Of this machine, as they were read a moment ago; left out: they are read now. */
  readonly interfaces?: readonly InterfaceAddress[] | undefined;
  /** Of the media socket. */
  readonly bound: Endpoint;
  readonly note: (news: NetworkNews) => void;
}

export class Network {
  readonly #interfaces: InterfaceWatch;
  readonly #mapping: PortMapping | null;
  #isClosed = false;

  /** Begins to watch and to ask. Never throws: what cannot be had is said. */
  constructor({ reach, choice, interfaces, bound, note }: NetworkOptions) {
    this.#mapping =
      choice.portMapping && choice.candidates !== 'relay' && !isLoopback(bound.host)
        ? PortMapping.open({ port: bound.port, onMapped: (mapped) => reach.setMapped(mapped), say: note })
        : null;
    this.#interfaces = new InterfaceWatch({
      ...(interfaces === undefined ? {} : { addresses: interfaces }),
      onChange: (addresses, change) => {
        reach.networkChanged(addresses, change);
        this.#mapping?.networkChanged();
      },
    });
    void serverAddresses(choice, note).then(({ stun, turn }) => {
      if (this.#isClosed) return;
      reach.setServers(stun);
      const client = choice.turn && turnClientFor(choice.turn, turn, bound);
      if (client) reach.setTurn(client);
    });
  }

  /** Gives the router's port back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#interfaces.close();
    await this.#mapping?.close();
  }
}
