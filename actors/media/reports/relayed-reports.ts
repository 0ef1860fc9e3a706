/**
 * Sender reports through a relay: a member that no way leads to but that one has no other word of the owner's clock, by which players
 * keep sound and picture together.
 */
import type { PacketPath } from '../../../infra/path/contract.ts';
import { withoutBlocks } from '../../../infra/rtcp/reception-report.ts';
import { writeDescription } from '../../../infra/rtcp/source-description.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { type AddressedTable, rtcpPlacesOf } from '../addressed-table.ts';

/** Members report about once a second. What comes sooner is not passed on, so that nobody makes us send more than that. In ms. */
const LEAST_MS = DELAYS.receiverReport / 2;

export class RelayedReports {
  readonly #path: Pick<PacketPath, 'sendTo'>;
  #table: Pick<AddressedTable, 'relayed' | 'members'> = { relayed: [], members: [] };
  /** By SSRC of what we relay: when its report was passed on last, in ms. */
  readonly #passedMs = new Map<number, number>();

  constructor(path: Pick<PacketPath, 'sendTo'>) {
    this.#path = path;
  }

  follow(table: AddressedTable): void {
    this.#table = table;
    const relayed = new Set(table.relayed.map(({ ssrc }) => ssrc));
    for (const ssrc of this.#passedMs.keys()) if (!relayed.has(ssrc)) this.#passedMs.delete(ssrc);
  }

  /** The owner of a stream has told its time: whoever gets the stream from us hears it. @param cname the owner's; empty: not known */
  pass(owner: PeerId, ssrc: number, report: Uint8Array, cname: string, nowMs: number): void {
    const route = this.#table.relayed.find((one) => one.ssrc === ssrc && one.client === owner);
    const passedMs = this.#passedMs.get(ssrc) ?? Number.NEGATIVE_INFINITY;
    if (route === undefined || nowMs - passedMs < LEAST_MS) return;
    this.#passedMs.set(ssrc, nowMs);
    const datagram = Buffer.concat([withoutBlocks(report), writeDescription([ssrc], cname)]);
    const receivers = route.legs.map(({ receiver }) => receiver);
    for (const to of rtcpPlacesOf(this.#table, receivers)) this.#path.sendTo(datagram, to);
  }

  /** Whether a member may tell the time of another one's streams: only where that one cannot do so itself. */
  mayTell(teller: PeerId, owner: PeerId): boolean {
    const memberOf = (wanted: PeerId) => this.#table.members.find(({ peer }) => peer === wanted);
    return memberOf(teller)?.compatible === true && memberOf(owner)?.address === null;
  }
}
