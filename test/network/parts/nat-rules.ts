/** What a router does with packets between its LAN and the outside, as nftables rules (nft(8)). */
import { FIRST_ADDRESS, LAN_DEVICE, LAST_ADDRESS } from './lan.ts';

/** The device that leads outside. */
export const WAN_DEVICE = 'wan';

/** How a router treats UDP, in the words of RFC 3489 section 5, which stuck. RFC 4787 says what mapping and filtering are. */
export type NatKind =
  /** One outside port for a host's port, whomever it speaks to, and everybody may answer. */
  | 'full-cone'
  /** The same, and only hosts that have been spoken to may answer. */
  | 'address-restricted'
  /** The same, and only hosts and ports that have been spoken to may answer. */
  | 'port-restricted'
  /** Another outside port for each that is spoken to, and only that one may answer. */
  | 'symmetric'
  /** No UDP. TCP goes out. */
  | 'udp-blocked';

export interface NatRulesOptions {
  readonly kind: NatKind;
  /** The first 24 bits of the LAN's addresses. */
  readonly network: string;
  /** After how many seconds without a packet from inside others are no longer let in where more than one may answer. */
  readonly forgetS: number;
  /** How often the router has been started before: ports are mapped differently each time. */
  readonly starts: number;
  /** Ports are kept as they are, for a server of port mappings (miniupnpd) that hangs its own rules in. */
  readonly keepsPorts: boolean;
}

const TABLE = 'inet gateway';

/**
 * A script for `nft` that replaces all that was there before, and with it what the router knew of who had spoken to whom.
 * IPv6 is not translated, and only who has been spoken to may answer.
 */
export function natRules(options: NatRulesOptions): string {
  const { kind, forgetS, keepsPorts } = options;
  const remembers = `flags dynamic,timeout; timeout ${forgetS}s`;
  return `
table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
  # Outside ports and whose they are; the same, and who has been spoken to from there.
  map mapped { type inet_service : ipv4_addr; ${remembers}; }
  set spoken { type inet_service . ipv4_addr; ${remembers}; }

  chain from_lan { type filter hook prerouting priority -300; ${keepsPorts ? '' : shiftPorts('saddr', 'sport', options)}
  }
  chain to_lan { type filter hook postrouting priority 101; ${keepsPorts ? '' : shiftPorts('daddr', 'dport', options)}
  }

  chain forward { type filter hook forward priority filter; policy drop;
    ${kind === 'udp-blocked' ? 'meta l4proto udp drop' : ''}
    oifname ${WAN_DEVICE} meta nfproto ipv4 meta l4proto udp update @mapped { udp sport : ip saddr } update @spoken { udp sport . ip daddr }
    oifname ${WAN_DEVICE} accept
    ct state established,related accept
    ct status dnat accept
    jump miniupnpd
  }
  # Nobody knocks at the router itself. An early packet of a peer would take the port that our packet to that peer needs.
  chain input { type filter hook input priority filter; iifname ${WAN_DEVICE} ct state new drop; }

  chain prerouting { type nat hook prerouting priority dstnat; iifname ${WAN_DEVICE} meta nfproto ipv4 jump let_in; }
  chain let_in {
    jump prerouting_miniupnpd
    ${LET_IN[kind]}
  }
  chain postrouting { type nat hook postrouting priority srcnat;
    oifname ${WAN_DEVICE} jump postrouting_miniupnpd
    oifname ${WAN_DEVICE} meta nfproto ipv4 meta l4proto udp masquerade ${kind === 'symmetric' ? 'fully-random' : ''}
    oifname ${WAN_DEVICE} meta nfproto ipv4 masquerade
  }
  chain miniupnpd { }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}
`;
}

/** Who may begin, of those outside. Who has been spoken to from the very port may answer without a rule. */
const LET_IN: Readonly<Record<NatKind, string>> = {
  'full-cone': 'meta l4proto udp dnat ip to udp dport map @mapped',
  'address-restricted': 'udp dport . ip saddr @spoken dnat ip to udp dport map @mapped',
  'port-restricted': '',
  symmetric: '',
  'udp-blocked': '',
};

/** Linux keeps a host's port where it can. Here these bits of it change, so that a port stays above 2,048. */
const HOST_BITS = 0x100;
const START_BITS = 7;

/**
 * Every host's ports become others, one to one, before they are masqueraded: nobody takes an inside port for the outside one and
 * gets away with it, two hosts with one port don't meet, and after a new start the mapping is another.
 */
function shiftPorts(address: 'saddr' | 'daddr', port: 'sport' | 'dport', { network, starts }: NatRulesOptions): string {
  const device = address === 'saddr' ? 'iifname' : 'oifname';
  const hosts = Array.from({ length: LAST_ADDRESS - FIRST_ADDRESS + 1 }, (_, index) => FIRST_ADDRESS + index);
  return hosts
    .map((host) => {
      const shift = HOST_BITS * (1 + (starts % START_BITS)) + host;
      return `${device} ${LAN_DEVICE} ip ${address} ${network}.${host} udp ${port} set udp ${port} ^ ${shift}`;
    })
    .join('\n    ');
}
