/**
 * Turns each table into what differs from the one before. A peer sets a whole table on every change of a route; of a
 * thousand routes, only those that are not what they were are compiled and sent to another thread.
 */

import type { ClearLegs, Endpoint, PathLeg, PathOrigin, PathRoute, PathSink, PathTable } from '../contract.ts';
import { Reporters } from '../decision/reporters.ts';
import { allocateArrival, allocateStream } from '../decision/stream-memory.ts';
import { BURST_MS } from '../decision/token-bucket.ts';
import { PathError } from '../errors.ts';
import { cacheBytesOf } from '../kept/forward-cache.ts';
import { AddressBook, isIpv6Host, normalizeHost } from './addresses.ts';
import {
  applyChange,
  type CompiledTable,
  type InboundSpec,
  type Origins,
  SLICE_COUNT,
  type StreamEntry,
  type StreamSpec,
  type TableChange,
} from './table.ts';

/**
 * Addresses that no route names any more stay in the book, since ids must not change under way. When the book holds
 * more than twice what it began with and so many more, it is written anew, with everything that refers to it.
 */
const SPARE_ADDRESSES = 1024;

/** What a stream without a limit is taken to send, in bit/s. */
const UNLIMITED_BPS = 2_000_000;

/** What a table says of one SSRC. */
interface Definition {
  route: PathRoute | null;
  readonly sinks: PathSink[];
}

export class TableCompiler {
  #book = new AddressBook();
  #bookNumber = 0;
  /** How many of the book's addresses have been told in changes. */
  #toldAddresses = 0;
  #firstAddresses = 0;
  #definitions: ReadonlyMap<number, Definition> = new Map();
  /** As they were given. */
  #allowed: readonly Endpoint[] = [];
  readonly #reporters = new Reporters();
  /** As they were given, and by address id. */
  #given: readonly PathOrigin[] = [];
  #origins: Origins = new Map();
  #specs = new Map<number, StreamSpec>();
  readonly #streams = new Map<number, StreamEntry>();
  /** What may be kept of relayed streams, all together, in bytes; 0: nothing is. */
  readonly #cacheBytes: number;

  constructor(cacheBytes = 0) {
    this.#cacheBytes = cacheBytes;
  }

  get compiled(): CompiledTable {
    return {
      addresses: this.#book,
      book: this.#bookNumber,
      streams: this.#streams,
      reporters: this.#reporters,
      origins: this.#origins,
    };
  }

