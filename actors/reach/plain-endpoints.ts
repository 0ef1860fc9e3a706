/**
 * Plain endpoints that answer no checks. They are sent to within networks that agree on private addresses; on the internet one has to
 * send something first, or anybody could name anybody's address.
 */
import { scopeOf } from '../../infra/network/scope.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { type RtcpPlace, sameAddress } from '../../machines/claimed-addresses.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { Ways } from '../../machines/pairs/contract.ts';
import type { TransportMember } from '../../machines/ports.ts';
import { sameData } from '../../machines/same-data.ts';

/** One address of an endpoint. */
interface Place {
  readonly at: Endpoint;
  /** Something has come from there. */
  isHeard: boolean;
}

interface PlainEndpoint {
  readonly claim: TransportMember['claim'];
  readonly told: RtcpPlace;
  readonly rtp: Place;
  /** Null: where RTP goes to, or nowhere. */
  readonly rtcp: Place | null;
  /** Somebody else was there before. */
  isShared: boolean;
}

export class PlainEndpoints {
  readonly #endpoints = new Map<PeerId, PlainEndpoint>();

  /** Who is there from now on, among others. One that is elsewhere now has not been heard there. */
  follow(members: readonly TransportMember[]): void {
    const there = new Map(members.map((member) => [member.peer, member]));
    for (const [peer, { claim, told }] of this.#endpoints) {
      const now = there.get(peer);
      if (!sameData(now?.claim, claim) || !sameData(now?.rtcp, told)) this.#endpoints.delete(peer);
    }
    for (const { peer, key, claim, isShared, rtcp: told } of members) {
      if (key !== null || claim === null) continue;
      const known = this.#endpoints.get(peer);
      if (known !== undefined) known.isShared = isShared;
      else {
        const rtcp = typeof told === 'object' && told !== null ? { at: told, isHeard: false } : null;
        this.#endpoints.set(peer, { claim, told, rtp: { at: claim, isHeard: false }, rtcp, isShared });
      }
    }
  }

  /** @returns whether its {@link waysOf} may be others now; undefined: it is none of these */
  heard(peer: PeerId, from: Endpoint): boolean | undefined {
    const endpoint = this.#endpoints.get(peer);
    if (endpoint === undefined) return undefined;
    const { rtp, rtcp } = endpoint;
    const place = rtcp !== null && sameAddress(rtcp.at, from) ? rtcp : rtp;
    const isFirst = !place.isHeard;
    place.isHeard = true;
    return isFirst;
  }

  /** Undefined: it is none of these. */
  waysOf(peer: PeerId): Ways | undefined {
    const endpoint = this.#endpoints.get(peer);
    if (endpoint === undefined) return undefined;
    const { rtp, rtcp, isShared } = endpoint;
    const ways = waysTo(rtp, isShared);
    return rtcp === null ? ways : { ...ways, rtcp: waysTo(rtcp, isShared) };
  }
}

function waysTo({ at, isHeard }: Place, isShared: boolean): Pick<Ways, 'send' | 'accept'> {
  const isTrusted = !isShared && (isHeard || scopeOf(at.host) === 'private');
  return { send: isTrusted ? at : null, accept: [at] };
}
