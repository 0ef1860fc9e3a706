/** What Linux tells of its IPv6 addresses: `/proc/net/if_inet6`. */
import { normalizeHost } from '../path/table/addresses.ts';

/** `temporary`: changes within a day (RFC 8981), or is on its way out. `unready`: the system does not know yet whether it is free. */
export type Ipv6Flags = 'stable' | 'temporary' | 'unready';

/** Of linux/if_addr.h: IFA_F_TEMPORARY and IFA_F_DEPRECATED. */
const TEMPORARY = 0x01 | 0x20;
/** IFA_F_DADFAILED and IFA_F_TENTATIVE: somebody else has it, or may have it (RFC 4862 section 5.4). */
const UNREADY = 0x08 | 0x40;

/** By address in canonical form. A line is `address index prefix scope flags interface`, numbers in hexadecimal. */
export function addressFlags(table: string): Map<string, Ipv6Flags> {
  const found = new Map<string, Ipv6Flags>();
  for (const line of table.split('\n')) {
    const [address, , , , flags] = line.split(/\s+/);
    if (address === undefined || flags === undefined || !/^[0-9a-f]{32}$/i.test(address)) continue;
    const bits = Number.parseInt(flags, 16);
    const kind = (bits & UNREADY) !== 0 ? 'unready' : (bits & TEMPORARY) !== 0 ? 'temporary' : 'stable';
    found.set(normalizeHost(address.replaceAll(/(.{4})(?!$)/g, '$1:')), kind);
  }
  return found;
}
