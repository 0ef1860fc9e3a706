/** A local network: a switch in a router. Every one has the same private addresses, as at home (RFC 1918). */
import { type Addresses, hasIpv4, hasIpv6, type Place, type Plug, type PlugOptions, untilCarrier } from './place.ts';
import type { Space } from './space.ts';

/** The device in the router. */
export const LAN_DEVICE = 'lan';

/** What a household has, and what a carrier gives to households (RFC 6598). */
export const HOME_NETWORK = '192.168.1';
export const CARRIER_NETWORK = '100.64.0';

/** The router is 1. Addresses are never given twice. */
export const FIRST_ADDRESS = 2;
export const LAST_ADDRESS = 31;

export interface LanOptions {
  /** The first 24 bits of its IPv4 addresses. */
  readonly ipv4: string;
  /** The first 64 bits of its IPv6 addresses. */
  readonly ipv6: string | undefined;
  readonly families: PlugOptions['families'];
}

export class Lan implements Place {
  readonly #router: Space;
  readonly #options: LanOptions;
  #given = FIRST_ADDRESS - 1;
  #ports = 0;

  private constructor(router: Space, options: LanOptions) {
    this.#router = router;
    this.#options = options;
  }

  static async open(router: Space, options: LanOptions): Promise<Lan> {
    const lan = new Lan(router, options);
    await router.run(
      `ip link add ${LAN_DEVICE} type bridge`,
      `ip link set ${LAN_DEVICE} up`,
      // A switch knows nothing of the router's rules.
      'sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 || true',
      ...lan.#layAddresses(lan.#addressesOf(1, options.families), LAN_DEVICE),
    );
    return lan;
  }

  async plug(space: Space, { device, families, metric }: PlugOptions): Promise<Plug> {
    const port = `port${++this.#ports}`;
    const router = this.#addressesOf(1, families);
    let addresses = this.#next(families);
    await this.#router.run(
      `ip link add ${port} type veth peer name ${device} netns ${space.name}`,
      `ip link set ${port} master ${LAN_DEVICE} up`,
    );
    const lay = (given: Addresses) => [
      ...this.#layAddresses(given, device),
      ...(given.ipv4 && router.ipv4
        ? [`ip route replace default via ${router.ipv4} dev ${device} metric ${metric}`]
        : []),
      ...(given.ipv6 && router.ipv6
        ? [`ip -6 route replace default via ${router.ipv6} dev ${device} metric ${metric}`]
        : []),
    ];
    await space.run(`ip link set ${device} up`, ...lay(addresses));
    return {
      get addresses() {
        return addresses;
      },
      router: router.ipv4,
      wire: undefined,
      changeAddresses: async () => {
        addresses = this.#next(families);
        await space.run(`ip addr flush dev ${device} scope global`, ...lay(addresses));
      },
      pull: async () => {
        await this.#router.run(`ip link set ${port} down`);
        await space.run(untilCarrier(device, false));
      },
      plugIn: async () => {
        await this.#router.run(`ip link set ${port} up`);
        await space.run(untilCarrier(device, true));
      },
      remove: async () => {
        await this.#router.run(`ip link del ${port}`);
      },
    };
  }

  #next(families: PlugOptions['families']): Addresses {
    if (this.#given === LAST_ADDRESS) throw new Error(`a LAN of the lab gives no more than ${LAST_ADDRESS} addresses`);
    return this.#addressesOf(++this.#given, families);
  }

  #addressesOf(number: number, families: PlugOptions['families']): Addresses {
    const { ipv4, ipv6, families: had } = this.#options;
    return {
      ipv4: hasIpv4(had) && hasIpv4(families) ? `${ipv4}.${number}` : undefined,
      ipv6: ipv6 !== undefined && hasIpv6(had) && hasIpv6(families) ? `${ipv6}::${number.toString(16)}` : undefined,
    };
  }

  #layAddresses({ ipv4, ipv6 }: Addresses, device: string): string[] {
    return [
      ...(ipv4 === undefined ? [] : [`ip addr add ${ipv4}/24 dev ${device}`]),
      ...(ipv6 === undefined ? [] : [`ip addr add ${ipv6}/64 dev ${device}`]),
    ];
  }
}
