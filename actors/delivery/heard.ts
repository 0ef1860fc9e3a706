/** What the members' RTCP tells of whether media arrives: that they are there at all, what they send, and what they get. */
import { readReportBlocks, readSenderReports } from '../../infra/rtcp/reception-report.ts';
import { MAX_STREAMS, type PeerId } from '../../machines/messages.ts';

/** What a member says of one of our streams. */
export interface ReceivedBlock {
  readonly ssrc: number;
  /** Of the packets since its last report, 0..1. */
  readonly loss: number;
  /** The low 32 bits of the extended highest sequence number. */
  readonly highestSequence: number;
}

/** A share of packets is told in such parts (RFC 3550 section 6.4.1). */
const LOSS_PARTS = 256;

/** A member and what it said last, by SSRC; no more SSRCs than a room of that member and us can have. */
interface HeardMember {
  atMs: number;
  readonly sent: Map<number, number>;
  readonly blocks: Map<number, ReceivedBlock & { readonly atMs: number }>;
}

export class Heard {
  readonly #members = new Map<PeerId, HeardMember>();

  /** RTCP has come from a member's address. */
  take(peer: PeerId, datagram: Uint8Array, nowMs: number): void {
    const member = this.#members.get(peer) ?? { atMs: nowMs, sent: new Map(), blocks: new Map() };
    this.#members.set(peer, member);
    member.atMs = nowMs;
    for (const { ssrc, packets } of readSenderReports(datagram, MAX_STREAMS)) keep(member.sent, ssrc, packets);
    for (const { ssrc, fractionLost, highestSequence } of readReportBlocks(datagram, MAX_STREAMS)) {
      keep(member.blocks, ssrc, { ssrc, loss: fractionLost / LOSS_PARTS, highestSequence, atMs: nowMs });
    }
  }

  /** Forgets all members but these. */
  keepOnly(members: ReadonlySet<PeerId>): void {
    for (const peer of this.#members.keys()) if (!members.has(peer)) this.#members.delete(peer);
  }

  /** When anything came of a member last, on the clock of {@link take}. */
  lastMs(peer: PeerId): number | undefined {
    return this.#members.get(peer)?.atMs;
  }

  /** How many packets of its stream a member says it has sent. */
  sentBy(peer: PeerId, ssrc: number): number | undefined {
    return this.#members.get(peer)?.sent.get(ssrc);
  }

  /** What a member says of a stream of ours. */
  block(peer: PeerId, ssrc: number): (ReceivedBlock & { readonly atMs: number }) | undefined {
    return this.#members.get(peer)?.blocks.get(ssrc);
  }
}

/** A member that names ever new streams pushes out its own oldest. */
function keep<Value>(kept: Map<number, Value>, ssrc: number, value: Value): void {
  kept.delete(ssrc);
  kept.set(ssrc, value);
  if (kept.size <= MAX_STREAMS) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}
