/** What media leaves a peer, to whom and when: its own streams, those that it forwards, and packets that leave once more. */
import { type AddressedTable, placesOf } from '../../../../actors/media/addressed-table.ts';
import { type Again, ResendQueue } from '../../../../actors/media/repair/resend-queue.ts';
import type { Endpoint, PathRoute } from '../../../../infra/path/contract.ts';
import type { CounterBlock } from '../../../../infra/path/counters.ts';
import { decideClear, decideOwn, destinationsOf } from '../../../../infra/path/decision/decision.ts';
import type { StreamEntry } from '../../../../infra/path/table/table.ts';
import { readSequence, readSsrcKey } from '../../../../infra/rtp/header.ts';
import type { PeerId } from '../../../../machines/messages.ts';
import type { TransportCommand } from '../../../../machines/ports.ts';
import type { MediaForger } from '../../hostile/media-forger.ts';
import { LeaseLimit } from '../../verdict/lease-limit.ts';
import type { ProcessClock } from '../peer/process-clock.ts';
import type { SealedMedia } from './sealed-media.ts';
import type { MediaPacket, MediaSource } from './source.ts';
import type { TableInForce } from './table-in-force.ts';
import type { TransportHost } from './transport-host.ts';
import type { Wire } from './wire.ts';

export interface SendingHost {
  readonly clock: ProcessClock;
  readonly inForce: Pick<TableInForce, 'path' | 'table' | 'sources' | 'memberAt'>;
  readonly counters: CounterBlock;
  /** Null: packets stand for many small ones. */
  readonly wire: Wire | null;
  /** Null: every hop gets the same packets. */
  readonly sealed: SealedMedia | null;
  /** What has left, media or not. */
  readonly sentBits: () => number;
  readonly pacing: TransportHost['pacing'];
  readonly waitedMs: TransportHost['waitedMs'];
  readonly send: (to: Endpoint, packet: MediaPacket, hops: number, hasWaited: boolean) => void;
  /** A voice packet of an own stream leaves. */
  readonly spoke: (packet: MediaPacket) => void;
  /** A packet of an own stream has left to those who get it as others may relay it. */
  readonly left: (ssrc: number, sequence: number) => void;
}

export class Sending {
  /** It takes what it should relay, reports so, and forwards nothing. */
  lies = false;
  /** It makes up packets beside those that it forwards; null: it does not. */
  forger: MediaForger | null = null;
  /** It forwards nothing to this member. */
  withholdsFrom: PeerId | null = null;
  readonly #host: SendingHost;
  readonly #again: ResendQueue;
  /** By SSRC. */
  readonly #limits = new Map<number, LeaseLimit>();
  /** Packets that are not sent again, and wait for their turn. */
  #waiting = 0;

