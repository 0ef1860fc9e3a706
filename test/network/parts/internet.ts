/** The public internet: a router that everybody has a wire to, and addresses that any program takes for public. */
import type { Conditions } from '../wire/delay-line.ts';
import type { Wires } from '../wire/wires.ts';
import {
  type Addresses,
  AS_ROUTERS_ARE,
  hasIpv4,
  hasIpv6,
  type Place,
  type Plug,
  type PlugOptions,
  untilCarrier,
} from './place.ts';
import type { Space } from './space.ts';

/**
 * Each site has a network of its own here, by its number, and is known by that whatever address in it is in use. The networks of
 * documentation (RFC 5737, RFC 3849) won't do: programs take them for addresses that nobody can have, miniupnpd among them.
 * Nothing leaves the namespaces.
 */
const IPV4_NETWORK = '45.77';
const IPV6_NETWORK = '2a05:d077';
const MOST_SITES = 255;
/** The second /64 of a site's addresses is for what is behind its router. */
const INNER_SUBNET = 1;

export class Internet implements Place {
  readonly #space: Space;
  readonly #wires: Wires;
  readonly #conditions: Conditions;
  #sites = 0;

  private constructor(space: Space, wires: Wires, conditions: Conditions) {
    this.#space = space;
    this.#wires = wires;
    this.#conditions = conditions;
  }

  /** @param conditions of the wire between a site and the middle of the internet: two of them are between two sites */
  static async open(space: Space, wires: Wires, conditions: Conditions): Promise<Internet> {
    await space.run(...AS_ROUTERS_ARE);
    return new Internet(space, wires, conditions);
  }

  async plug(space: Space, { device, families, metric }: PlugOptions): Promise<Site> {
    const site = ++this.#sites;
    if (site > MOST_SITES) throw new Error(`the lab's internet has room for ${MOST_SITES} sites`);
    const here = `site${site}`;
    const wire = await this.#wires.lay({ space: this.#space, device: here }, { space, device }, this.#conditions);
    await this.#space.run(
      `ip route add ${IPV4_NETWORK}.${site}.0/24 dev ${here}`,
      `ip route add ${ipv6Of(site)}::/48 dev ${here}`,
    );
    let number = 1;
    await space.run(
      ...layAddresses(addressesOf(site, number, families), device),
      ...(hasIpv4(families) ? [`ip route add default dev ${device} metric ${metric}`] : []),
      ...(hasIpv6(families) ? [`ip -6 route add default dev ${device} metric ${metric}`] : []),
    );
    return {
      get addresses() {
        return addressesOf(site, number, families);
      },
      router: undefined,
      wire,
      innerIpv6: `${ipv6Of(site)}:${INNER_SUBNET}`,
      async changeAddresses() {
        const old = addressesOf(site, number, families);
        number++;
        // The new ones first: with its last address a device loses its routes.
        await space.run(
          ...layAddresses(addressesOf(site, number, families), device),
          ...[old.ipv4, old.ipv6].filter(isThere).map((address) => `ip addr del ${address} dev ${device}`),
        );
      },
      pull: async () => {
        wire.pull();
        await space.run(untilCarrier(device, false));
      },
      plugIn: async () => {
        wire.plugIn();
        await space.run(untilCarrier(device, true));
      },
      remove: async () => {
        // The device itself lives as long as the wire's thread holds it.
        await space.run(`ip link set ${device} down`, `ip link set ${device} name gone${site}`);
      },
    };
  }
}

/** A connection to the internet. */
export interface Site extends Plug {
  /** The first 64 bits of IPv6 addresses for a LAN behind it. */
  readonly innerIpv6: string;
}

const ipv6Of = (site: number) => `${IPV6_NETWORK}:${site.toString(16)}`;

function addressesOf(site: number, number: number, families: PlugOptions['families']): Addresses {
  return {
    ipv4: hasIpv4(families) ? `${IPV4_NETWORK}.${site}.${number}` : undefined,
    ipv6: hasIpv6(families) ? `${ipv6Of(site)}::${number.toString(16)}` : undefined,
  };
}

const isThere = (address: string | undefined) => address !== undefined;

function layAddresses({ ipv4, ipv6 }: Addresses, device: string): string[] {
  return [ipv4, ipv6].filter(isThere).map((address) => `ip addr add ${address} dev ${device}`);
}
