/** The path's totals, kept in memory that another thread can read while they grow. */
import { DROP_REASONS, type DropReason, type PathCounters } from './contract.ts';

/** Of the totals themselves; the reasons for drops follow them, one place each. */
const TOTALS = [
  'receivedPackets',
  'receivedBytes',
  'sentPackets',
  'sentBytes',
  'forwardedPackets',
  'deliveredPackets',
  'duplicatePackets',
  'strangersChecks',
] as const;
type Total = (typeof TOTALS)[number];

const PLACES: ReadonlyMap<Total | DropReason, number> = new Map(
  [...TOTALS, ...DROP_REASONS].map((name, place) => [name, place]),
);
/** Of so many addresses of the table it is counted what leaves for them; a room of a thousand has fewer. */
const COUNTED_ADDRESSES = 8192;
const BLOCK_BYTES = 8 * (PLACES.size + COUNTED_ADDRESSES);

const RECEIVED_PACKETS = placeOf('receivedPackets');
const RECEIVED_BYTES = placeOf('receivedBytes');
const SENT_PACKETS = placeOf('sentPackets');
const SENT_BYTES = placeOf('sentBytes');
const FORWARDED_PACKETS = placeOf('forwardedPackets');
const DELIVERED_PACKETS = placeOf('deliveredPackets');
const DUPLICATE_PACKETS = placeOf('duplicatePackets');
const STRANGERS_CHECKS = placeOf('strangersChecks');

/** Where each reason is counted: {@link CounterBlock.drop} takes a place, so that no packet costs a look-up by name. */
export const DROP: Readonly<Record<DropReason, number>> = {
  tooShort: placeOf('tooShort'),
  tooLong: placeOf('tooLong'),
  badVersion: placeOf('badVersion'),
  unknownSsrc: placeOf('unknownSsrc'),
  unknownAddress: placeOf('unknownAddress'),
  overLimit: placeOf('overLimit'),
  aboveRate: placeOf('aboveRate'),
  sendBufferFull: placeOf('sendBufferFull'),
  sinkBehind: placeOf('sinkBehind'),
  unreachable: placeOf('unreachable'),
  stunFlood: placeOf('stunFlood'),
};

/** One writer's counters. Each thread has a block of its own; {@link totalCounters} adds them up. */
export class CounterBlock {
  readonly memory: SharedArrayBuffer;
  readonly #places: Float64Array;

  constructor(memory = new SharedArrayBuffer(BLOCK_BYTES)) {
    this.memory = memory;
    this.#places = new Float64Array(memory);
  }

  received(bytes: number): void {
    this.#add(RECEIVED_PACKETS, 1);
    this.#add(RECEIVED_BYTES, bytes);
  }

  sent(packets: number, bytes: number): void {
    this.#add(SENT_PACKETS, packets);
    this.#add(SENT_BYTES, bytes);
  }

  /** Besides {@link sent}: for which address of the table, by its id. */
  sentTo(address: number, bytes: number): void {
    if (address < COUNTED_ADDRESSES) this.#add(PLACES.size + address, bytes);
  }

  readSentTo(address: number): number {
    return address < COUNTED_ADDRESSES ? (this.#places[PLACES.size + address] ?? 0) : 0;
  }

  /** The table's addresses have new ids. */
  forgetAddresses(): void {
    this.#places.fill(0, PLACES.size);
  }

  /** Besides {@link sent}: how many of those were other peers' packets. */
  forwarded(packets: number): void {
    this.#add(FORWARDED_PACKETS, packets);
  }

  delivered(): void {
    this.#add(DELIVERED_PACKETS, 1);
  }

  /** STUN of somebody whom the table does not name, taken or not. */
  strangersCheck(): void {
    this.#add(STRANGERS_CHECKS, 1);
  }

  duplicate(): void {
    this.#add(DUPLICATE_PACKETS, 1);
  }

  /** Counts dropped datagrams under one of {@link DROP}. */
  drop(reason: number, packets = 1): void {
    this.#add(reason, packets);
  }

  read(name: Total | DropReason): number {
    return this.#places[placeOf(name)] ?? 0;
  }

  #add(place: number, amount: number): void {
    this.#places[place] = (this.#places[place] ?? 0) + amount;
  }
}

/** The sum of all blocks, in the contract's form. */
export function totalCounters(blocks: readonly CounterBlock[], kernelDrops: number): PathCounters {
  const sum = (name: Total | DropReason) => blocks.reduce((total, block) => total + block.read(name), 0);
  return {
    receivedPackets: sum('receivedPackets'),
    receivedBytes: sum('receivedBytes'),
    sentPackets: sum('sentPackets'),
    sentBytes: sum('sentBytes'),
    forwardedPackets: sum('forwardedPackets'),
    deliveredPackets: sum('deliveredPackets'),
    duplicatePackets: sum('duplicatePackets'),
    kernelDrops,
    dropped: {
      tooShort: sum('tooShort'),
      tooLong: sum('tooLong'),
      badVersion: sum('badVersion'),
      unknownSsrc: sum('unknownSsrc'),
      unknownAddress: sum('unknownAddress'),
      overLimit: sum('overLimit'),
      aboveRate: sum('aboveRate'),
      sendBufferFull: sum('sendBufferFull'),
      sinkBehind: sum('sinkBehind'),
      unreachable: sum('unreachable'),
      stunFlood: sum('stunFlood'),
    },
  };
}

function placeOf(name: Total | DropReason): number {
  const place = PLACES.get(name);
  if (place === undefined) throw new RangeError(`No counter is called ${name}.`);
  return place;
}
