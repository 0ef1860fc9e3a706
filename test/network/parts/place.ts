/** Where computers are plugged in: the internet, or the LAN of a router. */
import type { Wire } from '../wire/wires.ts';
import type { Space } from './space.ts';

/** Which versions of IP there are. */
export type Families = 'ipv4' | 'ipv6' | 'both';

export const hasIpv4 = (families: Families) => families !== 'ipv6';
export const hasIpv6 = (families: Families) => families !== 'ipv4';

/** A host's or a router's addresses on one network; undefined where it has none of that family. */
export interface Addresses {
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

export interface PlugOptions {
  /** What the device is called there. */
  readonly device: string;
  readonly families: Families;
  /** Of its default route: the least wins. */
  readonly metric: number;
}

export interface Place {
  /** Gives a computer a device on this network, addresses and a default route. */
  plug(space: Space, options: PlugOptions): Promise<Plug>;
}

/** A computer's connection with a network. */
export interface Plug {
  readonly addresses: Addresses;
  /** The IPv4 address of the LAN's router; undefined on the internet, where there is none in between. */
  readonly router: string | undefined;
  /** To the internet; undefined in a LAN, where there is neither delay nor loss. */
  readonly wire: Wire | undefined;
  /** Other addresses from now on; the old ones are gone. */
  changeAddresses(): Promise<void>;
  /** Pulls the cable: the device has no carrier, and routes over it don't count. */
  pull(): Promise<void>;
  plugIn(): Promise<void>;
  /** The device goes, and its addresses with it. */
  remove(): Promise<void>;
}

/** How long the kernel may take to tell a computer that its cable is out or in, in s: it gathers such news for one second. */
const TELLS_WITHIN_S = 5;

/** A line of shell that waits until a device's carrier is there, or is not: routes over it count from then on, or no more. */
export function untilCarrier(device: string, isThere: boolean): string {
  const told = `ip link show ${device} | grep -q NO-CARRIER`;
  return `timeout ${TELLS_WITHIN_S} sh -c '${isThere ? 'while' : 'until'} ${told}; do sleep 0.02; done'`;
}

/** How a computer is set that has networks: what it does with a pulled cable and with several of them. */
export const AS_COMPUTERS_ARE = [
  // As where a network manager runs: a network without carrier is not used.
  'sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown=1 net.ipv4.conf.default.ignore_routes_with_linkdown=1',
  'sysctl -qw net.ipv6.conf.all.ignore_routes_with_linkdown=1 net.ipv6.conf.default.ignore_routes_with_linkdown=1',
  // An answer may come over another network than the question left by.
  'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0',
  // Addresses count at once: nobody else can have them.
  'sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0',
];

/** How a router is set. */
export const AS_ROUTERS_ARE = [...AS_COMPUTERS_ARE, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1'];
