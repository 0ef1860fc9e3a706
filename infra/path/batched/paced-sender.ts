/**
 * The forwarding thread's part of the pacer: what it may not send at once it holds, and sends when its turn comes. As
 * `infra/path/pace/pacer.ts` does for the main thread, with the same pace.
 */
import { readSsrcKey } from '../../rtp/header.ts';
import { type CounterBlock, DROP } from '../counters.ts';
import { destinationsOf } from '../decision/decision.ts';
import type { PacketLog } from '../kept/packet-log.ts';
import type { Pace } from '../pace/pace.ts';
import { MOST_WAIT_MS } from '../pace/pacer.ts';
import type { Destinations, StreamEntry, Streams } from '../table/table.ts';
import { MOST_LAID } from './datagram-runs.ts';
import { HeldPackets } from './held-packets.ts';
import { ReceiverQueues } from './receiver-queues.ts';
import type { SendBatch } from './send-batch.ts';

export class PacedSender {
  readonly #pace: Pace;
  readonly #counters: CounterBlock;
  readonly #log: PacketLog;
  readonly #held = new HeldPackets();
  readonly #queues: ReceiverQueues;
  readonly #laid: number[] = [];

  /** @param batch empty whenever this is called */
  constructor(pace: Pace, counters: CounterBlock, log: PacketLog, batch: SendBatch) {
    this.#pace = pace;
    this.#counters = counters;
    this.#log = log;
    this.#queues = new ReceiverQueues(this.#held, batch);
  }

  /** Makes room for receivers with ids below `addresses`. */
  use(addresses: number): void {
    this.#queues.use(addresses);
  }

  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** How long until something held may leave, in whole ms, at least 1. */
  waitMs(nowMs: number): number {
    return Math.max(1, Math.ceil(this.#pace.waitMs(nowMs)));
  }

  /** Whether a packet is to be sent at once, which counts as sent then; otherwise it is held, or dropped where there is no room. */
  isFree(stream: StreamEntry, packet: Uint8Array, length: number, receivers: Destinations, nowMs: number): boolean {
    if (stream.audio || (this.#held.size === 0 && this.#pace.waitMs(nowMs) <= 0)) {
      this.#leaves(packet, length, receivers, nowMs);
      return true;
    }
    const gone = this.#held.hold(readSsrcKey(packet), packet, length, nowMs);
    if (gone > 0) this.#counters.drop(DROP.sendBufferFull, gone);
    return false;
  }

  /** Sends what may leave by now. */
  release(streams: Streams, nowMs: number): void {
    const held = this.#held;
    for (let slot = held.first(); slot !== undefined && this.#pace.waitMs(nowMs) <= 0; slot = held.first()) {
      held.take();
      this.#laid.push(slot);
      this.#send(slot, streams, nowMs);
      if (this.#laid.length === MOST_LAID) this.#flush();
    }
    this.#flush();
  }

  #send(slot: number, streams: Streams, nowMs: number): void {
    const packet = this.#held.packet(slot);
    const stream = streams.get(readSsrcKey(packet));
    if (stream === undefined) return;
    const receivers = destinationsOf(stream, packet);
    if (nowMs - this.#held.sinceMs(slot) > MOST_WAIT_MS) {
      this.#counters.drop(DROP.sendBufferFull, receivers.length);
      return;
    }
    this.#queues.add(slot, receivers, stream.audio);
    this.#leaves(packet, packet.length, receivers, nowMs);
  }

  #leaves(packet: Uint8Array, length: number, receivers: Destinations, nowMs: number): void {
    this.#pace.spend(length * receivers.length, nowMs);
    this.#log.sent(receivers, packet, length, nowMs);
  }

  #flush(): void {
    this.#queues.sendAll();
    for (const slot of this.#laid) this.#held.free(slot);
    this.#laid.length = 0;
  }
}
