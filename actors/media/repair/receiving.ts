/**
 * What comes of the members' streams on its way to whoever plays it: each stream through a buffer of its own, which is woken when it
 * wants to be, and what it misses asked of whoever should have sent it.
 */
import type { Deliver, Endpoint } from '../../../infra/path/contract.ts';
import { wireSequence } from '../../../infra/rtp/sequence.ts';
import { Allowance } from '../../../machines/hearing/allowance.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Clock } from '../../clock.ts';
import type { Latency } from './patience.ts';
import { ReceiveBuffer, type RepairCounts, type Step } from './receive-buffer.ts';

/** What one sender is asked for at most, of all the streams that it sends us, in packets: 10 Mbit/s of full ones. */
const ASKS_OF_SENDER = { burst: 1024, perSecond: 1024 };

export interface ReceivingOptions {
  readonly latency: Latency;
  readonly clock: Clock;
  readonly play: Deliver;
  /** Ask this member for packets of a stream, by their 16-bit sequence numbers. */
  readonly ask: (member: PeerId, ssrc: number, sequences: readonly number[]) => void;
}

interface Stream {
  readonly buffer: ReceiveBuffer;
  wakeAtMs: number;
  cancel: () => void;
}

export class Receiving {
  readonly #options: ReceivingOptions;
  /** By SSRC. */
  readonly #streams = new Map<number, Stream>();
  readonly #allowances = new Map<PeerId, Allowance>();

  constructor(options: ReceivingOptions) {
    this.#options = options;
  }

  /** Forgets all streams and senders but these; what waited of others is not played. */
  keepOnly(ssrcs: { has(ssrc: number): boolean }, members: ReadonlySet<PeerId>): void {
    for (const [ssrc, { cancel }] of this.#streams) {
      if (ssrcs.has(ssrc)) continue;
      cancel();
      this.#streams.delete(ssrc);
    }
    for (const member of this.#allowances.keys()) if (!members.has(member)) this.#allowances.delete(member);
  }

  /** A packet has come from `way`, whose address `from` is. The bytes are copied where they have to wait. */
  arrived(packet: Uint8Array, ssrc: number, sequence: number, from: Endpoint, way: PeerId): void {
    const { latency, clock, play } = this.#options;
    if (latency === 0) {
      play(packet, ssrc, sequence, from);
      return;
    }
    const stream = this.#streamOf(ssrc);
    this.#follow(ssrc, stream, stream.buffer.take({ packet, sequence, from, way }, clock.now()));
  }

  /** Of all streams that come now. */
  counts(): RepairCounts {
    const sum: RepairCounts = { asked: 0, recovered: 0, lost: 0, late: 0 };
    for (const { buffer } of this.#streams.values()) {
      sum.asked += buffer.counts.asked;
      sum.recovered += buffer.counts.recovered;
      sum.lost += buffer.counts.lost;
      sum.late += buffer.counts.late;
    }
    return sum;
  }

  stop(): void {
    this.keepOnly(new Set(), new Set());
  }

  #streamOf(ssrc: number): Stream {
    const known = this.#streams.get(ssrc);
    if (known !== undefined) return known;
    const buffer = new ReceiveBuffer(this.#options.latency);
    const stream = { buffer, wakeAtMs: Number.POSITIVE_INFINITY, cancel: () => undefined };
    this.#streams.set(ssrc, stream);
    return stream;
  }

  #follow(ssrc: number, stream: Stream, { play, ask, wakeAtMs }: Step): void {
    for (const { packet, sequence, from } of play) this.#options.play(packet, ssrc, sequence, from);
    for (const [member, sequences] of ask) this.#ask(member, ssrc, sequences);
    if (wakeAtMs !== stream.wakeAtMs) this.#wakeAt(ssrc, stream, wakeAtMs);
  }

  #ask(member: PeerId, ssrc: number, sequences: readonly number[]): void {
    const allowance = this.#allowances.get(member) ?? new Allowance(ASKS_OF_SENDER);
    this.#allowances.set(member, allowance);
    if (!allowance.take(sequences.length, this.#options.clock.now())) return;
    this.#options.ask(member, ssrc, sequences.map(wireSequence));
  }

  #wakeAt(ssrc: number, stream: Stream, atMs: number): void {
    stream.cancel();
    stream.wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options;
    stream.cancel = clock.after(Math.max(0, Math.ceil(atMs - clock.now())), () => {
      stream.wakeAtMs = Number.POSITIVE_INFINITY;
      this.#follow(ssrc, stream, stream.buffer.wake(clock.now()));
    });
  }
}
