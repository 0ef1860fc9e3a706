/** Which member is at an address: asked for every packet. */

import type { Endpoint } from '../../infra/path/contract.ts';
import { AddressBook } from '../../infra/path/table/addresses.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { AddressedMember } from './addressed-table.ts';

/** What two members have been heard from is whose check came from there first. */
export class MemberPlaces {
  readonly #book = new AddressBook();
  /** By the address's id. */
  readonly #peers: PeerId[] = [];

  constructor(members: readonly Pick<AddressedMember, 'peer' | 'from'>[]) {
    for (const { peer, from } of members) for (const place of from) this.#peers[this.#book.add(place)] ??= peer;
  }

  at({ host, port, channel }: Endpoint): PeerId | undefined {
    return this.#peers[this.#book.find(host, port, channel)];
  }
}

/** Where they are heard from, RTCP too. Where one takes it nothing proves, so nobody's media counts as another's for it. */
export function placesWithRtcp(members: readonly Pick<AddressedMember, 'peer' | 'from' | 'rtcpFrom'>[]): MemberPlaces {
  return new MemberPlaces([...members, ...members.map(({ peer, rtcpFrom }) => ({ peer, from: rtcpFrom }))]);
}
