/** What reached whom: counted by the receivers over windows of sequence numbers that the senders named. */
import type { PeerReport } from '../../../actors/call/control.ts';
import type { PeerId, StreamName } from '../../../machines/messages.ts';

/** What each peer reported at one moment. */
export type Snapshot = ReadonlyMap<PeerId, PeerReport>;

/** Packets of a stream by extended sequence number: from (inclusive) to (exclusive). */
export interface StreamWindow {
  readonly source: PeerId;
  readonly stream: StreamName;
  /** Of which the stream is a layer. */
  readonly group: StreamName | null;
  readonly from: number;
  readonly to: number;
}

export interface PairDelivery {
  readonly source: PeerId;
  readonly stream: StreamName;
  readonly receiver: PeerId;
  /** `direct`, or who relayed; several where the stream is split or its way changed. */
  readonly via: readonly string[];
  /** Packets sent. */
  readonly expected: number;
  /** Distinct packets that reached the sink. */
  readonly received: number;
  readonly lost: number;
  /** Copies of a packet that reached the sink after the first. */
  readonly duplicates: number;
}

export const DIRECT = 'direct';

/** What was sent of every stream between two snapshots; an empty window where nothing had been at the first one. */
export function windowsBetween(before: Snapshot, after: Snapshot): StreamWindow[] {
  return [...after].flatMap(([source, { streams }]) =>
    streams.map(({ stream, group, sent }) => {
      const to = (sent ?? 0) + 1;
      const from = before.get(source)?.streams.find((known) => known.stream === stream)?.sent;
      return { source, stream, group, from: from === undefined || from === null ? to : from + 1, to };
    }),
  );
}

/**
 * What the receivers say of windows they were asked about; every receiver expects every stream but its own, and of a group the
 * layer that it gets.
 *
 * @param wants whether a receiver wants anything of a source; left out: everybody all
 */
export function deliveriesIn(
  windows: readonly StreamWindow[],
  answers: Snapshot,
  wants: (receiver: PeerId, source: PeerId) => boolean = () => true,
): PairDelivery[] {
  const shown = new Map<string, StreamWindow[]>();
  for (const window of windows) {
    const key = `${window.source}/${window.group ?? window.stream}`;
    shown.set(key, [...(shown.get(key) ?? []), window]);
  }
  return [...shown.values()].flatMap((layers) =>
    [...answers]
      .filter(([receiver]) => layers.every(({ source }) => receiver !== source && wants(receiver, source)))
      .flatMap(([receiver, report]) => gotten(layers.map((window) => deliveryTo(receiver, report, window)))),
  );
}

/** Of deliveries of the same at several rates those that count: what came, and where nothing did, what was sent most of. */
function gotten(layers: readonly PairDelivery[]): PairDelivery[] {
  const came = layers.filter(({ received }) => received > 0);
  return came.length > 0 ? came : layers.toSorted((a, b) => b.expected - a.expected).slice(0, 1);
}

function deliveryTo(receiver: PeerId, report: PeerReport, { source, stream, from, to }: StreamWindow): PairDelivery {
  const counted = report.receptions.find((known) => known.source === source && known.stream === stream)?.window;
  const received = counted?.received ?? 0;
  const expected = to - from;
  return {
    source,
    stream,
    receiver,
    via: waysOf(source, counted?.via ?? {}),
    expected,
    received,
    lost: expected - received,
    duplicates: counted?.duplicates ?? 0,
  };
}

/** Direct first, then the relays by name. */
function waysOf(source: PeerId, via: Readonly<Record<PeerId, number>>): string[] {
  const senders = Object.keys(via).filter((sender) => (via[sender] ?? 0) > 0);
  const relays = senders.filter((sender) => sender !== source).sort();
  return senders.includes(source) ? [DIRECT, ...relays] : relays;
}

/** The deliveries of two windows, one after the other, as those of one. */
export function joinDeliveries(first: readonly PairDelivery[], second: readonly PairDelivery[]): PairDelivery[] {
  const joined = new Map(first.map((delivery) => [keyOf(delivery), delivery]));
  for (const delivery of second) {
    const before = joined.get(keyOf(delivery));
    joined.set(keyOf(delivery), before === undefined ? delivery : sum(before, delivery));
  }
  return [...joined.values()];
}

function keyOf({ source, stream, receiver }: PairDelivery): string {
  return `${source}/${stream} ${receiver}`;
}

function sum(a: PairDelivery, b: PairDelivery): PairDelivery {
  return {
    source: a.source,
    stream: a.stream,
    receiver: a.receiver,
    via: [...new Set([...a.via, ...b.via])].sort(
      (x, y) => Number(y === DIRECT) - Number(x === DIRECT) || (x < y ? -1 : 1),
    ),
    expected: a.expected + b.expected,
    received: a.received + b.received,
    lost: a.lost + b.lost,
    duplicates: a.duplicates + b.duplicates,
  };
}

/** A pair is served when something of the stream was sent and the receiver got each packet once. */
export function isServed({ expected, lost, duplicates }: PairDelivery): boolean {
  return expected > 0 && lost === 0 && duplicates === 0;
}

/** The share of packets that arrived, 0..1. */
export function deliveredShare(deliveries: readonly PairDelivery[]): number {
  const total = (key: 'expected' | 'received') => deliveries.reduce((sum, delivery) => sum + delivery[key], 0);
  return total('expected') === 0 ? 0 : total('received') / total('expected');
}
