/**
 * The machines' table speaks of peers; this one says where each of them is. What leads to nobody is left out: nothing but checks goes
 * to an address that has not proved itself, and nothing in the clear to one that the user of its source does not allow.
 */

import { type Codec, parseCodec } from '../../infra/codec/codec.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { mayGoInTheClear } from '../../machines/in-the-clear.ts';
import type { Leg, PeerId, PlainPolicy, StreamName } from '../../machines/messages.ts';
import { NO_WAYS, type Ways } from '../../machines/pairs/contract.ts';
import type { Hop, RelayedRoute, SentStream, TransportMember, TransportTable } from '../../machines/ports.ts';

export interface AddressedHop extends Hop {
  readonly to: Endpoint;
}

export interface AddressedLeg extends Leg {
  readonly address: Endpoint;
}

export interface AddressedStream extends SentStream {
  readonly hops: readonly AddressedHop[];
}

export interface AddressedRoute extends RelayedRoute {
  /** Where the client gets our reports, and where its packets may come from. */
  readonly upstream: Endpoint;
  readonly from: readonly Endpoint[];
  readonly legs: readonly AddressedLeg[];
}

export interface AddressedMember extends TransportMember {
  /** Where its RTP goes to; null: no way leads there. */
  readonly address: Endpoint | null;
  /** Where its RTP and RTCP may come from. */
  readonly from: readonly Endpoint[];
  /** Where its RTCP goes to, and where else it may come from: a plain endpoint may take it at another port. */
  readonly rtcpTo: Endpoint | null;
  readonly rtcpFrom: readonly Endpoint[];
}

export interface AddressedTable extends TransportTable {
  readonly own: readonly AddressedStream[];
  readonly relayed: readonly AddressedRoute[];
  readonly members: readonly AddressedMember[];
}

export const EMPTY_TABLE: AddressedTable = {
  plain: 'local',
  own: [],
  relayed: [],
  relays: [],
  members: [],
  resendLimitBps: 0,
  paceBps: 0,
};

/** Of the own streams, by their names. */
export function ownCodecs({ own }: Pick<AddressedTable, 'own'>): Map<StreamName, Codec> {
  return new Map(
    own.flatMap(({ stream, codec: text }) => {
      const codec = parseCodec(text);
      return codec === undefined ? [] : [[stream, codec]];
    }),
  );
}

/** Where these peers are sent to; of whom no way leads to nothing. */
export function placesOf({ members }: Pick<AddressedTable, 'members'>, peers: readonly PeerId[]): Endpoint[] {
  return members.flatMap(({ peer, address }) => (address !== null && peers.includes(peer) ? [address] : []));
}

/** Where RTCP to these peers goes. */
export function rtcpPlacesOf({ members }: Pick<AddressedTable, 'members'>, peers: readonly PeerId[]): Endpoint[] {
  return members.flatMap(({ peer, rtcpTo }) => (rtcpTo !== null && peers.includes(peer) ? [rtcpTo] : []));
}

/** @param waysOf which addresses are a member's now */
export function addressedTable(table: TransportTable, waysOf: (peer: PeerId) => Ways): AddressedTable {
  const ways = new Map(table.members.map(({ peer }) => [peer, waysOf(peer)]));
  const placeOf = (peer: PeerId) => ways.get(peer)?.send ?? null;
  const policies = new Map(table.members.map(({ peer, plain }) => [peer, plain]));
  const plain = new Set(table.members.filter(({ compatible }) => !compatible).map(({ peer }) => peer));
  /** A plain endpoint may be reached elsewhere than where it says that it is. */
  const mediaPlaceOf = (peer: PeerId, policy: PlainPolicy) => {
    const place = placeOf(peer);
    return place === null || (plain.has(peer) && !mayGoInTheClear(policy, place.host)) ? null : place;
  };
  return {
    ...table,
    own: table.own.map((stream) => ({
      ...stream,
      hops: stream.hops.flatMap((hop) => {
        const to = mediaPlaceOf(hop.peer, table.plain);
        return to === null ? [] : [{ ...hop, to }];
      }),
    })),
    relayed: table.relayed.flatMap((route) => {
      const { send = null, accept = [] } = ways.get(route.client) ?? {};
      if (send === null) return [];
      const legs = route.legs.flatMap((leg) => {
        const address = mediaPlaceOf(leg.receiver, policies.get(route.client) ?? 'refuse');
        return address === null ? [] : [{ ...leg, address }];
      });
      return [{ ...route, upstream: send, from: accept, legs }];
    }),
    // Whom no way leads to forwards nothing of ours yet, and its silence means nothing.
    relays: table.relays.filter(({ relay }) => placeOf(relay) !== null),
    members: table.members.map((member) => {
      const { send = null, accept = [], rtcp } = ways.get(member.peer) ?? {};
      const places = rtcp ?? rtcpWays(member, send);
      return { ...member, address: send, from: accept, rtcpTo: places.send, rtcpFrom: places.accept };
    }),
  };
}

/** One that has proved where it takes RTP takes RTCP on the same machine. */
function rtcpWays({ rtcp }: TransportMember, send: Endpoint | null): Pick<Ways, 'send' | 'accept'> {
  if (rtcp === 'muxed') return { send, accept: [] };
  return rtcp !== null && rtcp.host === send?.host ? { send: rtcp, accept: [rtcp] } : NO_WAYS;
}
