/** Names addresses for a member that are not its own: another member's, and those of people who have nothing to do with the room. */
import type { Endpoint, Outgoing } from '../../../machines/messages.ts';
import type { PeerProcess } from '../world/peer/peer-process.ts';
import type { Random } from '../world/random.ts';

/** Victims, on the internet and in a private network (RFC 5737, RFC 1918). So few that each is named again and again. */
const STRANGERS: readonly Endpoint[] = [
  { host: '192.0.2.1', port: 443 },
  { host: '192.0.2.1', port: 5060 },
  { host: '192.0.2.2', port: 53 },
  { host: '10.99.0.1', port: 80 },
];
const MOST_NAMED = 4;
/** Far above the generations that an honest peer gets to. */
const FORGED_GENERATION = 1000;

export class Forger {
  readonly #random: Random;
  #generation = FORGED_GENERATION;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Each time other addresses, under the next number. */
  forged(others: readonly PeerProcess[]): Outgoing {
    const count = this.#random.integer(0, MOST_NAMED);
    const addresses = Array.from({ length: count }, () => {
      const member = this.#random.chance(0.3) ? this.#random.pick(others)?.site.address : undefined;
      return member ?? this.#random.pick(STRANGERS);
    });
    return this.#named(addresses.filter((address) => address !== undefined));
  }

  /** The truth, under a number above all that was forged. */
  honest({ site, transport }: PeerProcess): Outgoing {
    const known = transport.reach.own?.candidates ?? [{ kind: 'host' as const, ...site.address }];
    return this.#named(known);
  }

  #named(addresses: readonly Endpoint[]): Outgoing {
    this.#generation += 1;
    const distinct = new Map(addresses.map(({ host, port }) => [`${host} ${port}`, { host, port }]));
    const candidates = [...distinct.values()].map((address) => ({ kind: 'host' as const, ...address }));
    return { kind: 'pair.candidates', body: { generation: this.#generation, candidates } };
  }
}
