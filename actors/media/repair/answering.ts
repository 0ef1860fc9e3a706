/**
 * Answers the NACKs of members: for what we send them of our own, and for what we forward to them. What a relay has not got either
 * was lost before it came here, so it is asked of the stream's owner, once for all who miss it; the copy that comes is forwarded. What
 * was over the limit of its route is not: its copy would be as well, at the cost of what is new.
 */
import type { Endpoint, PacketPath } from '../../../infra/path/contract.ts';
import { type Nack, readNacks } from '../../../infra/rtcp/nack.ts';
import { Allowance } from '../../../machines/hearing/allowance.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { AddressedTable } from '../addressed-table.ts';
import type { ResendQueue } from './resend-queue.ts';

/** What one member may ask for, in packets, and each datagram counts as one: more than a peer of our kind asks of one sender. */
const ASKS_OF_MEMBER = { burst: 2048, perSecond: 2048 };

export interface AnsweringOptions {
  readonly path: Pick<PacketPath, 'stored' | 'wasOverLimit'>;
  readonly again: Pick<ResendQueue, 'add'>;
  /** Ask the owner of a stream, which is at this address, for what we should forward. */
  readonly askOwner: (owner: Endpoint, ssrc: number, sequences: readonly number[]) => void;
}

/** Totals, in packets. */
export interface AnswerCounts {
  /** To be sent again, as far as the uplink has room. */
  answered: number;
  /** Not here: asked of the owner. */
  escalated: number;
  /** NACKs about streams that the member does not get from us, and RTCP beyond what one may ask for, which is not even read. */
  refused: number;
}

/** A stream that goes out from here: to whom, and for one that is relayed, from where it comes. */
interface Served {
  readonly media: 'audio' | 'video';
  readonly owner: Endpoint | null;
  readonly receivers: ReadonlyMap<PeerId, Endpoint>;
}

export class Answering {
  readonly counts: AnswerCounts = { answered: 0, escalated: 0, refused: 0 };
  readonly #options: AnsweringOptions;
  /** By SSRC. */
  #served: ReadonlyMap<number, Served> = new Map();
  readonly #allowances = new Map<PeerId, Allowance>();

  constructor(options: AnsweringOptions) {
    this.#options = options;
  }

  /** From now on these streams go out from here. */
  follow(table: AddressedTable): void {
    this.#served = servedBy(table);
    const members = new Set(table.members.map(({ peer }) => peer));
    for (const peer of this.#allowances.keys()) if (!members.has(peer)) this.#allowances.delete(peer);
  }

  /** RTCP has come from this member's own address. */
  take(datagram: Uint8Array, peer: PeerId, nowMs: number): void {
    const allowance = this.#allowances.get(peer) ?? new Allowance(ASKS_OF_MEMBER);
    this.#allowances.set(peer, allowance);
    if (!allowance.take(1, nowMs)) {
      this.counts.refused++;
      return;
    }
    for (const nack of readNacks(datagram)) {
      const served = this.#served.get(nack.mediaSsrc);
      const to = served?.receivers.get(peer);
      if (served === undefined || to === undefined || !allowance.take(nack.sequences.length, nowMs)) {
        this.counts.refused++;
      } else this.#answer(nack, served, to);
    }
  }

  #answer({ mediaSsrc: ssrc, sequences }: Nack, { owner, media }: Served, to: Endpoint): void {
    const { path, again, askOwner } = this.#options;
    const here = sequences.filter((sequence) => path.stored(ssrc, sequence) !== undefined);
    again.add(here.map((sequence) => ({ ssrc, sequence, to, asked: media })));
    this.counts.answered += here.length;
    if (owner === null || here.length === sequences.length) return;
    const stored = new Set(here);
    const elsewhere = sequences.filter((sequence) => !stored.has(sequence) && !path.wasOverLimit(ssrc, sequence));
    if (elsewhere.length === 0) return;
    this.counts.escalated += elsewhere.length;
    askOwner(owner, ssrc, elsewhere);
  }
}

/** Where one SSRC is both ours and a client's, it is ours, as in the path's table. */
function servedBy({ own, relayed }: AddressedTable): Map<number, Served> {
  const served = new Map<number, Served>();
  for (const { ssrc, media, hops } of own) {
    served.set(ssrc, { media, owner: null, receivers: new Map(hops.map(({ peer, to }) => [peer, to])) });
  }
  for (const { ssrc, media, upstream, legs } of relayed) {
    if (served.has(ssrc)) continue;
    const receivers = new Map(legs.map(({ receiver, address }) => [receiver, address]));
    served.set(ssrc, { media, owner: upstream, receivers });
  }
  return served;
}
