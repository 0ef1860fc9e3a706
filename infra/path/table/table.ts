/** A `PathTable` made ready for packets: one Map look-up by SSRC, and everything else at a fixed place. */
import { ssrcKey } from '../../rtp/header.ts';
import type { Endpoint } from '../contract.ts';
import type { Reporters } from '../decision/reporters.ts';
import { ArrivalState, StreamState } from '../decision/stream-memory.ts';
import { ForwardCache } from '../kept/forward-cache.ts';
import type { AddressBook } from './addresses.ts';

/** A source is split into this many slices, by sequence number. */
export const SLICE_COUNT = 16;

/** The mask of a whole stream. */
const EVERY_SLICE = 0xffff;

/** Receivers by address id. One array for each slice, so that no packet is matched against masks. */
export type Destinations = Int32Array<ArrayBufferLike>;

export const NO_DESTINATIONS: Destinations = new Int32Array(0);

/** One SSRC, in a form that can be posted to another thread, which then works on the same memory. */
export interface StreamSpec {
  readonly ssrc: number;
  /** Its packets are our own: they are sent, never received. */
  readonly own: boolean;
  readonly audio: boolean;
  /** Infinity for no limit. */
  readonly limitBps: number;
  /** How much at the limit may come at once, in ms. */
  readonly burstMs: number;
  readonly inbound: readonly InboundSpec[];
  /** Each receiver once, by address id, and the mask of its slices. */
  readonly receivers: Int32Array;
  readonly receiverSlices: Int32Array;
  /** Of a {@link StreamState}. */
  readonly memory: SharedArrayBuffer;
  /** Of a {@link ForwardCache}; null: what is forwarded of it is not kept. */
  readonly cache: SharedArrayBuffer | null;
  /** The receivers of its clear packets; null: there are none. */
  readonly clear: StreamSpec | null;
}

/** One address that packets of an SSRC may come from, and what is done with those. */
export interface InboundSpec {
  readonly address: number;
  readonly forward: boolean;
  readonly deliver: boolean;
  /** Of an {@link ArrivalState}. */
  readonly memory: SharedArrayBuffer;
}

/**
 * What packets meet are instances of classes. Engines find a field of those at a fixed place, but search for it in
 * objects that came from another thread: each is a shape of its own to them.
 */
class InboundLeg {
  readonly address: number;
  readonly forward: boolean;
  readonly deliver: boolean;
  readonly arrival: ArrivalState;

  constructor({ address, forward, deliver, memory }: InboundSpec) {
    this.address = address;
    this.forward = forward;
    this.deliver = deliver;
    this.arrival = new ArrivalState(memory);
  }
}

/** One SSRC as packets meet it. */
export class StreamEntry {
  readonly ssrc: number;
  readonly own: boolean;
  readonly audio: boolean;
  readonly limitBps: number;
  readonly burstMs: number;
  readonly inbound: readonly InboundLeg[];
  readonly receivers: Int32Array;
  readonly receiverSlices: Int32Array;
  /** The receivers of each of the 16 slices. */
  readonly destinationsBySlice: readonly Destinations[];
  readonly state: StreamState;
  readonly cache: ForwardCache | null;
  readonly clear: StreamEntry | null;

  constructor(spec: StreamSpec) {
    this.ssrc = spec.ssrc;
    this.own = spec.own;
    this.audio = spec.audio;
    this.limitBps = spec.limitBps;
    this.burstMs = spec.burstMs;
    this.inbound = spec.inbound.map((leg) => new InboundLeg(leg));
    this.receivers = spec.receivers;
    this.receiverSlices = spec.receiverSlices;
    this.destinationsBySlice = compileSlices(spec.receivers, spec.receiverSlices);
    this.state = new StreamState(spec.memory);
    this.cache = spec.cache === null ? null : new ForwardCache(spec.cache);
    this.clear = spec.clear === null ? null : new StreamEntry(spec.clear);
  }
}

/** Read by every packet. A new table changes it between two packets, all at once. */
export interface CompiledTable {
  readonly addresses: AddressBook;
  /** Of the address book: another one has another number. */
  readonly book: number;
  readonly streams: Streams;
  readonly reporters: Reporters;
  /** From which of our addresses packets leave, by the id of where they go. */
  readonly origins: Origins;
}

export type Origins = ReadonlyMap<number, string>;

/** By {@link ssrcKey}. */
export type Streams = ReadonlyMap<number, StreamEntry>;

/** From one table to the next: enough for whoever knows the one before. */
export interface TableChange {
  /** Forget all that was before, addresses too. */
  readonly anew: boolean;
  /** Which address book ids are of: another one has another number. */
  readonly book: number;
  /** New ones; their ids follow the last one's. */
  readonly addresses: readonly Endpoint[];
  /** New ones, and those that are not what they were. */
  readonly streams: readonly StreamSpec[];
  /** SSRCs that have left the table. */
  readonly gone: readonly number[];
  /** All of them, by address id; null: as before. */
  readonly reporters: readonly number[] | null;
  /** All of them; null: as before. */
  readonly origins: Origins | null;
}

/** The addresses that anything but STUN is taken from. */
export function sendersOf({ addresses, streams, reporters }: CompiledTable): Endpoint[] {
  const ids = new Set(reporters.ids);
  for (const { inbound } of streams.values()) for (const { address } of inbound) ids.add(address);
  return [...ids].map((id) => addresses.endpoint(id));
}

/** Brings `streams` to what the table is after `change`. Throws nothing, so that it happens as a whole. */
export function applyChange(streams: Map<number, StreamEntry>, change: TableChange): void {
  if (change.anew) streams.clear();
  for (const ssrc of change.gone) streams.delete(ssrcKey(ssrc));
  for (const spec of change.streams) streams.set(ssrcKey(spec.ssrc), new StreamEntry(spec));
}

/** Slices with the same receivers share one array: a whole stream, the usual case, has a single one. */
function compileSlices(receivers: Int32Array, masks: Int32Array): readonly Destinations[] {
  if (masks.every((mask) => mask === EVERY_SLICE)) return new Array<Destinations>(SLICE_COUNT).fill(receivers);
  const known = new Map<string, Destinations>();
  return Array.from({ length: SLICE_COUNT }, (_, slice) => {
    const destinations = receivers.filter((_receiver, index) => inSlices(masks[index] ?? 0, slice));
    const key = destinations.join();
    const shared = known.get(key) ?? destinations;
    known.set(key, shared);
    return shared;
  });
}

/** Whether the packets of `sequence` (of which the low 4 bits count) are in the mask `slices`. */
export function inSlices(slices: number, sequence: number): boolean {
  return ((slices >>> (sequence & (SLICE_COUNT - 1))) & 1) === 1;
}
