/** Which member is at an address. */
import type { Endpoint } from '../../infra/path/contract.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { AddressedMember } from './addressed-table.ts';

const PORTS = 0x10000;

/** What two members have been heard from is whose check came from there first. */
export class MemberPlaces {
  /** By host, then by port and channel: it is asked for every packet, so no text is put together for it. */
  readonly #peers = new Map<string, Map<number, PeerId>>();

  constructor(members: readonly Pick<AddressedMember, 'peer' | 'from'>[]) {
    for (const { peer, from } of members) {
      for (const place of from) {
        const places = this.#peers.get(place.host) ?? new Map<number, PeerId>();
        if (!places.has(numberOf(place))) places.set(numberOf(place), peer);
        this.#peers.set(place.host, places);
      }
    }
  }

  at(place: Endpoint): PeerId | undefined {
    return this.#peers.get(place.host)?.get(numberOf(place));
  }
}

/** Members behind one TURN server share its address, and have a channel each. */
function numberOf({ port, channel = 0 }: Endpoint): number {
  return channel * PORTS + port;
}