  /** What leads from nothing to the table in force. */
  whole(): TableChange {
    const addresses = this.#book.endpoints.slice(0, this.#toldAddresses);
    return {
      anew: true,
      book: this.#bookNumber,
      addresses,
      streams: [...this.#specs.values()],
      gone: [],
      reporters: this.#reporters.ids,
      origins: this.#origins,
    };
  }

  /**
   * Puts `table` in force as a whole, or throws and leaves the old one.
   *
   * @throws {PathError} `address.invalid`, `table.invalid`
   */
  setTable(table: PathTable): TableChange {
    const definitions = definitionsOf(table);
    const anew = this.#book.endpoints.length > 2 * this.#firstAddresses + SPARE_ADDRESSES;
    const book = anew ? new AddressBook() : this.#book;
    const changed = [...definitions].filter(([ssrc, now]) => anew || !sameDefinition(this.#definitions.get(ssrc), now));
    let cacheBytes = this.#spareCacheBytes(definitions);
    const streams = changed.map(([ssrc, definition]) => {
      const spec = this.#compile(ssrc, definition, book, cacheBytes);
      cacheBytes -= (spec.cache?.byteLength ?? 0) - (this.#specs.get(ssrc)?.cache?.byteLength ?? 0);
      return spec;
    });
    const allowed = table.reporters ?? [];
    const sameReporters = !anew && sameItems(this.#allowed, allowed, sameEndpoint);
    const reporters = sameReporters ? null : allowed.map((endpoint) => book.add(endpoint));
    const given = table.origins ?? [];
    const sameOrigins = !anew && sameItems(this.#given, given, sameOrigin);
    const origins = sameOrigins ? null : new Map(given.map((origin) => [book.add(origin.to), originHost(origin)]));
    // Nothing below throws.
    const gone = [...this.#specs.keys()].filter((ssrc) => !definitions.has(ssrc));
    const change = {
      anew,
      book: this.#bookNumber + (anew ? 1 : 0),
      addresses: book.endpoints.slice(anew ? 0 : this.#toldAddresses),
      streams,
      gone,
      reporters,
      origins,
    };
    for (const ssrc of gone) this.#specs.delete(ssrc);
    for (const spec of streams) this.#specs.set(spec.ssrc, spec);
    applyChange(this.#streams, change);
    if (anew) this.#firstAddresses = book.endpoints.length;
    this.#book = book;
    this.#bookNumber = change.book;
    if (reporters !== null) this.#reporters.replace(reporters, anew);
    this.#allowed = allowed;
    if (origins !== null) this.#origins = origins;
    this.#given = given;
    this.#toldAddresses = book.endpoints.length;
    this.#definitions = definitions;
    return change;
  }

  /** What is left for caches once those of streams that are relayed no more are free. */
  #spareCacheBytes(definitions: ReadonlyMap<number, Definition>): number {
    let spare = this.#cacheBytes;
    for (const [ssrc, { cache }] of this.#specs) if (definitions.has(ssrc)) spare -= cache?.byteLength ?? 0;
    return spare;
  }

  #compile(ssrc: number, { route, sinks }: Definition, book: AddressBook, cacheBytes: number): StreamSpec {
    const before = this.#specs.get(ssrc);
    const upstream = new Set((route?.upstream ?? []).map((endpoint) => book.add(endpoint)));
    const players = new Set(sinks.flatMap(({ from }) => from.map((endpoint) => book.add(endpoint))));
    const senders = new Set([...upstream, ...players]);
    const slicesByReceiver = mergeLegs(route?.legs ?? [], book);
    return {
      ssrc,
      own: route !== null && route.upstream === null,
      audio: route?.media === 'audio',
      limitBps: route?.limitBps ?? Number.POSITIVE_INFINITY,
      burstMs: route?.burstMs ?? BURST_MS,
      inbound: [...senders].map((address) => ({
        address,
        forward: upstream.has(address),
        deliver: players.has(address),
        memory: this.#arrivalFrom(book.endpoint(address), before?.inbound ?? []) ?? allocateArrival(),
      })),
      receivers: Int32Array.from(slicesByReceiver.keys()),
      receiverSlices: Int32Array.from(slicesByReceiver.values()),
      memory: before?.memory ?? allocateStream(),
      cache: upstream.size === 0 ? null : cacheFor(copyBps(route), before?.cache ?? null, cacheBytes),
      clear: route?.clear === undefined ? null : clearSpec(route, route.clear, before?.clear ?? null, book),
    };
  }

  /** What is remembered of an SSRC's packets from `endpoint`, if it was a sender before. */
  #arrivalFrom({ host, port, channel }: Endpoint, before: readonly InboundSpec[]): SharedArrayBuffer | undefined {
    const address = this.#book.find(host, port, channel);
    return before.find((leg) => leg.address === address)?.memory;
  }
}

/** Its packets are given one by one: none comes from an address. */
function clearSpec(
  { ssrc, media, burstMs = BURST_MS }: PathRoute,
  { legs, limitBps }: ClearLegs,
  before: StreamSpec | null,
  book: AddressBook,
): StreamSpec {
  const slicesByReceiver = mergeLegs(legs, book);
  return {
    ...{ ssrc, own: true, audio: media === 'audio', limitBps: limitBps ?? Number.POSITIVE_INFINITY, burstMs },
    inbound: [],
    receivers: Int32Array.from(slicesByReceiver.keys()),
    receiverSlices: Int32Array.from(slicesByReceiver.values()),
    memory: before?.memory ?? allocateStream(),
    ...{ cache: null, clear: null },
  };
}

/** The cache that the stream has; a new one where that became too small and there is room. */
function cacheFor(rateBps: number, before: SharedArrayBuffer | null, spareBytes: number): SharedArrayBuffer | null {
  const bytes = cacheBytesOf(rateBps, spareBytes + (before?.byteLength ?? 0));
  if (before !== null && before.byteLength >= bytes) return before;
  return bytes === 0 ? null : new SharedArrayBuffer(bytes);
}

/** What one copy of a relayed stream sends at most, in bit/s: its limit is on all copies together. */
function copyBps(route: PathRoute | null): number {
  const slices = (route?.legs ?? []).reduce((sum, { slices }) => sum + bitCount(slices), 0);
  return slices === 0 ? 0 : ((route?.limitBps ?? UNLIMITED_BPS) * SLICE_COUNT) / slices;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Slices by receiver's address id; two legs to one receiver are one leg, or it would get packets twice. */
function mergeLegs(legs: readonly PathLeg[], book: AddressBook): Map<number, number> {
  const slicesByReceiver = new Map<number, number>();
  for (const { to, slices } of legs) {
    const id = book.add(to);
    slicesByReceiver.set(id, (slicesByReceiver.get(id) ?? 0) | slices);
  }
  return slicesByReceiver;
}

function definitionsOf({ routes, sinks }: PathTable): Map<number, Definition> {
  const definitions = new Map<number, Definition>();
  for (const route of routes) {
    requireSsrc(route.ssrc);
    if (definitions.has(route.ssrc)) {
      throw new PathError('table.invalid', `SSRC ${route.ssrc} has two routes. Merge them.`);
    }
    definitions.set(route.ssrc, { route, sinks: [] });
  }
  for (const sink of sinks) {
    requireSsrc(sink.ssrc);
    const known = definitions.get(sink.ssrc);
    if (known === undefined) definitions.set(sink.ssrc, { route: null, sinks: [sink] });
    else known.sinks.push(sink);
  }
  return definitions;
}

function requireSsrc(ssrc: number): void {
  if (Number.isInteger(ssrc) && ssrc >= 0 && ssrc <= 0xffff_ffff) return;
  throw new PathError('table.invalid', `${ssrc} is not an SSRC. Give an integer from 0 to 4294967295.`);
}

/** @throws {PathError} `address.invalid`, `table.invalid` */
function originHost({ to, from }: PathOrigin): string {
  const host = normalizeHost(from);
  if (isIpv6Host(host) === isIpv6Host(to.host)) return host;
  throw new PathError(
    'table.invalid',
    `Packets to ${to.host} cannot leave from ${from}. Name an address of its family.`,
  );
}

function sameOrigin(a: PathOrigin, b: PathOrigin): boolean {
  return a.from === b.from && sameEndpoint(a.to, b.to);
}

function sameDefinition(before: Definition | undefined, now: Definition): boolean {
  return (
    before !== undefined &&
    sameRoute(before.route, now.route) &&
    sameItems(before.sinks, now.sinks, (a, b) => sameItems(a.from, b.from, sameEndpoint))
  );
}

function sameRoute(a: PathRoute | null, b: PathRoute | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return (
    a.limitBps === b.limitBps &&
    a.burstMs === b.burstMs &&
    a.media === b.media &&
    (a.upstream === b.upstream ||
      (a.upstream !== null && b.upstream !== null && sameItems(a.upstream, b.upstream, sameEndpoint))) &&
    sameItems(a.legs, b.legs, sameLeg) &&
    a.clear?.limitBps === b.clear?.limitBps &&
    sameItems(a.clear?.legs ?? [], b.clear?.legs ?? [], sameLeg)
  );
}

function sameLeg(a: PathLeg, b: PathLeg): boolean {
  return a.slices === b.slices && sameEndpoint(a.to, b.to);
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.host === b.host && a.channel === b.channel;
}

/** The same items in the same order. Who gives the same object again has not changed it. */
function sameItems<Item>(a: readonly Item[], b: readonly Item[], same: (a: Item, b: Item) => boolean): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    const [left, right] = [a[index], b[index]];
    if (left !== right && (left === undefined || right === undefined || !same(left, right))) return false;
  }
  return true;
}
