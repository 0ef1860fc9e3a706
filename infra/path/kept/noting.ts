/** What all threads of a path have noted, as whoever measures reads it. */
import { CHANNEL_HEADER_BYTES } from '../channel-data.ts';
import type { Endpoint, NotedPacket, NotesWanted } from '../contract.ts';
import type { CompiledTable } from '../table/table.ts';
import { NOTED, type Noted, PacketLog } from './packet-log.ts';

const UDP_BYTES = 8;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;

/** By what the log says. */
const WHAT: readonly NotedPacket['what'][] = ['arrived', 'sent', 'resent', 'arrived'];

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

export class Noting {
  /** What the main thread writes. */
  readonly own = new PacketLog();
  /** The main thread's, then those of forwarding threads, dead ones included. */
  readonly #logs: PacketLog[] = [this.own];
  #wanted: NotesWanted = 'nothing';
  /** By an address's id in this book. */
  readonly #headerBytes: number[] = [];
  #book = 0;

  /** Another thread writes into `log` from now on. */
  add(log: PacketLog): void {
    log.want(this.#wanted);
    this.#logs.push(log);
  }

  want(wanted: NotesWanted): void {
    this.#wanted = wanted;
    for (const log of this.#logs) log.want(wanted);
  }

  /** Hands out all that has been noted of addresses of the table, in the order of its time. */
  take({ addresses, book }: Pick<CompiledTable, 'addresses' | 'book'>, take: (packet: NotedPacket) => void): void {
    const noted: Noted = { what: 0, addresses: 0, ssrc: 0, sequence: 0, bytes: 0, atMs: 0 };
    const packet: Writable<NotedPacket> = {
      ...{ what: 'arrived', place: { host: '', port: 0 }, ssrc: 0, sequence: 0, bytes: 0, atMs: 0 },
      isTimed: false,
    };
    if (book !== this.#book) this.#headerBytes.length = 0;
    this.#book = book;
    for (const log of this.#logs) log.open();
    try {
      for (let log = this.#oldest(); log !== undefined; log = this.#oldest()) {
        if (!log.read(noted, book)) continue;
        packet.what = WHAT[noted.what] ?? 'arrived';
        packet.isTimed = noted.what === NOTED.ARRIVED_THEN;
        packet.ssrc = noted.ssrc;
        packet.sequence = noted.sequence;
        packet.atMs = noted.atMs;
        for (let index = 0; index < noted.addresses; index++) {
          const address = log.address(index);
          packet.place = addresses.endpoint(address);
          packet.bytes = noted.bytes + this.#headersOf(address, packet.place);
          take(packet);
        }
      }
    } finally {
      for (const log of this.#logs) log.close();
    }
  }

  /** Looked up by number, since to look at an address's text costs more than all the rest. */
  #headersOf(address: number, place: Endpoint): number {
    const known = this.#headerBytes[address];
    if (known !== undefined) return known;
    const bytes = headerBytesTo(place);
    this.#headerBytes[address] = bytes;
    return bytes;
  }

  /** The log with the oldest packet that has not been read. */
  #oldest(): PacketLog | undefined {
    let oldest: PacketLog | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const log of this.#logs) {
      const atMs = log.nextAtMs;
      if (atMs >= oldestMs) continue;
      oldest = log;
      oldestMs = atMs;
    }
    return oldest;
  }
}

/** What stands in front of UDP payload on the wire. */
function headerBytesTo({ host, channel }: Endpoint): number {
  const ip = host.includes(':') ? IPV6_BYTES : IPV4_BYTES;
  return ip + UDP_BYTES + (channel === undefined ? 0 : CHANNEL_HEADER_BYTES);
}
