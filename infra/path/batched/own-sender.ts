/** Sends the main thread's own datagrams with one system call for all receivers. */

import { readSequence } from '../../rtp/header.ts';
import { MAX_DATAGRAM_BYTES } from '../decision/decision.ts';
import type { Target } from '../mover.ts';
import { inSlices, type StreamEntry, type TableChange } from '../table/table.ts';
import { MOST_LAID } from './datagram-runs.ts';
import { NativeMemory } from './libc.ts';
import { SendBatch, type SendBatchOptions } from './send-batch.ts';
import { NativeAddresses } from './socket-address.ts';

/** The id of an address that is the only one. */
const ONLY = 0;
/** More addresses than a full room has that looks for its ways. */
const MOST_LATELY = 256;

export class OwnSender {
  readonly #options: SendBatchOptions;
  readonly #ipv6: boolean;
  /** The kernel reads from here: the caller's bytes may move while they are collected. */
  readonly #staging = new NativeMemory(MOST_LAID * MAX_DATAGRAM_BYTES);
  readonly #stagingBytes = new Uint8Array(this.#staging.buffer);
  readonly #along: SendBatch;
  readonly #direct: SendBatch;
  #addresses: NativeAddresses;
  /** Where single datagrams went lately: to write an address anew costs more than to send there. By all that is said of them. */
  readonly #lately = new Map<string, NativeAddresses>();

  constructor(options: SendBatchOptions, ipv6: boolean) {
    this.#options = options;
    this.#ipv6 = ipv6;
    this.#addresses = new NativeAddresses([], ipv6);
    this.#along = new SendBatch(options, this.#addresses);
    this.#direct = new SendBatch({ ...options, ofTable: false }, this.#addresses);
  }

  /** Keeps the addresses that {@link sendAlong}'s receivers are numbers of. */
  follow(change: TableChange): void {
    this.#addresses = this.#addresses.after(change);
    this.#along.use(this.#addresses);
  }

  /** @returns false where the send buffer is full, and nothing was sent */
  sendAlong(packet: Uint8Array, stream: StreamEntry): boolean {
    if (!stream.audio && !this.#options.room.hasRoomForVideo()) return false;
    const run = this.#stage(this.#along, 0, packet);
    const sequence = readSequence(packet);
    for (let receiver = 0; receiver < stream.receivers.length; receiver++) {
      if (!inSlices(stream.receiverSlices[receiver] ?? 0, sequence)) continue;
      this.#along.add(stream.receivers[receiver] ?? 0, run, stream.audio);
    }
    this.#along.flush();
    this.#along.clear();
    return true;
  }

  /** As `Mover.sendEach`. */
  sendEach(datagrams: Iterable<Uint8Array>, to: Target, urgent: boolean): number {
    this.#direct.use(this.#addressOf(to));
    const before = this.#options.counters.read('sentPackets');
    let staged = 0;
    let runs = 0;
    for (const datagram of datagrams) {
      runs = 1 + this.#stage(this.#direct, staged++, datagram);
      if (staged === MOST_LAID) {
        this.#sendRuns(runs, urgent);
        staged = 0;
        runs = 0;
      }
    }
    this.#sendRuns(runs, urgent);
    return this.#options.counters.read('sentPackets') - before;
  }

  /** Of this one alone: its id is {@link ONLY}. */
  #addressOf(to: Target): NativeAddresses {
    const text = `${to.host} ${to.port} ${to.channel} ${to.from}`;
    const known = this.#lately.get(text);
    if (known !== undefined) return known;
    if (this.#lately.size === MOST_LATELY) this.#lately.clear();
    const address = new NativeAddresses([to], this.#ipv6);
    if (to.from !== undefined) address.leaveFrom(new Map([[ONLY, to.from]]));
    this.#lately.set(text, address);
    return address;
  }

  /** @returns its run: all datagrams of a batch have the same receivers */
  #stage(batch: SendBatch, slot: number, datagram: Uint8Array): number {
    const offset = slot * MAX_DATAGRAM_BYTES;
    this.#stagingBytes.set(datagram, offset);
    return batch.lay(this.#staging, offset, datagram.length, true);
  }

  #sendRuns(runs: number, urgent: boolean): void {
    for (let run = 0; run < runs; run++) this.#direct.add(ONLY, run, urgent);
    this.#direct.flush();
    this.#direct.clear();
  }
}
