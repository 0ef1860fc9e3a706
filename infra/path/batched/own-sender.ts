/** Sends the main thread's own datagrams with one system call for all receivers. */

import { readSequence } from '../../rtp/header.ts';
import type { Endpoint } from '../contract.ts';
import { MAX_DATAGRAM_BYTES } from '../decision.ts';
import { inSlices, type StreamEntry, type TableChange } from '../table.ts';
import { NativeMemory } from './libc.ts';
import { SendBatch, type SendBatchOptions } from './send-batch.ts';
import { NativeAddresses } from './socket-address.ts';

/** Datagrams of a resend that are sent together: what one GSO message can hold. */
const STAGED = 64;

export class OwnSender {
  readonly #options: SendBatchOptions;
  readonly #ipv6: boolean;
  /** The kernel reads from here: the caller's bytes may move while they are collected. */
  readonly #staging = new NativeMemory(STAGED * MAX_DATAGRAM_BYTES);
  readonly #stagingBytes = new Uint8Array(this.#staging.buffer);
  readonly #lengths = new Int32Array(STAGED);
  readonly #along: SendBatch;
  readonly #direct: SendBatch;
  #addresses: NativeAddresses;

  constructor(options: SendBatchOptions, ipv6: boolean) {
    this.#options = options;
    this.#ipv6 = ipv6;
    this.#addresses = new NativeAddresses([], ipv6);
    this.#along = new SendBatch(options, this.#addresses);
    this.#direct = new SendBatch(options, this.#addresses);
  }

  /** Keeps the addresses that {@link sendAlong}'s receivers are numbers of. */
  follow(change: TableChange): void {
    this.#addresses = this.#addresses.after(change);
    this.#along.use(this.#addresses);
  }

  sendAlong(packet: Uint8Array, stream: StreamEntry): void {
    this.#stage(0, packet);
    const sequence = readSequence(packet);
    for (let receiver = 0; receiver < stream.receivers.length; receiver++) {
      if (!inSlices(stream.receiverSlices[receiver] ?? 0, sequence)) continue;
      this.#along.add(stream.receivers[receiver] ?? 0, this.#staging, 0, packet.length, stream.audio);
    }
    this.#along.flush();
  }

  /** As `Mover.sendEach`. */
  sendEach(datagrams: Iterable<Uint8Array>, to: readonly Endpoint[], urgent: boolean): number {
    this.#direct.use(new NativeAddresses(to, this.#ipv6));
    const before = this.#options.counters.read('sentPackets');
    let staged = 0;
    for (const datagram of datagrams) {
      this.#stage(staged++, datagram);
      if (staged === STAGED) {
        this.#sendStaged(staged, to.length, urgent);
        staged = 0;
      }
    }
    this.#sendStaged(staged, to.length, urgent);
    return this.#options.counters.read('sentPackets') - before;
  }

  #stage(slot: number, datagram: Uint8Array): void {
    this.#stagingBytes.set(datagram, slot * MAX_DATAGRAM_BYTES);
    this.#lengths[slot] = datagram.length;
  }

  #sendStaged(staged: number, receivers: number, urgent: boolean): void {
    for (let receiver = 0; receiver < receivers; receiver++) {
      for (let slot = 0; slot < staged; slot++) {
        this.#direct.add(receiver, this.#staging, slot * MAX_DATAGRAM_BYTES, this.#lengths[slot] ?? 0, urgent);
      }
    }
    this.#direct.flush();
  }
}
