/** The addresses of this machine that others may try. */
import { readFileSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { normalizeHost } from '../path/table/addresses.ts';
import { addressFlags, type Ipv6Flags } from './ipv6-flags.ts';
import { type AddressScope, isLinkLocal, isLoopback, isUnicast, scopeOf } from './scope.ts';

export interface InterfaceAddress {
  /** In canonical form, as `normalizeHost` writes it. */
  readonly host: string;
  readonly scope: AddressScope;
}

/** A machine with many containers has dozens of addresses; others would check them all. */
export const MAX_INTERFACE_ADDRESSES = 8;

type Interfaces = Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, 'address'>[] | undefined>>;

/**
 * All but link-local IPv6, which means nothing without an interface, and loopback, unless there is nothing else. At most
 * {@link MAX_INTERFACE_ADDRESSES}, the likeliest to be of use first.
 */
export function interfaceAddresses(
  interfaces: Interfaces = networkInterfaces(),
  flagsOf: (host: string) => Ipv6Flags = systemFlags(),
): InterfaceAddress[] {
  const hosts = Object.values(interfaces).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
  // Scoped addresses (fe80::1%eth0) are link-local ones, and have no canonical form.
  const known = [...new Set(hosts.filter((host) => !host.includes('%')).map(normalizeHost))];
  const usable = known.filter((host) => isUsable(host) && flagsOf(host) !== 'unready');
  const outer = usable.filter((host) => !isLoopback(host));
  return (outer.length > 0 ? outer : usable)
    .map((host) => ({ host, scope: scopeOf(host), rank: rankOf(host, flagsOf(host)) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_INTERFACE_ADDRESSES)
    .map(({ host, scope }) => ({ host, scope }));
}

function isUsable(host: string): boolean {
  return isUnicast(host) && !(host.includes(':') && isLinkLocal(host));
}

/**
 * Lower goes first: public before private, an address that stays before one that is there for hours or that nobody assigned. A
 * temporary IPv6 address (RFC 8981) is as good a way, but ends within a day.
 */
function rankOf(host: string, flags: Ipv6Flags): number {
  if (isLinkLocal(host)) return 3;
  if (flags === 'temporary') return 2;
  return scopeOf(host) === 'public' ? 0 : 1;
}

function systemFlags(): (host: string) => Ipv6Flags {
  const flags = addressFlags(readFlags());
  return (host) => flags.get(host) ?? 'stable';
}

/** Linux tells what an IPv6 address is for; elsewhere all count as stable. */
function readFlags(): string {
  if (process.platform !== 'linux') return '';
  try {
    return readFileSync('/proc/net/if_inet6', 'latin1');
  } catch {
    // A kernel without IPv6 has no such file.
    return '';
  }
}

/**
 * A text that is another one whenever {@link interfaceAddresses} could be, for a third of the price: to look often. Interfaces without
 * a cable or a network are not in it, which `/proc/net/fib_trie` would not tell.
 */
export function interfaceMark(interfaces: Interfaces = networkInterfaces(), flags = readFlags()): string {
  const addresses = Object.values(interfaces).flatMap((known) => (known ?? []).map(({ address }) => address));
  return `${addresses.join(' ')}\n${flags}`;
}
