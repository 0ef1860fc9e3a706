/** Digests of clients' streams, passed on to whoever gets the streams from here. Pure: the time is given. */
import type { PacketPath } from '../../../infra/path/contract.ts';
import type { SignedDigest } from '../../../infra/rtcp/stream-digest.ts';
import { Allowance } from '../../../machines/hearing/allowance.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { RelayedRoute } from '../../../machines/ports.ts';
import { type AddressedTable, rtcpPlacesOf } from '../addressed-table.ts';

/** Of what is promised for a stream, what is passed on of it at most: eight bytes for a packet, which are small at times; at once, of so many s. */
const SHARE = 0.03;
const BURST_S = 2;
/** A voice's packets are small: of them it is more. In bytes a second. */
const LEAST_BYTES_PER_S = 2000;

export class PassedDigests {
  readonly #path: Pick<PacketPath, 'sendTo'>;
  #table: Pick<AddressedTable, 'relayed' | 'members'> = { relayed: [], members: [] };
  /** By SSRC of what we relay. */
  readonly #allowed = new Map<number, { readonly promisedBps: number; readonly bytes: Allowance }>();

  constructor(path: Pick<PacketPath, 'sendTo'>) {
    this.#path = path;
  }

  follow(table: Pick<AddressedTable, 'relayed' | 'members'>): void {
    this.#table = table;
    const relayed = new Set(table.relayed.map(({ ssrc }) => ssrc));
    for (const ssrc of this.#allowed.keys()) if (!relayed.has(ssrc)) this.#allowed.delete(ssrc);
  }

  /** A client has told what it has sent of a stream. */
  pass({ streamSsrc, packet }: SignedDigest, client: PeerId, nowMs: number): void {
    const route = this.#table.relayed.find((one) => one.ssrc === streamSsrc && one.client === client);
    if (route === undefined) return;
    if (!this.#allowedOf(route).take(packet.length, nowMs)) return;
    const sealed = new Set(this.#table.members.flatMap(({ peer, isSealed }) => (isSealed ? [peer] : [])));
    const receivers = route.legs.flatMap(({ receiver }) => (sealed.has(receiver) ? [receiver] : []));
    for (const to of rtcpPlacesOf(this.#table, receivers)) this.#path.sendTo(packet, to);
  }

  #allowedOf({ ssrc, promisedBps }: RelayedRoute): Allowance {
    const known = this.#allowed.get(ssrc);
    if (known?.promisedBps === promisedBps) return known.bytes;
    const perSecond = LEAST_BYTES_PER_S + (SHARE * promisedBps) / 8;
    const bytes = new Allowance({ burst: BURST_S * perSecond, perSecond });
    this.#allowed.set(ssrc, { promisedBps, bytes });
    return bytes;
  }
}
