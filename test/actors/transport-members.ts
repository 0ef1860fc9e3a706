/** Members as the transport's tables have them: plain ones, known to be where they say. */
import type { AddressedMember } from '../../actors/media/addressed-table.ts';
import type { ReachOptions } from '../../actors/reach/contract.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { freshKeyPair } from '../../infra/stun/pair-key.ts';
import type { StreamInfo } from '../../machines/messages.ts';
import type { TransportMember } from '../../machines/ports.ts';

/** It answers no checks: what is sent to it goes to where it says that it is. */
export function memberAt(
  peer: string,
  claim: Endpoint,
  streams: readonly StreamInfo[] = [],
  compatible = true,
): TransportMember {
  return {
    ...{ peer, claim, streams, compatible, isShared: false, isSealed: false, rtcp: 'muxed', plain: 'local' },
    ...{ epoch: 1, key: null, nat: 'unknown', outside: null },
  };
}

/** The same, when that has been looked up. */
export function addressedAt(...told: Parameters<typeof memberAt>): AddressedMember {
  const [, address] = told;
  return { ...memberAt(...told), address, from: [address], rtcpTo: address, rtcpFrom: [] };
}

/** Who the peer itself is to the checks of others. */
export function reachOptions(id = 'A'): Omit<ReachOptions, 'clock'> {
  return { room: 'test', self: { id, epoch: 1 }, keys: freshKeyPair(), advertised: null, policy: 'all' };
}