  constructor(host: SendingHost) {
    this.#host = host;
    const { clock, sentBits } = host;
    this.#again = new ResendQueue({
      ...{ clock, sentBits, newWaitedMs: () => this.#newWaitedMs() },
      send: (packet) => this.#sendAgain(packet),
    });
  }

  follow({ resendLimitBps }: AddressedTable, routes: readonly PathRoute[]): void {
    this.#again.limit(resendLimitBps);
    for (const { ssrc, limitBps } of routes) {
      if (limitBps === null) continue;
      const limit = this.#limits.get(ssrc) ?? new LeaseLimit();
      limit.limitBps = limitBps;
      this.#limits.set(ssrc, limit);
    }
    const relayed = new Set(routes.map(({ ssrc }) => ssrc));
    for (const ssrc of this.#limits.keys()) if (!relayed.has(ssrc)) this.#limits.delete(ssrc);
  }

  /** How much leaves is looked at, so that what leaves again has room. To be called every `reportInterval` or more often. */
  observe(): void {
    this.#again.observe();
  }

  sendOwn(): void {
    for (const [ssrc, source] of this.#host.inForce.sources) if (source.rateBps > 0) this.#sendFrame(ssrc, source);
  }

  /** @param hops that the packet has behind it */
  forward(packet: MediaPacket, hops: number, stream: StreamEntry): void {
    const { sealed, wire } = this.#host;
    if (this.lies) return;
    const made = [...(this.forger?.forged(packet.bytes) ?? []), ...(sealed?.madeUp(packet.bytes) ?? [])];
    for (const bytes of made) this.leave({ ...packet, bytes, bits: 8 * bytes.length }, hops + 1, stream);
    const copies = destinationsOf(stream, packet.bytes).length;
    if (wire === null && !this.#limits.get(stream.ssrc)?.lets(packet.bits, copies, this.#now())) return;
    this.#offer(packet, hops + 1, stream);
  }

  /** To those that get the stream in the clear. */
  sendClear(packet: MediaPacket, hops: number): void {
    const { counters } = this.#host;
    const clear = decideClear(this.#entryOf(packet), counters, packet.bytes, this.#now());
    if (clear !== null) this.#offer(packet, hops, clear, true);
  }

  resend({ ssrc, afterSequence, slices, to, isAhead }: Extract<TransportCommand, { type: 'transport.resend' }>): void {
    const { path, table } = this.#host.inForce;
    const sequences = path.own.storedAfter(ssrc, afterSequence, slices, this.#now());
    const places = placesOf(table, to);
    this.#again.add(sequences.flatMap((sequence) => places.map((place) => ({ ssrc, sequence, to: place, isAhead }))));
  }

  /** A packet's turn has come. */
  leave(packet: MediaPacket, hops: number, stream: StreamEntry, hasWaited = false): void {
    const { wire } = this.#host;
    const { path, table } = this.#host.inForce;
    const { addresses } = path.compiled;
    const destinations = destinationsOf(stream, packet.bytes);
    const isClear = this.#entryOf(packet) !== stream;
    if (hops === 1 && !isClear) this.#host.left(stream.ssrc, readSequence(packet.bytes));
    const withheld = hops > 1 && this.withholdsFrom !== null ? placesOf(table, [this.withholdsFrom]) : [];
    for (const address of destinations) {
      const to = addresses.endpoint(address);
      if (withheld.some(({ host, port }) => host === to.host && port === to.port)) continue;
      wire?.noteMedia('sent', packet, to);
      this.#host.send(to, packet, hops, hasWaited);
    }
  }

  #sendFrame(ssrc: number, source: MediaSource): void {
    const { counters, sealed } = this.#host;
    const { path } = this.#host.inForce;
    for (const made of source.frame(ssrc, this.#now())) {
      const packet = sealed === null ? made : sealed.seal(made);
      const stream = packet && decideOwn(path.compiled, counters, packet.bytes, this.#now());
      if (packet === undefined || stream === undefined || stream === null) continue;
      if (source.media === 'audio') this.#host.spoke(packet);
      path.own.record(ssrc, packet.bytes, this.#now());
      this.#offer(packet, 1, stream);
      if (packet !== made) this.sendClear(made, 1);
    }
  }

  /** Sends a packet now, or when its turn comes: then to those who are to get it then. */
  #offer(packet: MediaPacket, hops: number, stream: StreamEntry, isClear = false): void {
    const { clock, pacing: pacingOf, wire } = this.#host;
    if (wire !== null) {
      wire.offer(packet, hops, stream);
      return;
    }
    const bits = packet.bits * destinationsOf(stream, packet.bytes).length;
    const pacing = stream.audio ? null : pacingOf(bits);
    if (pacing === null) this.leave(packet, hops, stream);
    else if (pacing.waitMs === 0) this.leave(packet, hops, stream, true);
    else if (pacing.waitMs !== undefined) {
      this.#waiting += 1;
      clock.setTimeout(() => {
        this.#waiting -= 1;
        const now = this.#entryOf(packet);
        const legs = isClear ? now?.clear : now;
        if (legs) this.leave(packet, hops, legs, true);
      }, pacing.waitMs);
    }
  }

  #sendAgain({ ssrc, sequence, to }: Again): number {
    const { inForce, sealed, wire } = this.#host;
    const bytes = inForce.path.own.stored(ssrc, sequence, this.#now());
    const made = bytes && inForce.sources.get(ssrc)?.packetOf(bytes);
    if (bytes === undefined || made === undefined) return 0;
    const packet = sealed?.isKeptFor(inForce.memberAt(to), ssrc) ? { ...made, bytes } : made;
    wire?.noteMedia('resent', packet, to);
    this.#host.send(to, packet, 1, false);
    return packet.bits;
  }

  /** As the table has its stream now. */
  #entryOf({ bytes }: MediaPacket): StreamEntry | undefined {
    return this.#host.inForce.path.compiled.streams.get(readSsrcKey(bytes));
  }

  #newWaitedMs(): number {
    const { wire, waitedMs } = this.#host;
    if (wire !== null) return wire.waitedMs;
    return this.#waiting > 0 ? waitedMs() : 0;
  }

  #now(): number {
    return this.#host.clock.now();
  }
}
