/**
 * Plain endpoints that answer no checks. They are sent to within networks that agree on private addresses; on the internet one has to
 * send something first, or anybody could name anybody's address.
 */
import { scopeOf } from '../../infra/network/scope.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { Ways } from '../../machines/pairs/contract.ts';
import type { TransportMember } from '../../machines/ports.ts';
import { sameData } from '../../machines/same-data.ts';

interface PlainEndpoint {
  readonly claim: Endpoint;
  /** Something has come from there. */
  isHeard: boolean;
  /** Somebody else was there before. */
  isShared: boolean;
}

export class PlainEndpoints {
  readonly #endpoints = new Map<PeerId, PlainEndpoint>();

  /** Who is there from now on, among others. One that is elsewhere now has not been heard there. */
  follow(members: readonly TransportMember[]): void {
    const there = new Map(members.map((member) => [member.peer, member]));
    for (const [peer, { claim }] of this.#endpoints) {
      if (!sameData(there.get(peer)?.claim, claim)) this.#endpoints.delete(peer);
    }
    for (const { peer, key, claim, isShared } of members) {
      if (key !== null || claim === null) continue;
      const known = this.#endpoints.get(peer);
      if (known === undefined) this.#endpoints.set(peer, { claim, isHeard: false, isShared });
      else known.isShared = isShared;
    }
  }

  /** @returns whether its {@link waysOf} may be others now; undefined: it is none of these */
  heard(peer: PeerId): boolean | undefined {
    const endpoint = this.#endpoints.get(peer);
    if (endpoint === undefined) return undefined;
    const isFirst = !endpoint.isHeard;
    endpoint.isHeard = true;
    return isFirst;
  }

  /** Undefined: it is none of these. */
  waysOf(peer: PeerId): Ways | undefined {
    const endpoint = this.#endpoints.get(peer);
    if (endpoint === undefined) return undefined;
    const { claim, isHeard, isShared } = endpoint;
    const isTrusted = !isShared && (isHeard || scopeOf(claim.host) === 'private');
    return { send: isTrusted ? claim : null, accept: [claim] };
  }
}
