/** A {@link PathTable} made ready for packets: one Map look-up by SSRC, and everything else at a fixed place. */
import { ssrcKey } from '../rtp/header.ts';
import { AddressBook, endpointText } from './addresses.ts';
import type { PathLeg, PathRoute, PathSink, PathTable } from './contract.ts';
import { PathError } from './errors.ts';
import { ArrivalState, type StreamMemories, StreamState } from './stream-memory.ts';

/** A source is split into this many slices, by sequence number. */
export const SLICE_COUNT = 16;

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
  readonly destinationsBySlice: readonly Destinations[];
  readonly state: StreamState | null;
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
    const entry = compileStream(ssrc, routes.get(ssrc), sinks.get(ssrc) ?? [], addresses, memories);
    streams.set(ssrcKey(ssrc), entry);
  }
  return { addresses, streams };
}

function compileStream(
  ssrc: number,
  route: PathRoute | undefined,
  sinks: readonly PathSink[],
  addresses: AddressBook,
  memories: StreamMemories,
): StreamEntry {
  const memory = memories.get(ssrc);
  const upstream = route?.upstream ? addresses.add(route.upstream) : null;
  const sinkAddresses = new Set(sinks.flatMap(({ from }) => from.map((endpoint) => addresses.add(endpoint))));
  const senders = new Set(upstream === null ? sinkAddresses : [upstream, ...sinkAddresses]);
  return {
    ssrc,
    own: route !== undefined && route.upstream === null,
    audio: route?.media === 'audio',
    limitBps: route?.limitBps ?? Number.POSITIVE_INFINITY,
    inbound: [...senders].map((address) => {
      const buffer = memory?.arrivals.get(endpointText(addresses.endpoint(address)));
      if (buffer === undefined) throw new RangeError(`SSRC ${ssrc} has no memory for one of its senders.`);
      const forward = address === upstream;
      return { address, forward, deliver: sinkAddresses.has(address), arrival: new ArrivalState(buffer) };
    }),
    destinationsBySlice: compileSlices(route?.legs ?? [], addresses),
    state: memory === undefined ? null : new StreamState(memory.stream),
  };
}

/** Slices with the same receivers share one array: a whole stream, the usual case, has a single one. */
function compileSlices(legs: readonly PathLeg[], addresses: AddressBook): readonly Destinations[] {
  const ids = legs.map(({ to }) => addresses.add(to));
  const known = new Map<string, Destinations>();
  return Array.from({ length: SLICE_COUNT }, (_, slice) => {
    const receivers = ids.filter((_id, leg) => (((legs[leg]?.slices ?? 0) >>> slice) & 1) === 1);
    const key = receivers.join();
    const destinations = known.get(key) ?? Int32Array.from(new Set(receivers));
    known.set(key, destinations);
    return destinations;
  });
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
