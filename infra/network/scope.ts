/** From where an address can be reached. */
import ipaddr from 'ipaddr.js';

/** `public`: from anywhere, as far as its number tells. `private`: only from a network that has agreed on it. */
export type AddressScope = 'public' | 'private';

/** RFC 1918, RFC 6598 (between a provider's NAT and ours), RFC 4193, RFC 3927 and RFC 4291 link-local, loopback. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set([
  ...['private', 'carrierGradeNat', 'uniqueLocal', 'linkLocal', 'loopback'],
]);
/** No single machine has such an address. */
const NOBODYS_RANGES: ReadonlySet<string> = new Set(['unspecified', 'multicast', 'broadcast']);

/** @param host a numeric address */
export function scopeOf(host: string): AddressScope {
  return PRIVATE_RANGES.has(rangeOf(host)) ? 'private' : 'public';
}

export function isLoopback(host: string): boolean {
  return rangeOf(host) === 'loopback';
}

export function isUnspecified(host: string): boolean {
  return rangeOf(host) === 'unspecified';
}

export function isLinkLocal(host: string): boolean {
  return rangeOf(host) === 'linkLocal';
}

/** Whether a machine on a network can have this address: not `0.0.0.0`, no multicast. */
export function isUnicast(host: string): boolean {
  return !NOBODYS_RANGES.has(rangeOf(host));
}

/** Whether a socket that is bound to one address can send to another: on `::` to both families, else to its own alone. */
export function canSendTo(bound: string, host: string): boolean {
  return bound === '::' || host.includes(':') === bound.includes(':');
}

function rangeOf(host: string): string {
  return ipaddr.process(host).range();
}
