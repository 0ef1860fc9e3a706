/** Both sides of NACKs (RFC 4585) at one peer: what it misses and asks for, and what others ask of it. */
import type { Deliver, Endpoint, PacketPath } from '../../../infra/path/contract.ts';
import { writeNack } from '../../../infra/rtcp/nack.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Clock } from '../../clock.ts';
import type { AddressedMember, AddressedTable } from '../addressed-table.ts';
import { type AnswerCounts, Answering } from './answering.ts';
import { AskedLately } from './asked-lately.ts';
import type { Latency } from './patience.ts';
import type { RepairCounts } from './receive-buffer.ts';
import { Receiving } from './receiving.ts';
import type { ResendQueue } from './resend-queue.ts';

/**
 * What has been missed and asked for, and what others have asked for. `spared`: what our full line has dropped of pictures, and nobody was
 * asked for again.
 */
export type RepairTotals = RepairCounts & AnswerCounts & { readonly spared: number };

export interface RepairOptions {
  readonly path: Pick<PacketPath, 'sendTo' | 'stored' | 'wasOverLimit'>;
  readonly again: Pick<ResendQueue, 'add'>;
  readonly clock: Clock;
  readonly latency: Latency;
  /** Takes the packets of each stream in their order, and whole as far as they can be had in time. */
  readonly play: Deliver;
  /** Whether packets wait for us in front of our line: what is sent again would come on top of what fills it. */
  readonly isLineFull: () => boolean;
}

export class Repair {
  readonly #options: RepairOptions;
  readonly #receiving: Receiving;
  readonly #answering: Answering;
  readonly #askedLately = new AskedLately();
  #members: ReadonlyMap<PeerId, AddressedMember> = new Map();
  /** The SSRCs of voices. */
  #voices: ReadonlySet<number> = new Set();
  #spared = 0;
  /** Under which SSRC we ask: that of the first own stream, or 0 where there is none. */
  #ssrc = 0;

  constructor(options: RepairOptions) {
    this.#options = options;
    const { path, again, clock, latency, play } = options;
    const ask = (member: PeerId, ssrc: number, sequences: readonly number[]) =>
      this.#askMember(member, ssrc, sequences);
    this.#receiving = new Receiving({ latency, clock, play, ask });
    this.#answering = new Answering({
      path,
      again,
      askOwner: (owner, ssrc, wanted) => this.#askOwner(owner, ssrc, wanted),
    });
  }

  /** @param played by SSRC, what may come to us */
  follow(table: AddressedTable, played: { has(ssrc: number): boolean }): void {
    this.#members = new Map(table.members.map((member) => [member.peer, member]));
    const streams = table.members.flatMap((member) => member.streams);
    this.#voices = new Set(streams.filter(({ media }) => media === 'audio').map(({ ssrc }) => ssrc));
    this.#ssrc = table.own[0]?.ssrc ?? 0;
    this.#receiving.keepOnly(played, new Set(this.#members.keys()));
    this.#answering.follow(table);
  }

  /** A packet to be played has come from `way`, whose address `from` is. */
  takePacket(packet: Uint8Array, ssrc: number, sequence: number, from: Endpoint, way: PeerId): void {
    this.#receiving.arrived(packet, ssrc, sequence, from, way);
  }

  /** RTCP has come from a member's own address. */
  takeRtcp(datagram: Uint8Array, peer: PeerId): void {
    this.#answering.take(datagram, peer, this.#options.clock.now());
  }

  counts(): RepairTotals {
    return { ...this.#receiving.counts(), ...this.#answering.counts, spared: this.#spared };
  }

  stop(): void {
    this.#receiving.stop();
  }

  /** A plain RTP endpoint has agreed to no feedback of this kind (RFC 4585 section 4), and some choke on it. */
  #askMember(peer: PeerId, ssrc: number, sequences: readonly number[]): void {
    if (this.#options.isLineFull() && !this.#voices.has(ssrc)) {
      this.#spared += sequences.length;
      return;
    }
    const member = this.#members.get(peer);
    if (member?.compatible && member.address !== null) this.#ask(member.address, ssrc, sequences);
  }

  /** What several miss who get it through us, and we perhaps as well, is asked for once. */
  #askOwner(owner: Endpoint, ssrc: number, sequences: readonly number[]): void {
    const fresh = this.#askedLately.fresh(ssrc, sequences, this.#options.clock.now());
    if (fresh.length > 0) this.#ask(owner, ssrc, fresh);
  }

  #ask(to: Endpoint, mediaSsrc: number, sequences: readonly number[]): void {
    const { path, clock } = this.#options;
    this.#askedLately.note(mediaSsrc, sequences, clock.now());
    path.sendTo(writeNack({ senderSsrc: this.#ssrc, mediaSsrc, sequences }), to);
  }
}
