/** A {@link PathTable} made ready for packets: one Map look-up by SSRC, and everything else at a fixed place. */
import { ssrcKey } from '../rtp/header.ts';
import { AddressBook, endpointText } from './addresses.ts';
import type { PathLeg, PathRoute, PathSink, PathTable } from './contract.ts';
import { PathError } from './errors.ts';
import { ArrivalState, type StreamMemories, StreamState } from './stream-memory.ts';

/** A source is split into this many slices, by sequence number. */
export const SLICE_COUNT = 16;

/** The mask of a whole stream. */
const EVERY_SLICE = 0xffff;

/** Receivers by address id. One array for each slice, so that no packet is matched against masks. */
export type Destinations = Int32Array<ArrayBuffer>;

export const NO_DESTINATIONS: Destinations = new Int32Array(0);

/** One address that packets of an SSRC may come from, and what is done with those. */
export interface InboundLeg {
  readonly address: number;
  readonly forward: boolean;
  readonly deliver: boolean;
  readonly arrival: ArrivalState;
}

/** One SSRC. */
export interface StreamEntry {
  readonly ssrc: number;
  /** Its packets are our own: they are sent, never received. */
  readonly own: boolean;
  readonly audio: boolean;
  /** Infinity for no limit. */
  readonly limitBps: number;
  readonly inbound: readonly InboundLeg[];
  /** The receivers of each of the 16 slices. */
  readonly destinationsBySlice: readonly Destinations[];
  /** The same the other way round: each receiver once, by address id, and the mask of its slices. */
  readonly receivers: Int32Array;
  readonly receiverSlices: Int32Array;
  /** Counts the table's streams from 0, for whoever keeps something for each in an array. */
  readonly index: number;
  readonly state: StreamState;
}

/** Read by every packet, never changed: a new table replaces it as a whole. */
export interface CompiledTable {
  readonly addresses: AddressBook;
  /** By {@link ssrcKey}. */
  readonly streams: ReadonlyMap<number, StreamEntry>;
}

export const EMPTY_TABLE: PathTable = { routes: [], sinks: [] };

/**
 * @param memories from `memoriesFor(table, …)`
 * @throws {PathError} `address.invalid`, `table.invalid`
 */
export function compileTable(table: PathTable, memories: StreamMemories): CompiledTable {
  const addresses = new AddressBook();
  const routes = routesBySsrc(table.routes);
  const sinks = sinksBySsrc(table.sinks);
  const streams = new Map<number, StreamEntry>();
  for (const ssrc of new Set([...routes.keys(), ...sinks.keys()])) {
    const parts = { ssrc, index: streams.size, route: routes.get(ssrc), sinks: sinks.get(ssrc) ?? [] };
    streams.set(ssrcKey(ssrc), compileStream(parts, addresses, memories));
  }
  return { addresses, streams };
}

interface StreamParts {
  readonly ssrc: number;
  readonly index: number;
  readonly route: PathRoute | undefined;
  readonly sinks: readonly PathSink[];
}

function compileStream(parts: StreamParts, addresses: AddressBook, memories: StreamMemories): StreamEntry {
  const { ssrc, index, route } = parts;
  const memory = memories.get(ssrc);
  if (memory === undefined) throw new RangeError(`SSRC ${ssrc} has no memory.`);
  const upstream = route?.upstream ? addresses.add(route.upstream) : null;
  const sinkAddresses = new Set(parts.sinks.flatMap(({ from }) => from.map((endpoint) => addresses.add(endpoint))));
  const senders = new Set(upstream === null ? sinkAddresses : [upstream, ...sinkAddresses]);
  const slicesByReceiver = mergeLegs(route?.legs ?? [], addresses);
  return {
    ssrc,
    index,
    own: route !== undefined && route.upstream === null,
    audio: route?.media === 'audio',
    limitBps: route?.limitBps ?? Number.POSITIVE_INFINITY,
    inbound: [...senders].map((address) => {
      const buffer = memory.arrivals.get(endpointText(addresses.endpoint(address)));
      if (buffer === undefined) throw new RangeError(`SSRC ${ssrc} has no memory for one of its senders.`);
      const forward = address === upstream;
      return { address, forward, deliver: sinkAddresses.has(address), arrival: new ArrivalState(buffer) };
    }),
    destinationsBySlice: compileSlices(slicesByReceiver),
    receivers: Int32Array.from(slicesByReceiver.keys()),
    receiverSlices: Int32Array.from(slicesByReceiver.values()),
    state: new StreamState(memory.stream),
  };
}

/** Slices by receiver's address id; two legs to one receiver are one leg, or it would get packets twice. */
function mergeLegs(legs: readonly PathLeg[], addresses: AddressBook): Map<number, number> {
  const slicesByReceiver = new Map<number, number>();
  for (const { to, slices } of legs) {
    const id = addresses.add(to);
    slicesByReceiver.set(id, (slicesByReceiver.get(id) ?? 0) | slices);
  }
  return slicesByReceiver;
}

/** Slices with the same receivers share one array: a whole stream, the usual case, has a single one. */
function compileSlices(slicesByReceiver: ReadonlyMap<number, number>): readonly Destinations[] {
  if ([...slicesByReceiver.values()].every((slices) => slices === EVERY_SLICE)) {
    return new Array<Destinations>(SLICE_COUNT).fill(Int32Array.from(slicesByReceiver.keys()));
  }
  const known = new Map<string, Destinations>();
  return Array.from({ length: SLICE_COUNT }, (_, slice) => {
    const receivers = [...slicesByReceiver.keys()].filter((id) => inSlices(slicesByReceiver.get(id) ?? 0, slice));
    const key = receivers.join();
    const destinations = known.get(key) ?? Int32Array.from(receivers);
    known.set(key, destinations);
    return destinations;
  });
}

/** Whether the packets of `sequence` (of which the low 4 bits count) are in the mask `slices`. */
export function inSlices(slices: number, sequence: number): boolean {
  return ((slices >>> (sequence & (SLICE_COUNT - 1))) & 1) === 1;
}

function routesBySsrc(routes: readonly PathRoute[]): Map<number, PathRoute> {
  const bySsrc = new Map<number, PathRoute>();
  for (const route of routes) {
    requireSsrc(route.ssrc);
    if (bySsrc.has(route.ssrc)) throw new PathError('table.invalid', `SSRC ${route.ssrc} has two routes. Merge them.`);
    bySsrc.set(route.ssrc, route);
  }
  return bySsrc;
}

function sinksBySsrc(sinks: readonly PathSink[]): Map<number, PathSink[]> {
  const bySsrc = new Map<number, PathSink[]>();
  for (const sink of sinks) {
    requireSsrc(sink.ssrc);
    bySsrc.set(sink.ssrc, [...(bySsrc.get(sink.ssrc) ?? []), sink]);
  }
  return bySsrc;
}

function requireSsrc(ssrc: number): void {
  if (Number.isInteger(ssrc) && ssrc >= 0 && ssrc <= 0xffff_ffff) return;
  throw new PathError('table.invalid', `${ssrc} is not an SSRC. Give an integer from 0 to 4294967295.`);
}
